import type { MediaType } from './events.js';

/** Bytes from the beginning that tell what a file is. */
export const HEAD_BYTES = 64;

const startsWith = (head: Uint8Array, ...bytes: readonly number[]): boolean =>
  head.length >= bytes.length && bytes.every((byte, i) => head[i] === byte);

const asciiAt = (head: Uint8Array, at: number, text: string): boolean =>
  [...text].every((character, i) => head[at + i] === character.charCodeAt(0));

/** Name of the first member of a zip begins here (APPNOTE 4.3.7). */
const ZIP_NAME_AT = 30;

/**
 * What a file is by its first `HEAD_BYTES` bytes; null for what is not on the list. PDF (ISO 32000-1, 7.5.2), PNG (ISO
 * 15948, 5.2), JPEG (ITU-T T.81, B.1.1.3), OFD (GB/T 33190, a zip that begins with OFD.xml).
 */
export function mediaTypeOf(head: Uint8Array): MediaType | null {
  if (asciiAt(head, 0, '%PDF-')) return 'application/pdf';
  if (startsWith(head, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (startsWith(head, 0xff, 0xd8, 0xff)) return 'image/jpeg';
  const isZip = startsWith(head, 0x50, 0x4b, 0x03, 0x04);
  return isZip && asciiAt(head, ZIP_NAME_AT, 'OFD.xml') ? 'application/ofd' : null;
}
