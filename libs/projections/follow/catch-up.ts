import type { EventStore } from '@fundflow/event-store/event-store';
import type { Pool } from 'pg';
import { type FoldedPage, type FoldFailure, foldPage } from './fold-page.js';
import { PageReader } from './page-reader.js';
import { writePage } from './page-writer.js';
import { CannotFold, type Projection } from '../projection.js';

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
  /** Nothing of it was for any table. */
  readonly isQuiet: boolean;
}

/** Pages folded before their turn: one that waits to be written and one under way, so that neither side stands idle. */
const AHEAD_MAX = 2;

/**
 * Brings the tables up to the log, page by page: while a page is written, the next ones are read and folded. Who calls
 * `step` decides when to go on.
 */
export class CatchUp {
  readonly #reader: PageReader;
  /** Consecutive pages, the first of them the next to be asked for. */
  #ahead: UnderWay[] = [];
  #furthest: UnderWay | null = null;
  /** Where the log goes on behind the furthest page, once that is folded. */
  #behind: Span | null = null;

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
    const { folded, full } = await this.#take({ after, upTo });
    const { page, failure, isQuiet } = folded;
    if (!page) {
      const outcome = failure ? 'failed' : 'caught-up';
      return { outcome, position: after, failure, full, isQuiet };
    }
    return { ...(await this.#write(after, folded)), full, isQuiet };
  }

  /** The page behind `after`, as it was folded ahead; folds it where others were. */
  #take(span: Span): Promise<Ahead> {
    const next = this.#ahead.shift();
    if (next?.after === span.after && next.upTo === span.upTo) {
      this.#goOn();
      return next.folded;
    }
    this.#forget();
    return this.#begin(span).folded;
  }

  #begin({ after, upTo }: Span): UnderWay {
    const page = { after, upTo, folded: this.#fold(after, upTo) };
    this.#furthest = page;
    page.folded.then(
      ({ folded, full }) => {
        if (this.#furthest !== page || !folded.page || folded.failure || !full) return;
        this.#behind = { after: folded.page.upTo, upTo };
        this.#goOn();
      },
      // Whoever asks for the page gets the error; nobody may, and then it is no error.
      () => undefined,
    );
    return page;
  }

  #goOn(): void {
    if (!this.#behind || this.#ahead.length >= AHEAD_MAX) return;
    const span = this.#behind;
    this.#behind = null;
    this.#ahead.push(this.#begin(span));
  }

  #forget(): void {
    this.#ahead = [];
    this.#furthest = null;
    this.#behind = null;
  }

  async #fold(after: bigint, upTo: bigint | null): Promise<Ahead> {
    const read = await this.#reader.read(after, upTo);
    const full = read.records.length === this.#reader.pageSize;
    const folded = await foldPage({ ...read, atHead: !full }, this.settings.projections);
    return { folded, full };
  }

  async #write(after: bigint, folded: FoldedPage): Promise<Written> {
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
  async #writeBefore(after: bigint, { position, message }: CannotFold): Promise<Written> {
    this.#forget();
    const failure = { position, message };
    if (position <= after) throw new Error(message);
    const records = await this.settings.store.readRecordBytes(after, this.#reader.pageSize);
    const read = { after, records, atHead: false };
    const before = await foldPage(read, this.settings.projections, position - 1n);
    return this.#write(after, { ...before, failure });
  }
}

type Written = Pick<Step, 'outcome' | 'position' | 'failure'>;

interface Span {
  readonly after: bigint;
  readonly upTo: bigint | null;
}

interface UnderWay extends Span {
  readonly folded: Promise<Ahead>;
}

interface Ahead {
  readonly folded: FoldedPage;
  /** More may lie behind it. */
  readonly full: boolean;
}
