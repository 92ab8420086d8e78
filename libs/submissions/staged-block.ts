import type { StagedRow } from './staged.js';
import { lineOf } from './staged-text.js';

const START_BYTES = 64 * 1024;
/** UTF-8 of one UTF-16 unit. */
const BYTES_OF_UNIT_MAX = 3;
const LINE_FEED = 0x0a;

/** Where a piece of bytes lies. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/**
 * A block of staged rows as the bytes that go into the database: what `writeStaged` writes, in UTF-8. A line becomes
 * bytes as soon as it is whole, so that nothing of a row waits for the last one of its block.
 */
export class StagedBlock {
  #buffer: Buffer;
  #length = 0;
  #rows = 0;
  /** Null: one of the rows has to be decided again in any case. */
  #openProjects: Set<string> | null = new Set();

  /** @param bytes about how many there will be */
  constructor(bytes = START_BYTES) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
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
    return this.#buffer.subarray(0, this.#length);
  }

  /** Projects that its payments lean on as open ones; null where a row has to be decided again in any case. */
  get openProjects(): readonly string[] | null {
    return this.#openProjects && [...this.#openProjects];
  }

  add(row: StagedRow): void {
    if (!row.decided) this.#openProjects = null;
    this.#begin(row.decided?.openProjectId ?? null);
    this.#write(lineOf(row));
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
    this.#copy(head);
    this.#write(decision);
    this.#copy(tail);
  }

  #begin(openProjectId: string | null): void {
    if (openProjectId !== null) this.#openProjects?.add(openProjectId);
    if (this.#rows > 0) {
      this.#reserve(1);
      this.#buffer[this.#length] = LINE_FEED;
      this.#length += 1;
    }
    this.#rows += 1;
  }

  #write(text: string): void {
    this.#reserve(text.length * BYTES_OF_UNIT_MAX);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  #copy({ bytes, from, to }: Piece): void {
    this.#reserve(to - from);
    this.#buffer.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
