import type { Refusal } from '@fundflow/domain/decision';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { PostingContext } from '@fundflow/domain/posting-context';
import type { Row } from '@fundflow/domain/rows';
import type { AppendRequest, AppendResult, EventStore } from '@fundflow/event-store/event-store';
import { groupOf, type Stamp } from './envelopes.js';
import type { LedgerReader } from './ledger-reader.js';
import { OpenBooks } from './open-books.js';

/** Rows that post together or not at all: a whole submission, or one part of a large one. */
export interface PostingJob {
  readonly rows: readonly Row[];
  readonly context: PostingContext;
  readonly stamp: Stamp;
  /** The submission's own stream; its version decides which of two processes posts the part. */
  readonly stream: { readonly streamId: string; readonly expectedVersion: number };
  /** Its own events before and after those of the rows. */
  before(): readonly LedgerEvent[];
  after(postedRows: number): readonly LedgerEvent[];
  /** Brings the rows of known ids in line with what is posted (personal data compare by their openings). */
  reconcile?(open: OpenBooks, rows: readonly Row[]): Promise<readonly Row[]>;
}

export type PostingResult =
  | {
      readonly outcome: 'posted';
      /** Null when there was nothing to append. */
      readonly firstPosition: bigint | null;
      readonly lastPosition: bigint | null;
      /** Rows that posted something; identical rows already posted are not among them. */
      readonly postedRows: number;
      readonly postedIndexes: readonly number[];
    }
  | { readonly outcome: 'refused'; readonly refusals: readonly RowRefusal[] }
  /** The submission's own stream moved: somebody else has posted this part. */
  | { readonly outcome: 'posted-elsewhere' };

export interface RowRefusal {
  readonly index: number;
  readonly refusal: Refusal;
}

export const ATTEMPTS_MAX = 20;
/** Small jobs decided together; a part of a large file goes alone. */
export const SHARED_ROWS_MAX = 500;
const REFUSALS_REPORTED_MAX = 1_000;

interface Waiting {
  readonly job: PostingJob;
  attempts: number;
  resolve(result: PostingResult): void;
  reject(error: unknown): void;
}

interface Decided {
  readonly waiting: Waiting;
  readonly requests: readonly AppendRequest[];
  readonly postedIndexes: readonly number[];
}

/**
 * Posts jobs: load → fold → decide → append, one batch at a time. Jobs that arrive while a batch is under way are
 * decided together on the same books, each as its own all-or-nothing group, so that a busy ledger makes one round trip
 * for many postings and a quiet one waits for nobody.
 *
 * A conflict with another process loads again and decides again, at most `ATTEMPTS_MAX` times.
 */
export class PostingLane {
  #queue: Waiting[] = [];
  #running = false;

  constructor(
    private readonly store: EventStore,
    private readonly reader: LedgerReader,
  ) {}

  post(job: PostingJob): Promise<PostingResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, attempts: 0, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      const batch = this.#take();
      try {
        await this.#postBatch(batch);
      } catch (error) {
        // Nothing of a batch that threw is known to be posted; its ids make a repetition safe.
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.#running = false;
  }

  #take(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { job } of this.#queue) {
      rows += job.rows.length;
      if (count > 0 && rows > SHARED_ROWS_MAX) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  async #postBatch(batch: readonly Waiting[]): Promise<void> {
    const open = new OpenBooks();
    await this.reader.load(
      open,
      batch.flatMap(({ job }) => job.rows),
    );
    const decided: Decided[] = [];
    let clean = true;
    for (const [index, waiting] of batch.entries()) {
      const result = await this.#decide(open, waiting, `${index}`);
      if ('requests' in result) {
        decided.push(result);
        continue;
      }
      waiting.resolve(result);
      // Rows before the refused one stand in the books though they will not be posted: decide the rest anew.
      if (waiting.job.rows.length > 1) {
        clean = false;
        this.#queue.unshift(...batch.slice(index + 1));
        break;
      }
    }
    if (decided.length === 0) return;
    const appended = await this.#append(decided);
    if (appended && clean) this.reader.remember(open, open.versions.keys());
  }

  async #decide(
    open: OpenBooks,
    waiting: Waiting,
    group: string,
  ): Promise<Decided | PostingResult> {
    const { job } = waiting;
    const rows = job.reconcile ? await job.reconcile(open, job.rows) : job.rows;
    const events: LedgerEvent[] = [...job.before()];
    const guards = new Set<string>();
    const refusals: RowRefusal[] = [];
    const postedIndexes: number[] = [];
    rows.forEach((row, index) => {
      const decision = postRow(open.books, row, job.context);
      if (decision.outcome === 'refused') {
        if (refusals.length < REFUSALS_REPORTED_MAX) {
          refusals.push({ index, refusal: decision.refusal });
        }
      } else if (decision.outcome === 'accepted') {
        events.push(...decision.events);
        for (const guard of decision.guards) guards.add(guard);
        postedIndexes.push(index);
      }
    });
    if (refusals.length > 0) return { outcome: 'refused', refusals };
    events.push(...job.after(postedIndexes.length));
    open.versions.set(job.stream.streamId, job.stream.expectedVersion);
    const requests = groupOf(group, events, guards, open.versions, job.stamp);
    return { waiting, requests, postedIndexes };
  }

  /** True when every job was answered; those that met a conflict are decided again. */
  async #append(decided: readonly Decided[]): Promise<boolean> {
    const requests = decided.flatMap((each) => each.requests);
    const results = requests.length === 0 ? [] : await this.store.append(requests);
    let at = 0;
    let conflicts = false;
    for (const { waiting, requests, postedIndexes } of decided) {
      const own = results.slice(at, at + requests.length);
      at += requests.length;
      const result = outcomeOf(waiting.job, own, postedIndexes);
      if (result) waiting.resolve(result);
      else {
        conflicts = true;
        this.#again(waiting);
      }
    }
    return !conflicts;
  }

  #again(waiting: Waiting): void {
    waiting.attempts += 1;
    if (waiting.attempts < ATTEMPTS_MAX) this.#queue.push(waiting);
    else waiting.reject(new PostingContended(waiting.attempts));
  }
}

/** Other processes kept changing the same holdings; nothing was posted, trying again later is safe. */
export class PostingContended extends Error {
  override readonly name = 'PostingContended';

  constructor(attempts: number) {
    super(`the holdings kept changing under ${attempts} attempts`);
  }
}

/** Null: a conflict, decide again. */
function outcomeOf(
  job: PostingJob,
  results: readonly AppendResult[],
  postedIndexes: readonly number[],
): PostingResult | null {
  const appended = results.filter((result) => result.outcome === 'appended');
  if (appended.length === results.length) {
    // A guard has no positions of its own.
    const written = appended.filter((result) => result.firstPosition > 0n);
    const firsts = written.map((result) => result.firstPosition);
    const lasts = written.map((result) => result.lastPosition);
    return {
      outcome: 'posted',
      firstPosition: firsts.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null),
      lastPosition: lasts.reduce<bigint | null>((a, b) => (a === null || b > a ? b : a), null),
      postedRows: postedIndexes.length,
      postedIndexes,
    };
  }
  const own = results.find(
    (result) => result.outcome === 'conflict' && result.streamId === job.stream.streamId,
  );
  return own ? { outcome: 'posted-elsewhere' } : null;
}
