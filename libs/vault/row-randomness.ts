import { randomFillSync } from 'node:crypto';
import { NONCE_BYTES, SYMMETRIC_KEY_BYTES } from './cipher.js';
import { OPENING_BYTES, PERSONAL_FIELDS } from './commitment.js';

/** What a row takes of randomness. */
export interface RowRandomness {
  readonly key: Buffer;
  readonly keyNonce: Buffer;
  readonly bodyNonce: Buffer;
  /** One a field. */
  readonly openings: readonly Buffer[];
}

const ROWS = 256;
const LENGTHS = [
  ...[SYMMETRIC_KEY_BYTES, NONCE_BYTES, NONCE_BYTES],
  ...PERSONAL_FIELDS.map(() => OPENING_BYTES),
];
const ROW_BYTES = LENGTHS.reduce((sum, length) => sum + length, 0);

// One call a row for randomness would cost as much as its encryption, and cutting it half as much: both are done once for
// many, and the pieces are used again with other bytes in them.
const pool = Buffer.alloc(ROWS * ROW_BYTES);
let rows: readonly RowRandomness[] = [];
let used = 0;

/** Valid until the next call. */
export function takeRandomness(): RowRandomness {
  if (used === rows.length) {
    randomFillSync(pool);
    if (rows.length === 0) rows = Array.from({ length: ROWS }, (_, at) => rowAt(at * ROW_BYTES));
    used = 0;
  }
  used += 1;
  return rows[used - 1] as RowRandomness;
}

function rowAt(from: number): RowRandomness {
  let at = from;
  const [key, keyNonce, bodyNonce, ...openings] = LENGTHS.map((length) => {
    at += length;
    return pool.subarray(at - length, at);
  }) as [Buffer, Buffer, Buffer, ...Buffer[]];
  return { key, keyNonce, bodyNonce, openings };
}
