import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { type Entry, fromBufferPromise } from 'yauzl';

/** A value as the bytes of one way to write it. */
interface Needle {
  readonly value: string;
  readonly way: string;
  readonly bytes: Buffer;
}

const ENCODINGS = ['utf8', 'utf16le', 'utf16be', 'gbk'];
const HEAD = 3;
const NESTED_MAX = 4;

/** Base64 shows a value in three ways, by where its first byte stands in a group of three; the letters at its ends are others'. */
function base64Of(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const inAll = before + bytes.length;
  return text.slice(Math.ceil((before * 4) / 3), Math.floor((inAll * 4) / 3));
}

function* waysToWrite(value: string): Generator<readonly [way: string, bytes: Buffer]> {
  for (const encoding of ENCODINGS) {
    const bytes = iconv.encode(value, encoding);
    yield [encoding, bytes];
    yield [`hex of ${encoding}`, Buffer.from(bytes.toString('hex'))];
    yield [`HEX of ${encoding}`, Buffer.from(bytes.toString('hex').toUpperCase())];
    for (const before of [0, 1, 2]) {
      const text = base64Of(bytes, before);
      yield [`base64 of ${encoding}`, Buffer.from(text)];
      yield [`base64url of ${encoding}`, Buffer.from(text.replace(/\+/g, '-').replace(/\//g, '_'))];
    }
    const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    yield [`percent of ${encoding}`, Buffer.from(percent)];
    yield [`PERCENT of ${encoding}`, Buffer.from(percent.toUpperCase())];
  }
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
  const escaped = units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  yield ['escapes', Buffer.from(escaped)];
  yield ['ESCAPES', Buffer.from(escaped.replace(/[a-f]/g, (digit) => digit.toUpperCase()))];
  yield ['entities', Buffer.from(units.map((unit) => `&#${unit};`).join(''))];
}

/**
 * Looks for values in bytes: in UTF-8, UTF-16, GBK, each also as hex, base64 (wherever it begins) and percent-encoded;
 * as escapes of JSON and entities of HTML; and in what is packed by gzip or zip, at any depth to four. What is encrypted,
 * packed in another way, or drawn by a font's own numbers (PDF) it does not see.
 */
export class Needles {
  readonly #byHead = new Map<number, Needle[]>();
  /** One bit a head of three bytes: nearly every place is passed by one look. */
  readonly #heads = new Uint8Array(1 << 21);

  constructor(values: readonly string[]) {
    for (const value of values) {
      for (const [way, bytes] of waysToWrite(value)) this.#add({ value, way, bytes });
    }
  }

  #add(needle: Needle): void {
    const head = needle.bytes.readUIntBE(0, HEAD);
    const same = this.#byHead.get(head) ?? [];
    if (same.some(({ bytes }) => bytes.equals(needle.bytes))) return;
    this.#byHead.set(head, [...same, needle]);
    this.#heads[head >> 3]! |= 1 << (head & 7);
  }

  /** Every value that stands in the bytes, with the way it is written and the place: `way value in place`. */
  async within(bytes: Buffer, place: string, depth = 0): Promise<string[]> {
    const found = this.#plainly(bytes).map((what) => `${what} in ${place}`);
    if (depth < NESTED_MAX) {
      for await (const [name, inner] of packedIn(bytes)) {
        found.push(...(await this.within(inner, `${place} > ${name}`, depth + 1)));
      }
    }
    return found;
  }

  #plainly(bytes: Buffer): string[] {
    const found = new Set<string>();
    let head = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      head = ((head << 8) | bytes[at]!) & 0xffffff;
      if ((this.#heads[head >> 3]! & (1 << (head & 7))) === 0 || at < HEAD - 1) continue;
      const from = at - HEAD + 1;
      for (const { value, way, bytes: needle } of this.#byHead.get(head) ?? []) {
        const end = from + needle.length;
        if (end > bytes.length || bytes.compare(needle, 0, needle.length, from, end) !== 0)
          continue;
        found.add(`${way} ${value}`);
      }
    }
    return [...found];
  }
}

async function* packedIn(bytes: Buffer): AsyncGenerator<readonly [name: string, bytes: Buffer]> {
  if (bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) yield ['gzip', gunzipSync(bytes)];
  if (!bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004'))) return;
  const zip = await fromBufferPromise(bytes, { lazyEntries: true });
  for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
    const stream = await zip.openReadStreamPromise(entry);
    yield [entry.fileName, await buffer(Readable.from(stream))];
  }
}
