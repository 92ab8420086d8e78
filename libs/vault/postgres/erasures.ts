import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Pool } from 'pg';
import { VAULT_BATCH_MAX } from '../vault.js';
import { IN_FORCE } from './measures.js';
import { namesOf, nameNow } from './person-names.js';
import { CONTENT_LOCK, transaction } from './schema.js';

export interface Erasure {
  readonly erasureId: string;
  /** Its present blind index: another one once the key of those was changed. */
  readonly subject: Buffer;
  /** Region of the record by which the person was named. */
  readonly region: string;
  readonly basis: string;
  readonly state: 'proposed' | 'approved' | 'done';
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly approvedBy: string | null;
  readonly approvedUnit: string | null;
  readonly approvedRegion: string | null;
  /** What goes, settled at approval; null before, and forgotten when it is done. */
  readonly eventIds: readonly string[] | null;
  readonly recordKeys: readonly string[] | null;
  readonly erasedEntries: number | null;
  readonly doneAt: Date | null;
}

/** Somebody has more entries than one erasure takes. */
export class TooManyEntries extends Error {
  override readonly name = 'TooManyEntries';
}

const COLUMNS = `erasure_id AS "erasureId", subject, region, basis, state,
  proposed_by AS "proposedBy", proposed_at AS "proposedAt", approved_by AS "approvedBy",
  approved_unit AS "approvedUnit", approved_region AS "approvedRegion", event_ids AS "eventIds",
  record_keys AS "recordKeys", erased_entries AS "erasedEntries", done_at AS "doneAt"`;
const LIST_MAX = 200;
const HELD = `SELECT FROM vault_holds WHERE subject = ANY ($1::bytea[]) AND ${IN_FORCE} LIMIT 1`;

/** Proposals to erase a person, and how far they are. */
export class Erasures {
  constructor(private readonly pool: Pool) {}

  async propose(
    proposal: Pick<
      Erasure,
      'erasureId' | 'subject' | 'region' | 'basis' | 'proposedBy' | 'proposedAt'
    >,
    eventId: string,
  ): Promise<void> {
    const { erasureId, subject, region, basis, proposedBy, proposedAt } = proposal;
    await transaction(this.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock_shared($1)', [CONTENT_LOCK]);
      await client.query(
        `INSERT INTO vault_erasures (erasure_id, subject, region, basis, state, proposed_by,
           proposed_at)
         VALUES ($1, ${nameNow('$2::bytea', '$7')}, $3, $4, 'proposed', $5, $6)
         ON CONFLICT DO NOTHING`,
        [erasureId, subject, region, basis, proposedBy, proposedAt, eventId],
      );
    });
  }

  async find(erasureId: string): Promise<Erasure | null> {
    const { rows } = await this.pool.query<Erasure>(
      `SELECT ${COLUMNS} FROM vault_erasures WHERE erasure_id = $1`,
      [erasureId],
    );
    return rows[0] ?? null;
  }

  /** Those within, newest first, at most 200. */
  list(reads: ScopedReads): Promise<Erasure[]> {
    return reads.ask<Erasure>(
      `SELECT ${COLUMNS} FROM vault_erasures ORDER BY proposed_at DESC, erasure_id
        LIMIT ${LIST_MAX}`,
    );
  }

  async unfinished(): Promise<Erasure[]> {
    const { rows } = await this.pool.query<Erasure>(
      `SELECT ${COLUMNS} FROM vault_erasures WHERE state = 'approved' ORDER BY erasure_id
        LIMIT ${LIST_MAX}`,
    );
    return rows;
  }

  /**
   * Settles what goes: everything kept of the person now. What is put later belongs to no approval and stays. False when
   * it was not `proposed` any more.
   *
   * @param looked the erasure as it was when everything that speaks against it was looked up
   * @param day it is, YYYY-MM-DD: for holds
   * @returns `look-again`, and nothing was done, when the person has got another name or a hold since
   * @throws TooManyEntries above `VAULT_BATCH_MAX`
   */
  async approve(
    { erasureId, subject: looked }: Pick<Erasure, 'erasureId' | 'subject'>,
    by: { readonly id: string; readonly unit: string; readonly region: string },
    day: string,
  ): Promise<boolean | 'look-again'> {
    return transaction(this.pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [CONTENT_LOCK]);
      const known = await client.query<{ subject: Buffer; names: Buffer[] }>(
        `SELECT subject, ${namesOf('subject')} AS names FROM vault_erasures WHERE erasure_id = $1`,
        [erasureId],
      );
      const [person] = known.rows;
      if (!person?.subject.equals(looked)) return 'look-again';
      const held = await client.query(HELD, [person.names, day]);
      if (held.rows.length > 0) return 'look-again';
      const { rows } = await client.query<{ event_id: string; record_key: string }>(
        `SELECT event_id, record_key FROM vault_entries WHERE subject = ANY ($1::bytea[])
          ORDER BY event_id LIMIT ${VAULT_BATCH_MAX + 1}`,
        [person.names],
      );
      if (rows.length > VAULT_BATCH_MAX) throw new TooManyEntries(erasureId);
      const { rowCount } = await client.query(
        `UPDATE vault_erasures SET state = 'approved', approved_by = $2, approved_unit = $3,
           approved_region = $4, event_ids = $5, record_keys = $6
         WHERE erasure_id = $1 AND state = 'proposed'`,
        [
          ...[erasureId, by.id, by.unit, by.region],
          ...[rows.map((row) => row.event_id), rows.map((row) => row.record_key)],
        ],
      );
      return rowCount === 1;
    });
  }

  /** Everything is destroyed: which entries it was stands in the log and nowhere else. */
  async finish(erasureId: string): Promise<void> {
    await this.pool.query(
      `WITH finished AS (
         UPDATE vault_erasures SET state = 'done', done_at = now(),
           erased_entries = cardinality(event_ids), event_ids = NULL, record_keys = NULL
         WHERE erasure_id = $1 AND state = 'approved' RETURNING subject
       )
       -- What may come of the person later is another matter.
       UPDATE vault_restrictions known SET lifted_at = now()
         FROM finished WHERE known.subject = finished.subject AND known.lifted_at IS NULL`,
      [erasureId],
    );
  }
}
