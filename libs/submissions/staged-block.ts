import { GrowingBytes, type Piece } from './growing-bytes.js';
import type { StagedRow } from './staged.js';
import { lineOf } from './staged-text.js';

const START_BYTES = 64 * 1024;

/**
 * A block of staged rows as the bytes that go into the database: what `writeStaged` writes, in UTF-8. A line becomes
 * bytes as soon as it is whole, so that nothing of a row waits for the last one of its block.
 */
export class StagedBlock {
  readonly #text: GrowingBytes;
  #rows = 0;
  /** Null: one of the rows has to be decided again in any case. */
  #openProjects: Set<string> | null = new Set();

  /** @param bytes about how many there will be */
  constructor(bytes = START_BYTES) {
    this.#text = new GrowingBytes(bytes);
  }

  static of(rows: readonly StagedRow[]): StagedBlock {
    const block = new StagedBlock();
    for (const row of rows) block.add(row);
    return block;
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): Buffer {
    return this.#text.written;
  }

  /** Projects that its payments lean on as open ones; null where a row has to be decided again in any case. */
  get openProjects(): readonly string[] | null {
    return this.#openProjects && [...this.#openProjects];
  }

  add(row: StagedRow): void {
    if (!row.decided) this.#openProjects = null;
    this.#begin(row.decided?.openProjectId ?? null);
    this.#text.write(lineOf(row));
  }

  /**
   * A decided payment whose line lies there but for what its decision adds.
   *
   * @param head the cells before those of the decision, `headOf`
   * @param decision the text between the two, beginning with the payee's region
   * @param tail the rest of its content
   */
  addPieces(head: Piece, decision: string, tail: Piece, openProjectId: string | null): void {
    this.#begin(openProjectId);
    this.#text.copy(head);
    this.#text.write(decision);
    this.#text.copy(tail);
  }

  #begin(openProjectId: string | null): void {
    if (openProjectId !== null) this.#openProjects?.add(openProjectId);
    if (this.#rows > 0) this.#text.write('\n');
    this.#rows += 1;
  }
}
