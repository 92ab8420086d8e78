import type { Row } from '@fundflow/domain/rows';
import type { AppendRequest, AppendResult, EventStore } from '@fundflow/event-store/event-store';
import { nextTurn } from './coalesce.js';
import { type DecidedJob, decideJob, type PostingJob } from './decide-job.js';
import type { LedgerReader } from './ledger-reader.js';
import { OpenBooks } from './open-books.js';
import { outcomeOf, type PostingResult } from './posting-result.js';

const ATTEMPTS_MAX = 20;
/** Small jobs decided together; a part of a large file goes alone. */
const SHARED_ROWS_MAX = 500;
/** Streams of books that are carried from batch to batch before they are read anew. */
const CARRIED_STREAMS_MAX = 20_000;
/** Batches after a conflict for which holdings are not believed to stand where this process left them. */
const ASK_AFTER_CONFLICT = 100;
/** Events of one job that somebody is told of. */
const TOLD_EVENTS_MAX = 100;
/** Batches that the store has and has not answered: one it writes, and one that is there when it is done. */
const UNDER_WAY_MAX = 2;

interface Waiting {
  readonly job: PostingJob;
  attempts: number;
  /** It was refused on books that may not be the whole truth: decide it on settled ones, its own ids looked up. */
  settled: boolean;
  resolve(result: PostingResult): void;
  reject(error: unknown): void;
}

interface Decided extends Omit<DecidedJob, 'events'> {
  readonly waiting: Waiting;
  /** Null where they are too many to be kept until the answer. */
  readonly events: DecidedJob['events'] | null;
}

/** An append that has not been answered yet. */
interface UnderWay {
  readonly decided: readonly Decided[];
  /** False when somebody met a conflict or a failure: what was decided on top of it counts for nothing. */
  readonly settled: Promise<boolean>;
}

/**
 * Posts jobs: load → fold → decide → append. Jobs that arrive while others are under way are decided together on the
 * same books, each as its own all-or-nothing group, so that a busy ledger makes one round trip for many postings and a
 * quiet one waits for nobody.
 *
 * While one batch is appended the next one is decided on top of it: the database and this process work at the same time.
 * New payments are handed to the store before the batch below them is answered, for they lean on nothing but the versions
 * that it compares; anything else waits for that answer. A conflict with another process discards what was decided on top,
 * loads again and decides again, at most `ATTEMPTS_MAX` times. Nothing is refused on unacknowledged books, nor before its
 * own ids were looked up.
 */
export class PostingLane {
  #queue: Waiting[] = [];
  #running = false;
  #arrived: (() => void) | null = null;
  /** Books that stand as they will be when everything under way is acknowledged. */
  #open: OpenBooks | null = null;
  /** The oldest first. */
  readonly #underWay: UnderWay[] = [];
  /** Batches for which the store is asked what came since. */
  #askingFor = 0;

  constructor(
    private readonly store: EventStore,
    private readonly reader: LedgerReader,
    /** Told of the events of small jobs as soon as they stand in the log. */
    private readonly onPosted: LedgerReader['learn'] = () => undefined,
  ) {}

