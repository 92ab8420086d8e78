/** The UTF-8 of a record where it is at hand as bytes, otherwise its text. */
export type RecordUtf8 = string | Uint8Array;

/** Of one piece of memory that records are cut from; it is given back when none of them is left. */
const SLAB_BYTES = 131_072;
/** UTF-8 bytes of one UTF-16 code unit at most. */
const BYTES_OF_A_UNIT = 3;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * The UTF-8 of a well-formed text, outside the collector's heap: a record waits for its append longer than the young
 * generation lasts, and as a text it would be copied by every collection until then.
 */
export function utf8Of(text: string): Uint8Array {
  const most = text.length * BYTES_OF_A_UNIT;
  if (most > SLAB_BYTES) return Buffer.from(text, 'utf8');
  if (used + most > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const from = used;
  used += slab.write(text, from, 'utf8');
  return slab.subarray(from, used);
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws TypeError for bytes that are no UTF-8 */
export const textOf = (record: RecordUtf8): string =>
  typeof record === 'string' ? record : decoder.decode(record);
