import { type KeyObject, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const [INNER_PAD, OUTER_PAD] = [0x36, 0x5c];
const TEXT_BYTES_REUSED_MAX = 4_096;
/** Texts of up to so many bytes find their piece of the buffer made already. */
const PIECES_KEPT_MAX = 256;

/**
 * HMAC-SHA256 (RFC 2104) of texts in UTF-8 by two hashes of one call each: for texts of a name's length an object of
 * `createHmac` costs ten times as much as what it works out. What a key makes of the two blocks is worked out when it
 * changes; the text is written behind it, over the one before, and behind what all of them begin with.
 */
class KeyedBlocks {
  readonly #inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_REUSED_MAX, INNER_PAD);
  readonly #textAt: number;
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OUTER_PAD);
  readonly #pieces: Buffer[] = [];
  #keyBytes = 0;

  constructor(start: string) {
    this.#textAt = BLOCK_BYTES + this.#inner.write(start, BLOCK_BYTES, 'utf8');
  }

  /** @throws RangeError for a key of more than a block, which would have to be hashed first */
  useKey(key: Uint8Array): this {
    if (key.length > BLOCK_BYTES) throw new RangeError(`a key of ${key.length} bytes`);
    const bytes = Math.max(key.length, this.#keyBytes);
    for (let at = 0; at < bytes; at += 1) {
      const byte = at < key.length ? (key[at] as number) : 0;
      this.#inner[at] = byte ^ INNER_PAD;
      this.#outer[at] = byte ^ OUTER_PAD;
    }
    this.#keyBytes = key.length;
    return this;
  }

  hash(text: string, form: 'binary' | 'base64url'): string {
    this.#outer.write(hash('sha256', this.#padded(text), 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', this.#outer, form);
  }

  #padded(text: string): Buffer {
    // UTF-8 takes at most three bytes a code unit.
    if (text.length * 3 > this.#inner.length - this.#textAt) {
      return Buffer.concat([this.#inner.subarray(0, this.#textAt), Buffer.from(text, 'utf8')]);
    }
    const bytes = this.#inner.write(text, this.#textAt, 'utf8');
    if (bytes > PIECES_KEPT_MAX) return this.#inner.subarray(0, this.#textAt + bytes);
    return (this.#pieces[bytes] ??= this.#inner.subarray(0, this.#textAt + bytes));
  }
}

/**
 * HMAC-SHA256 of a text in UTF-8.
 *
 * @param key at most 64 bytes; one that comes again and again as a `KeyObject`
 * @param form `binary`: a character a byte
 * @throws RangeError for a longer key
 */
export type KeyedHash = (
  key: KeyObject | Uint8Array,
  text: string,
  form: 'binary' | 'base64url',
) => string;

/** Of texts that all begin so: their beginning is written once, and never put together with them. */
export function keyedHashOf(start: string): KeyedHash {
  const ofAnyKey = new KeyedBlocks(start);
  const ofObjects = new WeakMap<KeyObject, KeyedBlocks>();
  const blocksOf = (key: KeyObject): KeyedBlocks => {
    const known = ofObjects.get(key);
    if (known) return known;
    const blocks = new KeyedBlocks(start).useKey(key.export());
    ofObjects.set(key, blocks);
    return blocks;
  };
  return (key, text, form) => {
    const blocks = key instanceof Uint8Array ? ofAnyKey.useKey(key) : blocksOf(key);
    return blocks.hash(text, form);
  };
}

export const keyedHash: KeyedHash = keyedHashOf('');

/** The same as bytes. */
export const keyedDigest = (key: KeyObject | Uint8Array, text: string): Buffer =>
  Buffer.from(keyedHash(key, text, 'binary'), 'binary');