  post(job: PostingJob): Promise<PostingResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, attempts: 0, settled: false, resolve, reject });
      this.#arrived?.();
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0 || this.#underWay.length > 0) {
      if (this.#queue.length === 0) await this.#settledOrArrived();
      else {
        // Whatever else this turn of the event loop posts goes along.
        await nextTurn();
        await this.#next();
      }
    }
    this.#running = false;
  }

  /** Nothing to decide: whichever comes first, the answer under way or another job. */
  async #settledOrArrived(): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    await Promise.race([arrived, this.#underWay[0]?.settled]);
    this.#arrived = null;
    if (this.#queue.length === 0) await this.#settleOldest();
  }

  async #next(): Promise<void> {
    const isFull = this.#open !== null && this.#open.versions.size > CARRIED_STREAMS_MAX;
    // What was decided before stands in the books on top of which it would be decided again.
    const isAgain = this.#queue.some(looksUp);
    if (!this.#open || isFull || isAgain) await this.#settle();
    else if (this.#underWay.length === UNDER_WAY_MAX) await this.#settleOldest();
    const onTop = this.#underWay.length > 0;
    const open = this.#open ?? new OpenBooks();
    this.#open = open;
    const batch = this.#take();
    let decided: Decided[];
    let onlyNewPayments: boolean;
    try {
      const rowsOf = (waitings: readonly Waiting[]) => waitings.flatMap(({ job }) => job.rows);
      const rows = rowsOf(batch);
      const takenForNew = rowsOf(batch.filter((waiting) => !looksUp(waiting))).filter(isPayment);
      onlyNewPayments = takenForNew.length === rows.length;
      const believed = this.#alone(onlyNewPayments);
      await this.reader.load(open, rows, { takenForNew, believed });
      decided = await this.#decideAll(open, batch, onTop);
    } catch (error) {
      // Nothing of a batch that threw is posted; its ids make a repetition safe.
      for (const waiting of batch) waiting.reject(error);
      this.#open = null;
      return;
    }
    const waitsForNone = onlyNewPayments && decided.every(postsAll);
    if (onTop && !waitsForNone && !(await this.#settle(open))) {
      this.#queue.unshift(...decided.map(({ waiting }) => waiting));
      return;
    }
    this.#send(open, decided);
  }

  /** Hands over what was decided; the books keep what is not answered. */
  #send(open: OpenBooks, decided: readonly Decided[]): void {
    if (decided.length > 0) this.#underWay.push({ decided, settled: this.#append(decided) });
    else if (this.#underWay.length === 0) this.#open = null;
    const unanswered = new Set<string>();
    for (const batch of this.#underWay) {
      for (const { waiting } of batch.decided) {
        for (const { id } of waiting.job.rows) unanswered.add(id);
      }
    }
    open.forgetPayments(unanswered);
  }

  /**
   * Waits for all answers under way. Without anything decided on top the books are given up: the next ones are read from
   * the store, or from what is remembered here.
   */
  async #settle(onTop: OpenBooks | null = null): Promise<boolean> {
    let clean = true;
    for (const { settled } of this.#underWay.splice(0)) clean = (await settled) && clean;
    if (clean && onTop && this.#open) return true;
    if (clean && this.#open) this.reader.remember(this.#open, this.#open.versions.keys());
    this.#open = null;
    return clean;
  }

  /** Waits for one answer; for all when it speaks against what was decided on top, or there is nothing on top. */
  async #settleOldest(): Promise<void> {
    const [oldest] = this.#underWay;
    if (this.#underWay.length > 1 && (await oldest?.settled)) this.#underWay.shift();
    else await this.#settle();
  }

  /**
   * Whether holdings stand where this process left them, as far as it knows: nobody else was met in the last batches. What
   * is refused is looked at again in any case, and what is posted is posted at the version it was decided on.
   *
   * @param onlyNewPayments each is drawn on one holding, in whose stream it lies: nothing else speaks against it
   */
  #alone(onlyNewPayments: boolean): boolean {
    this.#askingFor = Math.max(0, this.#askingFor - 1);
    return onlyNewPayments && this.#askingFor === 0;
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

  async #decideAll(open: OpenBooks, batch: readonly Waiting[], onTop: boolean): Promise<Decided[]> {
    const decided: Decided[] = [];
    for (let index = 0; index < batch.length; index += 1) {
      const waiting = batch[index] as Waiting;
      const { job } = waiting;
      const rows = job.reconcile ? await job.reconcile(open, job.rows) : job.rows;
      const result = decideJob(open, job, rows, `${index}`);
      if ('requests' in result) {
        const { requests, events, postedIndexes } = result;
        const kept = events.length <= TOLD_EVENTS_MAX ? events : null;
        decided.push({ waiting, requests, events: kept, postedIndexes });
        continue;
      }
      if (result.outcome === 'refused' && (onTop || !looksUp(waiting))) {
        this.#queue.unshift({ ...waiting, settled: true });
      } else {
        waiting.resolve(result);
      }
      // Rows before the refused one stand in these books though they will not be posted: no more on them.
      if (job.rows.length > 1) {
        this.#queue.unshift(...batch.slice(index + 1));
        this.#open = null;
        break;
      }
    }
    return decided;
  }

  /** True when every job was answered; those that met a conflict are decided again. Never rejects. */
  async #append(decided: readonly Decided[]): Promise<boolean> {
    const requests: AppendRequest[] = [];
    for (const each of decided) for (const request of each.requests) requests.push(request);
    let results: AppendResult[];
    try {
      results = requests.length === 0 ? [] : await this.store.append(requests);
    } catch (error) {
      for (const { waiting } of decided) waiting.reject(error);
      return false;
    }
    let at = 0;
    let conflicts = false;
    for (const { waiting, requests: own, events, postedIndexes } of decided) {
      const { streamId } = waiting.job.stream;
      const result = outcomeOf({ requests: own, results, at, postedIndexes }, streamId);
      at += own.length;
      if (events && result?.outcome === 'posted') this.onPosted(own, events);
      if (result) waiting.resolve(result);
      else this.#again(waiting);
      if (!result) this.#askingFor = ASK_AFTER_CONFLICT;
      conflicts ||= result?.outcome !== 'posted';
    }
    return !conflicts;
  }

  #again(waiting: Waiting): void {
    waiting.attempts += 1;
    if (waiting.attempts < ATTEMPTS_MAX) this.#queue.push(waiting);
    else waiting.reject(new PostingContended(waiting.attempts));
  }
}

/**
 * Payments are looked for in the log only when something speaks against them: nearly all are new, and the store itself
 * refuses an id that it knows. Other rows may complete what is posted, so theirs are always looked up.
 */
const looksUp = ({ settled, attempts }: Waiting): boolean => settled || attempts > 0;
const isPayment = ({ kind }: Row): boolean => kind === 'payments';

/** No row of it is answered by what is posted already, which may not come to be. */
const postsAll = ({ waiting, postedIndexes }: Decided): boolean =>
  postedIndexes.length === waiting.job.rows.length;

/** Other processes kept changing the same holdings; nothing was posted, trying again later is safe. */
class PostingContended extends Error {
  override readonly name = 'PostingContended';

  constructor(attempts: number) {
    super(`the holdings kept changing under ${attempts} attempts`);
  }
}
