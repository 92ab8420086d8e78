import { type KeyObject, hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const [INNER_PAD, OUTER_PAD] = [0x36, 0x5c];
const TEXT_BYTES_REUSED_MAX = 4_096;

// One buffer for all short texts, overwritten by the next.
const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_REUSED_MAX);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

const exported = new WeakMap<KeyObject, Uint8Array>();

/**
 * HMAC-SHA256 (RFC 2104) of a text in UTF-8, by two hashes of one call each: for texts of a name's length an object of
 * `createHmac` costs twice as much as what it works out, and a person's row needs six of them.
 *
 * @param key at most 64 bytes
 * @param form `binary`: a character a byte
 * @throws RangeError for a longer key, which would have to be hashed first
 */
export function keyedHash(
  key: KeyObject | Uint8Array,
  text: string,
  form: 'binary' | 'base64url',
): string {
  const bytes = key instanceof Uint8Array ? key : bytesOf(key);
  if (bytes.length > BLOCK_BYTES) throw new RangeError(`a key of ${bytes.length} bytes`);
  for (let at = 0; at < BLOCK_BYTES; at += 1) {
    const byte = at < bytes.length ? (bytes[at] as number) : 0;
    inner[at] = byte ^ INNER_PAD;
    outer[at] = byte ^ OUTER_PAD;
  }
  outer.write(hash('sha256', padded(text), 'binary'), BLOCK_BYTES, 'binary');
  return hash('sha256', outer, form);
}

/** The same as bytes. */
export const keyedDigest = (key: KeyObject | Uint8Array, text: string): Buffer =>
  Buffer.from(keyedHash(key, text, 'binary'), 'binary');

function padded(text: string): Buffer {
  // UTF-8 takes at most three bytes a code unit.
  if (text.length * 3 > TEXT_BYTES_REUSED_MAX) {
    return Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(text, 'utf8')]);
  }
  return inner.subarray(0, BLOCK_BYTES + inner.write(text, BLOCK_BYTES, 'utf8'));
}

function bytesOf(key: KeyObject): Uint8Array {
  const known = exported.get(key);
  if (known) return known;
  const bytes = key.export();
  exported.set(key, bytes);
  return bytes;
}
