import type { StagedRow } from '../staged.js';

/** Rows held; about a kilobyte each. */
const ROWS_MAX = 4_000;
/** Larger submissions are read again when they are certified. */
const ROWS_OF_ONE_MAX = 100;

/**
 * Staged rows of small submissions handed in at this process a moment ago, so that certifying them need not read them
 * again. Staged rows never change; that one is still there says nothing about how its submission stands.
 */
export class WarmRows {
  readonly #rows = new Map<string, readonly StagedRow[]>();
  #count = 0;

  keep(id: string, rows: readonly StagedRow[]): void {
    if (rows.length > ROWS_OF_ONE_MAX) return;
    this.#rows.set(id, rows);
    this.#count += rows.length;
    for (const [oldest] of this.#rows) {
      if (this.#count <= ROWS_MAX) return;
      this.take(oldest);
    }
  }

  /** Gives them away: a submission is certified once. */
  take(id: string): readonly StagedRow[] | null {
    const rows = this.#rows.get(id);
    if (!rows) return null;
    this.#rows.delete(id);
    this.#count -= rows.length;
    return rows;
  }
}
