import type { Pool } from 'pg';
import { CONTENT_LOCK, transaction } from './schema.js';

/** Any number; held by the one process that files. */
const FILING_LOCK = 8_123_170_004n;
/** Entries filed in one durable step: what destroys waits for no more than that, a tenth of a second. */
export const FILED_MAX = 10_000;
/** Entries whose tokens may wait while others are put: a search reads them all, 100,000 of them in some 25 ms. */
export const RECENT_MAX = 100_000;
/** Of the log, between two turns: so few are no burden that filing would add to. */
const QUIET_EVENTS_MAX = 100n;
/** In one turn. */
const STEPS_MAX = 200;

const FILE = `
  WITH taken AS (
    DELETE FROM vault_recent_tokens
     WHERE ctid = ANY (ARRAY (SELECT ctid FROM vault_recent_tokens LIMIT $1))
    RETURNING *
  ), names AS (
    INSERT INTO vault_name_index (entry_no, event_id, region, folded)
      SELECT entry_no, event_id, region, folded FROM taken WHERE folded IS NOT NULL
       -- Neighbours in the index one after the other.
       ORDER BY folded
  ), numbers AS (
    INSERT INTO vault_number_index (entry_no, event_id, region, account, id_tail, id_shown)
      SELECT entry_no, event_id, region, account, id_tail, id_shown FROM taken
       WHERE num_nonnulls(account, id_tail, id_shown) > 0
  )
  SELECT count(*)::int AS filed FROM taken`;

const WAITING = `
  SELECT count(*)::int AS waiting FROM (SELECT FROM vault_recent_tokens LIMIT ${RECENT_MAX + 1}) recent`;

/**
 * Files at most `FILED_MAX` recent tokens into the tables that have indexes; answers how many. A search finds them before
 * and after, and never twice. None when another process is filing.
 */
export async function fileRecentTokens(pool: Pool): Promise<number> {
  return transaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock_shared($1)', [CONTENT_LOCK]);
    const { rows: lock } = await client.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS mine',
      [FILING_LOCK],
    );
    if (!lock[0]?.mine) return 0;
    const { rows } = await client.query<{ filed: number }>(FILE, [FILED_MAX]);
    return rows[0]?.filed ?? 0;
  });
}

/** What else goes on in the ledger. */
export interface Business {
  /** Position of the last event of the log. */
  head(): Promise<bigint>;
  /** Something is being done that will be seen in the log later: a file is read or posted. */
  isBusy(): boolean;
}

/**
 * Files recent tokens when the ledger has nothing else to do, so that no posting waits for five indexes in which they lie
 * in random order; and when more wait than a search should read.
 */
export class TokenFiling {
  #head: bigint | null = null;
  #isClosed = false;

  constructor(
    private readonly pool: Pool,
    private readonly business: Business,
  ) {}

  /** A turn that is under way ends with the step it is at. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * One turn: files everything when hardly anything was appended since the turn before, as long as that is so; else what
   * is too much. Answers how many entries were filed.
   */
  async turn(): Promise<number> {
    const before = this.#head;
    let filed = 0;
    for (let step = 0; step < STEPS_MAX && !this.#isClosed; step += 1) {
      this.#head = await this.business.head();
      const isQuiet = before !== null && this.#head - before < QUIET_EVENTS_MAX;
      const waiting = await this.#waiting();
      const isMuch = waiting > RECENT_MAX;
      if (waiting === 0 || !(isMuch || (isQuiet && !this.business.isBusy()))) break;
      const now = await fileRecentTokens(this.pool);
      if (now === 0) break;
      filed += now;
    }
    return filed;
  }

  async #waiting(): Promise<number> {
    const { rows } = await this.pool.query<{ waiting: number }>(WAITING);
    return rows[0]?.waiting ?? 0;
  }
}
