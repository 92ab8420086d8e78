import { refuseFile } from '../file-refusal.js';
import { SHARED_BYTES_MAX } from '../limits.js';
import { withoutEscapes } from './cell-values.js';
import { type XmlHandlers, parseXml } from './xml.js';

const BLOCK_BYTES = 1024 ** 2;
/** Texts kept decoded: units, fund types and methods come again and again. */
const DECODED_MAX = 4_096;

/**
 * The texts that cells of a workbook share, packed as UTF-8 outside the heap: a million names cost
 * their bytes and no objects.
 */
export class SharedTexts {
  readonly #blocks: Buffer[] = [];
  #ends = new Float64Array(1024);
  #count = 0;
  #bytes = 0;
  readonly #decoded = new Map<number, string>();

  /** @throws FileRefused too-large */
  add(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#bytes += bytes.length;
    if (this.#bytes > SHARED_BYTES_MAX)
      throw refuseFile('too-large', '工作簿中的文本过多，请分次报送');
    let from = this.#bytes - bytes.length;
    for (let copied = 0; copied < bytes.length;) {
      const block = this.#blockAt(from);
      const taken = bytes.copy(block, from % BLOCK_BYTES, copied);
      copied += taken;
      from += taken;
    }
    if (this.#count === this.#ends.length) this.#grow();
    this.#ends[this.#count] = this.#bytes;
    this.#count += 1;
  }

  #blockAt(offset: number): Buffer {
    const index = Math.floor(offset / BLOCK_BYTES);
    const block = this.#blocks[index] ?? Buffer.alloc(BLOCK_BYTES);
    this.#blocks[index] = block;
    return block;
  }

  #grow(): void {
    const longer = new Float64Array(this.#ends.length * 2);
    longer.set(this.#ends);
    this.#ends = longer;
  }

  /** Null when there is no such text. */
  at(index: number): string | null {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return null;
    const known = this.#decoded.get(index);
    if (known !== undefined) return known;
    const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    const text = this.#decode(from, this.#ends[index] ?? from);
    if (this.#decoded.size >= DECODED_MAX) this.#decoded.clear();
    this.#decoded.set(index, text);
    return text;
  }

  #decode(from: number, to: number): string {
    const first = Math.floor(from / BLOCK_BYTES);
    const start = from % BLOCK_BYTES;
    const length = to - from;
    const block = this.#blocks[first];
    if (length === 0 || !block) return '';
    if (start + length <= BLOCK_BYTES) return block.toString('utf8', start, start + length);
    const last = Math.floor((to - 1) / BLOCK_BYTES);
    const blocks = Buffer.concat(this.#blocks.slice(first, last + 1));
    return blocks.toString('utf8', start, start + length);
  }
}

/**
 * Reads `sharedStrings.xml`; the runs of a rich text are joined, the readings above characters left
 * out.
 */
export async function readSharedTexts(chunks: AsyncIterable<Buffer>): Promise<SharedTexts> {
  const texts = new SharedTexts();
  let current = '';
  let isText = false;
  let isReading = false;
  const handlers: XmlHandlers = {
    open(name) {
      if (name === 'si') current = '';
      else if (name === 'rPh') isReading = true;
      else if (name === 't') isText = !isReading;
    },
    close(name) {
      if (name === 'si') texts.add(withoutEscapes(current));
      else if (name === 'rPh') isReading = false;
      else if (name === 't') isText = false;
    },
    text(text) {
      if (isText) current += text;
    },
  };
  for await (const _ of parseXml(chunks, handlers));
  return texts;
}
