import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from '@fundflow/nest-edge/problem';
import { readAlertPosition } from '@fundflow/projections/alerts/follower';
import { readCheckpoint } from '@fundflow/projections/follow/page-writer';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { LedgerProcess } from '@fundflow/runtime/open-process';

/** An answer waits so long for the tables, then it is 503 (contract §4). */
const WAIT_MS_MAX = 10_000;
/** Between two looks, twice as long each time up to the second: who was just woken needs a few. */
const LOOK_AGAIN_MS = 2;
const LOOK_AGAIN_MS_MAX = 20;
/** Looks between two words to whoever keeps the tables that somebody waits for them. */
const LOOKS_A_WAKE = 10;

export type Tables = 'read-model' | 'alerts';

/**
 * Makes an answer reflect every certification answered before it was asked: waits until the tables have reached the
 * head of the log as it is now. The tables' checkpoint is looked at in the database, because the projector may be
 * another process.
 */
export class Freshness {
  readonly #reached = new Map<Tables, bigint>();

  constructor(private readonly ledger: Pick<LedgerProcess, 'store' | 'pool' | 'oversight'>) {}

  /** @throws Problem 503 `not-up-to-date` with Retry-After */
  async upToNow(tables: Tables): Promise<void> {
    // What this process itself recorded about those who ask changes no answer about money.
    const { store, oversight } = this.ledger;
    const head = oversight.beforeOwnTail(await store.head());
    const deadline = performance.now() + WAIT_MS_MAX;
    for (let look = 0; (this.#reached.get(tables) ?? -1n) < head; look += 1) {
      const position = await this.#position(tables);
      this.#reached.set(tables, position);
      if (position >= head) return;
      if (performance.now() > deadline) throw notUpToDate(head - position);
      if (look % LOOKS_A_WAKE === 0) await store.wake();
      await pause(Math.min(LOOK_AGAIN_MS * 2 ** look, LOOK_AGAIN_MS_MAX));
    }
  }

  async #position(tables: Tables): Promise<bigint> {
    const { pool } = this.ledger;
    return tables === 'alerts'
      ? readAlertPosition(pool)
      : (await readCheckpoint(pool, READ_SCHEMA)).position;
  }
}

const notUpToDate = (behind: bigint): Problem =>
  new Problem({
    status: 503,
    code: 'not-up-to-date',
    title: '查询表尚未跟上账本',
    titleEn: 'The tables have not caught up with the log',
    detail: `查询表比账本落后 ${behind} 条记录，请稍后再查；已入账的记录不会丢失。`,
    extra: { behind: behind.toString() },
    headers: { 'retry-after': '2' },
  });
