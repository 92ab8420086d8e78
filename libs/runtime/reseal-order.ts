import type { RowToReseal } from '@fundflow/vault/row-under';
import { oneBehindTheOther, type Pieces, piecesOf } from './pieces.js';
import type { ThreadKeys } from './thread-keys.js';

/** What the sealing thread is asked beside sealing: rows to be sealed anew, as pieces subject, row and held key of each. */
export interface ResealingOrder extends Pieces {
  readonly number: number;
  readonly keys: ThreadKeys;
  readonly recordKeys: readonly string[];
}

/** What it answers: a row that is empty could not be sealed there. */
export interface ResealingAnswer extends Pieces {
  readonly number: number;
}

const PIECES = 3;
const NOTHING = Buffer.alloc(0);

/** Rows as they go there. */
export function rowsWritten(
  rows: readonly RowToReseal[],
): Pieces & Pick<ResealingOrder, 'recordKeys'> {
  return {
    recordKeys: rows.map(({ recordKey }) => recordKey),
    ...oneBehindTheOther(rows.flatMap(({ subject, sealed, held }) => [subject, sealed, held])),
  };
}

/** As they arrive. */
export function rowsArrived({ recordKeys, ...written }: ResealingOrder): RowToReseal[] {
  const pieces = piecesOf(written);
  return recordKeys.map((recordKey, nth) => {
    const [subject = NOTHING, sealed = NOTHING, held = NOTHING] = pieces.slice(
      nth * PIECES,
      (nth + 1) * PIECES,
    );
    return { recordKey, subject, sealed, held };
  });
}

/** Rows sealed anew as they go back. */
export const sealedWritten = (rows: readonly (Buffer | null)[]): Pieces =>
  oneBehindTheOther(rows.map((row) => row ?? NOTHING));

/** As they come back. */
export const sealedArrived = (answer: ResealingAnswer): (Buffer | null)[] =>
  piecesOf(answer).map((row) => (row.length === 0 ? null : row));
