import fc from 'fast-check';
import { BrokenRecord, csvRecords, recordsOfLibrary } from './csv-records.js';
import { ROW_BYTES_MAX } from './limits.js';

type Reader = typeof csvRecords;

/** All records of a text that comes in chunks of these sizes, and where it breaks off. */
async function read(reader: Reader, text: string, sizes: readonly number[], delimiter = ',') {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? bytes.length;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }
  const records: string[][] = [];
  try {
    for await (const some of reader(chunks(), delimiter)) records.push(...some);
    return { records, broken: null };
  } catch (error) {
    if (!(error instanceof BrokenRecord)) throw error;
    return { records, broken: [error.cause.code, error.records] };
  }
}

const piece = fc.constantFrom(
  ...['a', 'b c', '二', '😀', ' ', '', '1.5', '\u00a0', '\ufeff', '\0'],
  ...[',', ',', ',', ';', '\t', '\n', '\n', '\r\n', '\r', '\n\n'],
);
const quoted = fc.constantFrom(
  '"',
  '""',
  '"a"',
  '"a,b"',
  '"二""三"',
  '"a\nb"',
  '"a\r',
  ',"x",',
  '"\n',
);
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });

const joined = (...pieces: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.array(fc.oneof(...pieces), { maxLength: 40 }).map((parts) => parts.join(''));

/** The library forgets records that nobody had asked for when it breaks off: what it gave is how ours begin. */
async function expectAsLibrary(text: string, sizes: readonly number[], delimiter = ',') {
  const whole = [Buffer.byteLength(text) + 1];
  const expected = await read(recordsOfLibrary, text, whole, delimiter);
  const { records, broken } = await read(csvRecords, text, sizes, delimiter);
  expect(broken).toEqual(expected.broken);
  expect(records.slice(0, expected.records.length)).toEqual(expected.records);
  if (broken) expect(records.length).toBeLessThanOrEqual(Number(broken[1]));
  else expect(records).toEqual(expected.records);
}

describe('records of a CSV text', () => {
  it.each([
    ['without quotes', joined(piece)],
    ['with quotes anywhere', joined(piece, piece, piece, quoted)],
    ['of quotes', joined(piece, quoted)],
    ['of any characters', fc.string({ unit: 'binary' })],
  ])('%s are those the library reads, and break off where it does', async (_, texts) => {
    const delimiters = fc.constantFrom(',', ';', '\t');
    await fc.assert(
      fc.asyncProperty(texts, sizes, delimiters, async (text, by, delimiter) => {
        await expectAsLibrary(text, by, delimiter);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['a line too long', `h\n${'x'.repeat(ROW_BYTES_MAX + 1)}\nz`],
    ['a long line', `h\n${'二'.repeat(ROW_BYTES_MAX / 4)}\nz\n`],
    ['a long quoted cell', `h\n"${'x\n'.repeat(ROW_BYTES_MAX / 8)}"\nz\n`],
    ['a quote that swallows the rest', `h\na\n"${'x\n'.repeat(ROW_BYTES_MAX)}`],
    ['no line feed in a large file', 'a,b\r'.repeat(ROW_BYTES_MAX / 8)],
  ])('with %s are those the library reads', async (_, text) => {
    await expectAsLibrary(text, [65_536]);
  });

  it('are counted from the beginning where they break off behind lines that were cut here', async () => {
    expect(await read(csvRecords, 'a\n\n"b"\nc"d\n', [3])).toMatchObject({
      records: [['a'], [''], ['b']],
      broken: ['INVALID_OPENING_QUOTE', 3],
    });
  });

  it('end what they are made of when nobody wants more', async () => {
    let isEnded = false;
    async function* chunks(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.from('a\n');
      } finally {
        isEnded = true;
      }
    }
    for await (const records of csvRecords(chunks(), ',')) if (records.length > 0) break;
    expect(isEnded).toBe(true);
  });
});
