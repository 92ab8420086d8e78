import { READ_SCHEMA } from '@fundflow/projections/read-table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';

export type Value = string | number | boolean | null | readonly (string | number | null)[];

/** One state of the tables, seen through one question. */
export interface Snapshot {
  readonly question: Question;
  /** The position the answer reflects, or to which a list is pinned. */
  readonly upTo: bigint;
  /** Which copy of the tables: another after a rebuild. */
  readonly generation: string;
  /** Everything in the tables counts whose date is not behind the day: no earlier moment or position is asked about. */
  readonly isLatest: boolean;
  /** Runs a statement whose $1, $2 and $3 are day, moment and position (see `seen`); its own values begin at $4. */
  ask<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** Runs a statement whose $1 and $2 are day and moment (see `seenPair`); its own values begin at $3. */
  askPair<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
  /** Runs a statement that holds for every day. */
  run<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>;
}

const CHECKPOINT = `SELECT position, generation FROM ${READ_SCHEMA}.checkpoint WHERE name = 'read-model'`;

/** In the message that begins the transaction, and for it alone. */
const PLANNED_ONCE = 'SET LOCAL plan_cache_mode TO force_generic_plan';

/**
 * Answers a question from one consistent state of all tables: nothing that is written meanwhile is seen in part, and
 * nothing outside the scope of the reads.
 *
 * @param pin a position an earlier page of the same list was pinned to
 * @param byIds every statement finds its rows by ids, so that no value changes its plan: planning a dozen statements anew for
 * each question costs a third of it. PostgreSQL does so by itself where it takes few ids for cheaper than many.
 */
export function withSnapshot<T>(
  reads: ScopedReads,
  {
    question,
    pin = null,
    byIds = false,
  }: { readonly question: Question; readonly pin?: bigint | null; readonly byIds?: boolean },
  answer: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  type Checkpoint = { readonly position: string; readonly generation: string };
  const first = byIds ? `${PLANNED_ONCE}; ${CHECKPOINT}` : CHECKPOINT;
  return reads.read<Checkpoint, T>(first, ([checkpoint], run) => {
    if (!checkpoint) throw new Error('the read model has no checkpoint');
    const upTo = pin ?? BigInt(checkpoint.position);
    const pair = [question.asOf, question.knownAt];
    const isLatest = question.knownAt === null && upTo === BigInt(checkpoint.position);
    return answer({
      question,
      upTo,
      isLatest,
      generation: checkpoint.generation,
      ask: (sql, values = []) => run(sql, [...pair, upTo.toString(), ...values]),
      askPair: (sql, values = []) => run(sql, [...pair, ...values]),
      run: (sql, values = []) => run(sql, values),
    });
  });
}

/** Whether a fact with columns `<prefix>_on`, `_at` and `_position` had happened and was known. */
export const seen = (alias: string, prefix: string): string =>
  `(${alias}.${prefix}_on <= $1::date
    AND ($2::timestamptz IS NULL OR ${alias}.${prefix}_at <= $2::timestamptz)
    AND ${alias}.${prefix}_position <= $3::bigint)`;

/** The same for a row of days or movements. */
export const seenRow = (alias: string): string =>
  `(${alias}.occurred_on <= $1::date
    AND ($2::timestamptz IS NULL OR ${alias}.recorded_at <= $2::timestamptz)
    AND ${alias}.position <= $3::bigint)`;

/** The same for tables whose rows have no position: projects, flows, the journal. */
export const seenPair = (on: string, at: string): string =>
  `(${on} <= $1::date AND ($2::timestamptz IS NULL OR ${at} <= $2::timestamptz))`;

/** A line counts as money of its holding: the first always, a supplement once acknowledged and until reversed. */
export const counts = (alias: string): string =>
  `(${seen(alias, 'issued')} AND (${alias}.id = ${alias}.holding_id
    OR (${seen(alias, 'received')} AND ${seen(alias, 'reversed')} IS NOT TRUE)))`;

/** RFC 3339 UTC with milliseconds. */
export const momentText = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
