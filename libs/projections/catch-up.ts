import type { EventStore } from '@fundflow/event-store/event-store';
import type { Pool } from 'pg';
import { type FoldedPage, type FoldFailure, foldPage } from './fold-page.js';
import { PageReader } from './page-reader.js';
import { writePage } from './page-writer.js';
import { CannotFold, type Projection } from './projection.js';

export interface CatchUpSettings {
  readonly store: Pick<EventStore, 'readRecordBytes'>;
  readonly pool: Pool;
  /** The copy of the tables. */
  readonly schema: string;
  readonly projections: readonly Projection[];
  readonly pageSizeMax?: number;
}

/** What one page came to. */
export interface Step {
  /** `caught-up`: nothing to read. `overtaken`: somebody else moved the checkpoint, read it again. */
  readonly outcome: 'written' | 'caught-up' | 'overtaken' | 'failed';
  /** Checkpoint afterwards, as far as this process knows. */
  readonly position: bigint;
  readonly failure: FoldFailure | null;
  /** The page was full: there is more behind it. */
  readonly full: boolean;
}

/**
 * Brings the tables up to the log, page by page: while a page is written, the next is read and folded. Who calls `step`
 * decides when to go on.
 */
export class CatchUp {
  readonly #reader: PageReader;
  #ahead: (Span & { readonly folded: Promise<Ahead> }) | null = null;

  constructor(private readonly settings: CatchUpSettings) {
    this.#reader = new PageReader(settings.store, settings.pageSizeMax);
  }

  /**
   * Reads, folds and writes the page behind `after`.
   *
   * @param upTo read nothing behind this position
   * @throws whatever store and database say; nothing of the page was written
   */
  async step(after: bigint, upTo: bigint | null = null): Promise<Step> {
    const ahead = this.#ahead;
    this.#ahead = null;
    const { folded, full } = await (ahead?.after === after && ahead.upTo === upTo
      ? ahead.folded
      : this.#fold(after, upTo));
    const { page, failure } = folded;
    if (!page) {
      const outcome = failure ? 'failed' : 'caught-up';
      return { outcome, position: after, failure, full };
    }
    if (full && !failure) this.#foldAhead(page.upTo, upTo);
    return { ...(await this.#write(after, folded)), full };
  }

  async #fold(after: bigint, upTo: bigint | null): Promise<Ahead> {
    const read = await this.#reader.read(after, upTo);
    const full = read.records.length === this.#reader.pageSize;
    const folded = await foldPage({ ...read, atHead: !full }, this.settings.projections);
    return { folded, full };
  }

  #foldAhead(after: bigint, upTo: bigint | null): void {
    const folded = this.#fold(after, upTo);
    // Whoever asks for it gets the error; nobody may, and then it is no error.
    folded.catch(() => undefined);
    this.#ahead = { after, upTo, folded };
  }

  async #write(after: bigint, folded: FoldedPage): Promise<Omit<Step, 'full'>> {
    const { page, failure } = folded;
    const client = await this.settings.pool.connect();
    let broken = true;
    try {
      const written = await writePage(client, this.settings.schema, folded);
      broken = false;
      if (!written) return { outcome: 'overtaken', position: after, failure: null };
      const position = page?.upTo ?? after;
      return { outcome: failure ? 'failed' : 'written', position, failure };
    } catch (error) {
      if (!(error instanceof CannotFold)) throw error;
      broken = false;
      return await this.#writeBefore(after, error);
    } finally {
      // A connection in an unknown state is not used again.
      client.release(broken);
    }
  }

  /** The tables contradict an event: what lies before it is folded and written, and there it ends. */
  async #writeBefore(
    after: bigint,
    { position, message }: CannotFold,
  ): Promise<Omit<Step, 'full'>> {
    this.#ahead = null;
    const failure = { position, message };
    if (position <= after) throw new Error(message);
    const records = await this.settings.store.readRecordBytes(after, this.#reader.pageSize);
    const read = { after, records, atHead: false };
    const { page, folds } = await foldPage(read, this.settings.projections, position - 1n);
    const step = await this.#write(after, { page, folds, failure });
    return step;
  }
}

interface Span {
  readonly after: bigint;
  readonly upTo: bigint | null;
}

interface Ahead {
  readonly folded: FoldedPage;
  /** More may lie behind it. */
  readonly full: boolean;
}
