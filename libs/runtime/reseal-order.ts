import type { RowToReseal } from '@fundflow/vault/row-under';
import type { ThreadKeys } from './thread-keys.js';

/** What the sealing thread is asked beside sealing: rows to be sealed anew, in `bytes` subject, row and held key of each. */
export interface ResealingOrder {
  readonly number: number;
  readonly keys: ThreadKeys;
  readonly recordKeys: readonly string[];
  readonly ends: readonly number[];
  readonly bytes: Uint8Array;
}

/** What it answers: a row that is empty could not be sealed there. */
export interface ResealingAnswer {
  readonly number: number;
  readonly ends: readonly number[];
  readonly bytes: Uint8Array;
}

const PIECES = 3;
const NOTHING = Buffer.alloc(0);

/** Rows as they go there. */
export function rowsWritten(
  rows: readonly RowToReseal[],
): Pick<ResealingOrder, 'recordKeys' | 'ends' | 'bytes'> {
  return {
    recordKeys: rows.map(({ recordKey }) => recordKey),
    ...oneBehindTheOther(rows.flatMap(({ subject, sealed, held }) => [subject, sealed, held])),
  };
}

/** As they arrive. */
export function rowsArrived({ recordKeys, ends, bytes }: ResealingOrder): RowToReseal[] {
  const pieces = piecesOf(ends, bytes);
  return recordKeys.map((recordKey, nth) => {
    const [subject = NOTHING, sealed = NOTHING, held = NOTHING] = pieces.slice(
      nth * PIECES,
      (nth + 1) * PIECES,
    );
    return { recordKey, subject, sealed, held };
  });
}

/** Rows sealed anew as they go back. */
export const sealedWritten = (
  rows: readonly (Buffer | null)[],
): Pick<ResealingAnswer, 'ends' | 'bytes'> => oneBehindTheOther(rows.map((row) => row ?? NOTHING));

/** As they come back. */
export const sealedArrived = ({ ends, bytes }: ResealingAnswer): (Buffer | null)[] =>
  piecesOf(ends, bytes).map((row) => (row.length === 0 ? null : row));

/** In memory of its own, so that it can go to the other thread. */
function oneBehindTheOther(pieces: readonly Buffer[]): {
  readonly ends: number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
} {
  let length = 0;
  const ends = pieces.map((piece) => (length += piece.length));
  const bytes = new Uint8Array(length);
  pieces.forEach((piece, at) => bytes.set(piece, (ends[at] as number) - piece.length));
  return { ends, bytes };
}

function piecesOf(ends: readonly number[], bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return ends.map((end, at) => all.subarray(at === 0 ? 0 : ends[at - 1], end));
}
