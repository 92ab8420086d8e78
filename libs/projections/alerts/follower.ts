import type { Pool } from 'pg';
import { passes } from '../follow/passing-failure.js';
import { type AlertRound, alertRound } from './round.js';
import { ALERT_CHECKPOINT_NAME, ALERT_SCHEMA } from './table.js';
import { ReachedPosition } from '../follow/reached-position.js';

export interface AlertFollowerSettings {
  /** The owner closes it, after `stop()`. */
  readonly pool: Pool;
  /**
   * Resolves when the read model passed the position or the time is over: a hint that saves waiting, e.g. `waitFor` of its
   * follower. Without it the checkpoint is looked at every `POLL_MS`.
   */
  readonly readModelPassed?: (position: bigint, timeoutMs: number) => Promise<boolean>;
  /** Resolves when somebody wants an answer, or the time is over, or on the signal. Without it there is only the time. */
  readonly wanted?: (timeoutMs: number, signal: AbortSignal) => Promise<unknown>;
  /** Told once when it stops for good: nobody else may look at `health()` for hours. */
  readonly onStopped?: (failure: string) => void;
}

export interface AlertFollowerHealth {
  readonly name: 'alerts';
  /** `stopped`: facts that contradict themselves, or because it was told to (then without a failure). */
  readonly state: 'starting' | 'following' | 'retrying' | 'stopped';
  /** The alerts say what follows from every event up to it. */
  readonly position: bigint;
  readonly failure: string | null;
}

const POLL_MS = 100;
const HINT_WAIT_MS = 2_000;
/**
 * A round that looked at so many subjects means a busy ledger: the next one looks at each of them once, later, or when
 * somebody asks.
 */
const BUSY_SUBJECTS_MIN = 30;
const GATHER_MS = 3_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 5_000;

/**
 * Keeps the alerts up to date with the read model it trails. Several processes may run it: one wins each round. Rounds
 * grow by themselves when it falls behind, and look at each subject once.
 */
export class AlertFollower {
  readonly #ending = new AbortController();
  readonly #reached = new ReachedPosition();
  #state: AlertFollowerHealth['state'] = 'starting';
  #failure: string | null = null;
  #running: Promise<void> | null = null;

  constructor(private readonly settings: AlertFollowerSettings) {}

  /** Begins to follow; returns at once. A follower is started once. */
  start(): void {
    if (this.#running) throw new Error('the follower was started before');
    this.#running = this.#run();
  }

  /** Finishes the round it works on. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  health(): AlertFollowerHealth {
    return {
      name: 'alerts',
      state: this.#state,
      position: this.#reached.position,
      failure: this.#failure,
    };
  }

  /**
   * Waits until the alerts reflect `position`: read your own writes.
   *
   * @returns false when they do not within the time, or when the follower stopped
   */
  waitFor(position: bigint, timeoutMs: number): Promise<boolean> {
    return this.#reached.waitFor(position, timeoutMs);
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted && this.#state !== 'stopped') {
      try {
        const round = await this.#round();
        this.#state = 'following';
        this.#failure = null;
        retryMs = RETRY_FIRST_MS;
        if (round.outcome === 'up-to-date') await this.#wait(round.position);
        else if (round.outcome === 'overtaken') await paused(POLL_MS, signal);
        else if (round.subjects >= BUSY_SUBJECTS_MIN) await this.#gather();
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#state = passes(error) ? 'retrying' : 'stopped';
        if (this.#state === 'retrying') await paused(retryMs, signal);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
    if (this.#state === 'stopped' && this.#failure !== null)
      this.settings.onStopped?.(this.#failure);
    this.#state = 'stopped';
    this.#reached.end();
  }

  async #round(): Promise<AlertRound> {
    const client = await this.settings.pool.connect();
    let round: AlertRound;
    try {
      round = await alertRound(client);
      client.release();
    } catch (error) {
      // Whatever state it is in, it is not reused.
      client.release(true);
      throw error;
    }
    if (round.outcome !== 'overtaken') this.#reached.reach(round.position);
    return round;
  }

  async #gather(): Promise<void> {
    const { signal } = this.#ending;
    const { wanted = paused } = this.settings;
    await wanted(GATHER_MS, signal);
  }

  async #wait(position: bigint): Promise<void> {
    const { signal } = this.#ending;
    const hint = this.settings.readModelPassed?.(position + 1n, HINT_WAIT_MS);
    const passed = hint && (await endingWith(signal, hint));
    // No hint, or nothing behind it any more: the checkpoint says whether somebody else goes on.
    if (!passed) await paused(POLL_MS, signal);
  }
}

/** What the promise says, or true as soon as the signal comes; leaves nothing behind on either. */
function endingWith(signal: AbortSignal, promise: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(true);
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

function paused(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout;
  const pause = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, true);
  });
  return endingWith(signal, pause).then(() => clearTimeout(timer));
}

/** How far the alerts reflect the log: what a question by another process compares with. */
export async function readAlertPosition(client: { query: Pool['query'] }): Promise<bigint> {
  const { rows } = await client.query<{ position: string }>(
    `SELECT position::text FROM ${ALERT_SCHEMA}.alert_checkpoint WHERE name = $1`,
    [ALERT_CHECKPOINT_NAME],
  );
  const row = rows[0];
  if (!row) throw new Error(`${ALERT_SCHEMA} has no checkpoint`);
  return BigInt(row.position);
}
