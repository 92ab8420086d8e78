import { type EventStore, NEVER_REACHED } from '@fundflow/event-store/event-store';
import type { Pool } from 'pg';
import { CatchUp } from './catch-up.js';
import type { FoldFailure } from './fold-page.js';
import { readCheckpoint } from './page-writer.js';
import { FoldingPace } from './folding-pace.js';
import { passes } from './passing-failure.js';
import type { Projection } from '../projection.js';
import { projections as allProjections } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';
import { ReachedPosition } from './reached-position.js';

export interface FollowerSettings {
  readonly store: EventStore;
  /** The owner closes it, after `stop()`. */
  readonly pool: Pool;
  readonly projections?: readonly Projection[];
  readonly pageSizeMax?: number;
  /** Whether this process has more urgent work: then reading waits, as long as the lag is small and nobody asks. */
  readonly givesWay?: () => boolean;
  /** Told once when it stops for good: nobody else may look at `health()` for hours. */
  readonly onStopped?: (failure: FoldFailure) => void;
}

export interface FollowerHealth {
  readonly name: 'read-model';
  /** `stopped`: at an event that cannot be folded, or because it was told to (then without a failure). */
  readonly state: 'starting' | 'following' | 'retrying' | 'stopped';
  /** Every event up to it stands in the tables. */
  readonly position: bigint;
  /** The event at which it stopped, or what the database says while it retries (position 0). */
  readonly failure: FoldFailure | null;
}

const IDLE_WAIT_MS = 5_000;
/**
 * A page that brought so many events means a busy ledger: what follows is gathered for a moment and written together,
 * because a page costs the database as much as a hundred events. A quiet ledger is followed at once, and so is a busy
 * one as soon as somebody who asks wakes those who wait at the store.
 */
const BUSY_EVENTS_MIN = 30;
/** The same behind a page that changed no table: where people look, more of that follows, and nobody waits for it. */
const GATHER_MS = 400;
/** How often is looked whether the more urgent work still goes on. */
const GIVE_WAY_MS = 250;
/** Looks behind one page: also beside a posting that takes minutes the tables move every few seconds. */
const GIVE_WAY_TIMES_MAX = 16;
/** What the tables lie back for that is folded within so long at the pace of before: a question waits ten seconds. */
const GIVE_WAY_CATCH_UP_S = 4;
/** Events the tables may lie back in any case: beside other work the pace is another one. */
const GIVE_WAY_LAG_MAX = 200_000;
/** Whoever wakes wants the tables: so long they are followed as if nothing else went on. */
const WANTED_MS = 10_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/**
 * Keeps the read tables up to date with the log. Effects are exactly once: a page and the checkpoint are written in one
 * transaction that compares the checkpoint. Several processes may run it; one wins each page, the others follow.
 *
 * It stops at an event that cannot be folded, says which in `health()`, and never skips it. A database that cannot be
 * reached is tried again for ever.
 */
export class Follower {
  readonly #catchUp: CatchUp;
  readonly #ending = new AbortController();
  readonly #reached = new ReachedPosition();
  readonly #pace = new FoldingPace();
  #state: FollowerHealth['state'] = 'starting';
  #failure: FoldFailure | null = null;
  #running: Promise<void> | null = null;
  #wantedUntil = 0;

  constructor(private readonly settings: FollowerSettings) {
    this.#catchUp = new CatchUp({ projections: allProjections, ...settings, schema: READ_SCHEMA });
  }

  /** Begins to follow; returns at once. A follower is started once. */
  start(): void {
    if (this.#running) throw new Error('the follower was started before');
    this.#running = this.#run();
  }

  /** Finishes the page it works on. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  health(): FollowerHealth {
    const [state, position, failure] = [this.#state, this.#reached.position, this.#failure];
    return { name: 'read-model', state, position, failure };
  }

  /**
   * Waits until the tables reflect `position`: read your own writes.
   *
   * @returns false when they do not within the time, or when the follower stopped
   */
  waitFor(position: bigint, timeoutMs: number): Promise<boolean> {
    return this.#reached.waitFor(position, timeoutMs);
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.#ending.signal.aborted && this.#state !== 'stopped') {
      try {
        if (this.#state !== 'following') await this.#begin();
        else await this.#step();
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#pace.rest();
        this.#failure = { position: 0n, message: messageOf(error) };
        this.#state = passes(error) ? 'retrying' : 'stopped';
        if (this.#state === 'retrying') await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
    if (this.#state === 'stopped' && this.#failure) this.settings.onStopped?.(this.#failure);
    this.#state = 'stopped';
    this.#reached.end();
  }

  async #begin(): Promise<void> {
    await this.#reload();
    const head = await this.settings.store.head();
    const { position } = this.#reached;
    if (head < position) {
      const message = `the tables reflect ${position}, the log ends at ${head}: not this log`;
      this.#failure = { position, message };
      this.#state = 'stopped';
      return;
    }
    this.#failure = null;
    this.#state = 'following';
  }

  async #step(): Promise<void> {
    const after = this.#reached.position;
    this.#pace.begin(performance.now());
    const { outcome, position, failure, full, isQuiet } = await this.#catchUp.step(after);
    switch (outcome) {
      case 'overtaken':
        return this.#reload();
      case 'caught-up':
        this.#pace.rest();
        await this.settings.store.waitForEventsAfter(after, IDLE_WAIT_MS, this.#ending.signal);
        // Also before the first page of it: folded while the rest is posted, it costs the posting as much as any other.
        return this.#giveWay();
      case 'written':
        this.#reached.reach(position);
        this.#pace.folded(Number(position - after), performance.now());
        if (!full && (isQuiet || position - after >= BUSY_EVENTS_MIN)) await this.#gather();
        return this.#giveWay();
      case 'failed':
        this.#reached.reach(position);
        this.#failure = failure;
        this.#state = 'stopped';
    }
  }

  async #gather(): Promise<void> {
    this.#pace.rest();
    const { signal } = this.#ending;
    await this.settings.store.waitForEventsAfter(NEVER_REACHED, GATHER_MS, signal);
  }

  /** The cores are the more urgent work's until it ends, somebody asks, or the tables lie too far back. */
  async #giveWay(): Promise<void> {
    const { givesWay, store } = this.settings;
    for (let times = 0; times < GIVE_WAY_TIMES_MAX && givesWay?.() === true; times += 1) {
      if (performance.now() < this.#wantedUntil) return;
      const lag = Number((await store.head()) - this.#reached.position);
      if (lag >= Math.min(this.#pace.eventsIn(GIVE_WAY_CATCH_UP_S), GIVE_WAY_LAG_MAX)) return;
      this.#pace.rest();
      const { signal } = this.#ending;
      const woken = await store.waitForEventsAfter(NEVER_REACHED, GIVE_WAY_MS, signal);
      if (woken) this.#wantedUntil = performance.now() + WANTED_MS;
    }
  }

  async #reload(): Promise<void> {
    this.#reached.reach((await readCheckpoint(this.settings.pool, READ_SCHEMA)).position);
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
