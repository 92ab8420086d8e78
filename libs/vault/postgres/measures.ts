import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Pool, PoolClient } from 'pg';
import { namesOf, nameNow, presentName } from './person-names.js';
import { CONTENT_LOCK, transaction } from './schema.js';

/** A legal hold: data of the person must stay, and stay readable for that case. */
export interface Hold {
  readonly holdId: string;
  readonly subject: Buffer;
  /** Of the record by which the person was named; empty where that was not kept. */
  readonly region: string;
  readonly caseId: string;
  /** YYYY-MM-DD, the last day; null = until lifted. */
  readonly until: string | null;
}

/** Data of the person is kept and not shown. */
export interface Restriction {
  readonly restrictionId: string;
  readonly subject: Buffer;
  readonly until: string | null;
}

const HOLD = 'hold_id AS "holdId", subject, region, case_id AS "caseId", until::text';

/** What was approved to be erased, or is. */
const GOES = `SELECT FROM vault_erased WHERE event_id = $1::uuid UNION ALL
  SELECT FROM vault_erasures WHERE state = 'approved' AND $1::uuid = ANY (event_ids)`;

/** Of a measure, on the day $2. */
export const IN_FORCE = 'lifted_at IS NULL AND (until IS NULL OR until >= $2)';

/** What is in force about people: holds, restrictions, and how often somebody had fields shown. */
export class PersonalMeasures {
  constructor(private readonly pool: Pool) {}

  /**
   * Repeating it changes nothing.
   *
   * @param eventId that named the person: by then it may be under another name
   * @returns false, and nothing is held, when an erasure of that was approved meanwhile
   */
  async setHold(hold: Hold, eventId: string): Promise<boolean> {
    const { holdId, subject, region, caseId, until } = hold;
    return this.#unmoved(async (client) => {
      if ((await client.query(GOES, [eventId])).rows.length > 0) return false;
      await client.query(
        `INSERT INTO vault_holds (hold_id, subject, case_id, until, region)
         VALUES ($1, ${nameNow('$2::bytea', '$5')}, $3, $4, $6) ON CONFLICT DO NOTHING`,
        [holdId, subject, caseId, until, eventId, region],
      );
      return true;
    });
  }

  /** Holds on the person in force on a day, the longest first. */
  async holdsOn(subject: Buffer, day: string): Promise<Hold[]> {
    const { rows } = await this.pool.query<Hold>(
      `SELECT ${HOLD} FROM vault_holds
        WHERE subject = ${presentName('$1::bytea')} AND ${IN_FORCE} ORDER BY until DESC NULLS FIRST, hold_id LIMIT 100`,
      [subject, day],
    );
    return rows;
  }

  async findHold(holdId: string): Promise<Hold | null> {
    const { rows } = await this.pool.query<Hold>(
      `SELECT ${HOLD} FROM vault_holds WHERE hold_id = $1 AND lifted_at IS NULL`,
      [holdId],
    );
    return rows[0] ?? null;
  }

  /** Whether the hold was set by a record of a place within. */
  async isHoldWithin(reads: ScopedReads, holdId: string): Promise<boolean> {
    return (await reads.ask('SELECT FROM vault_holds WHERE hold_id = $1', [holdId])).length > 0;
  }

  async liftHold(holdId: string): Promise<void> {
    await this.pool.query('UPDATE vault_holds SET lifted_at = now() WHERE hold_id = $1', [holdId]);
  }

  /**
   * Repeating it changes nothing.
   *
   * @param eventId that named the person; null: the erasure of the same id did
   */
  async restrict(
    { restrictionId, subject, until }: Restriction,
    eventId: string | null,
  ): Promise<void> {
    const ofErasure = '(SELECT subject FROM vault_erasures WHERE erasure_id = $1)';
    await this.#unmoved((client) =>
      client.query(
        `INSERT INTO vault_restrictions (restriction_id, subject, until)
         VALUES ($1, coalesce(${ofErasure}, ${nameNow('$2::bytea', '$4')}), $3)
         ON CONFLICT DO NOTHING`,
        [restrictionId, subject, until, eventId],
      ),
    );
  }

  /** The person of a restriction in force. */
  async restricted(restrictionId: string): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ subject: Buffer }>(
      `SELECT subject FROM vault_restrictions WHERE restriction_id = $1 AND lifted_at IS NULL`,
      [restrictionId],
    );
    return rows[0]?.subject ?? null;
  }

  async liftRestriction(restrictionId: string): Promise<void> {
    await this.pool.query(
      'UPDATE vault_restrictions SET lifted_at = now() WHERE restriction_id = $1',
      [restrictionId],
    );
  }

  /** Regions of everything kept of the person. */
  async regionsOf(subject: Buffer): Promise<string[]> {
    const { rows } = await this.pool.query<{ region: string }>(
      `SELECT DISTINCT region FROM vault_entries WHERE subject = ANY (${namesOf('$1::bytea')})`,
      [subject],
    );
    return rows.map(({ region }) => region);
  }

  /** Of those, the places within. */
  async regionsWithin(reads: ScopedReads, subject: Buffer): Promise<string[]> {
    const { rows } = await this.pool.query<{ names: Buffer[] }>(
      `SELECT ${namesOf('$1::bytea')} AS names`,
      [subject],
    );
    const sql = 'SELECT DISTINCT region FROM vault_entries WHERE subject = ANY ($1::bytea[])';
    const found = await reads.ask<{ region: string }>(sql, [rows[0]?.names ?? []]);
    return found.map(({ region }) => region);
  }

  /** The person of an entry; null when there is none (any more). */
  async subjectOf(eventId: string): Promise<Buffer | null> {
    const { rows } = await this.pool.query<{ subject: Buffer }>(
      `SELECT ${presentName('entry.subject')} AS subject FROM vault_entries entry
        WHERE event_id = $1`,
      [eventId],
    );
    return rows[0]?.subject ?? null;
  }

  /** Nobody's name changes meanwhile. */
  #unmoved<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    return transaction(this.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock_shared($1)', [CONTENT_LOCK]);
      return work(client);
    });
  }

  /** Counts one more field shown to somebody on a day; null, and nothing counted, when that would be above `max`. */
  async countUnmasking(actor: string, day: string, max: number): Promise<number | null> {
    if (max < 1) return null;
    const { rows } = await this.pool.query<{ times: number }>(
      `INSERT INTO vault_unmaskings AS known (actor, day, times) VALUES ($1, $2, 1)
       ON CONFLICT (actor, day) DO UPDATE SET times = known.times + 1 WHERE known.times < $3
       RETURNING times`,
      [actor, day, max],
    );
    return rows[0]?.times ?? null;
  }
}
