import { mediaTypeOf } from './media-type.js';

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const ZIP = [0x50, 0x4b, 0x03, 0x04, ...Array.from({ length: 26 }, () => 0)];

describe('what an attachment is, by its bytes', () => {
  it.each([
    ['a PDF', ascii('%PDF-1.7'), 'application/pdf'],
    ['a PNG', [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a], 'image/png'],
    ['a JPEG', [0xff, 0xd8, 0xff, 0xe0], 'image/jpeg'],
    ['an OFD', [...ZIP, ...ascii('OFD.xml')], 'application/ofd'],
    ['any other zip', [...ZIP, ...ascii('evil.exe')], null],
    ['a PDF cut off', ascii('%PDF'), null],
    ['a page of HTML', ascii('<html>'), null],
    ['a program', ascii('MZ'), null],
    ['nothing', [], null],
  ])('%s', (_what, head, type) => {
    expect(mediaTypeOf(Uint8Array.from(head))).toBe(type);
  });
});
