import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { Needles } from './needles.js';
import { zipOf } from './raw-workbook.js';

const NAME = '覃瀐耐';
const PHONE = '13977181234';
const needles = new Needles([NAME, PHONE]);
const found = async (bytes: Buffer | string): Promise<string[]> =>
  (await needles.within(Buffer.from(bytes as string), 'it')).map(
    (each) => each.split(' ')[0] ?? '',
  );

describe('a value looked for in bytes is found', () => {
  it.each(['utf8', 'utf16le', 'utf16be', 'gbk'])('in %s', async (encoding) => {
    expect(await found(iconv.encode(`收款人：${NAME}。`, encoding))).toEqual([encoding]);
  });

  it.each([0, 1, 2, 3, 4, 5])('in base64, %i bytes from its beginning', async (before) => {
    const text = Buffer.from(`${'x'.repeat(before)}${NAME}${'y'.repeat(before)}`).toString(
      'base64',
    );
    expect(await found(text)).toEqual(['base64']);
  });

  it('in hex, percent-encoded, as escapes and as entities', async () => {
    expect(await found(Buffer.from(NAME).toString('hex'))).toEqual(['hex']);
    expect(await found(encodeURIComponent(`在${NAME}`))).toEqual(['PERCENT']);
    expect(await found('\\u8983\\u7010\\u8010')).toEqual(['escapes']);
    expect(await found('&#35203;&#28688;&#32784;')).toEqual(['entities']);
  });

  it('in what is packed by gzip or zip, also one in the other', async () => {
    const packed = gzipSync(await zipOf({ 'a.txt': `电话 ${PHONE}`, 'b.gz': gzipSync(NAME) }));
    expect(await needles.within(packed, 'it')).toEqual([
      `utf8 ${PHONE} in it > gzip > a.txt`,
      `utf8 ${NAME} in it > gzip > b.gz > gzip`,
    ]);
  });

  it('at the very beginning and the very end, and nowhere else', async () => {
    expect(await found(NAME)).toEqual(['utf8']);
    expect(await found(`${NAME.slice(0, 2)}${PHONE.slice(0, 10)}`)).toEqual([]);
  });
});
