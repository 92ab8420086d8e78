import { ruleById } from '@fundflow/domain/rules/registry';
import {
  ALERT_CHECKPOINT_NAME,
  ALERT_SCHEMA,
  type AlertCheckpointRow,
} from '@fundflow/projections/alerts/table';
import type { Run } from '@fundflow/projections/rule-facts/table';
import { touchedSubjects } from '@fundflow/projections/touched-subjects/table';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { computedAlerts } from './alerts-computed.js';
import {
  type AlertAnswer,
  type AlertFilter,
  type AlertPlace,
  type AlertsAsked,
  byPlace,
  type PlacedAlert,
} from './alerts-list.js';
import { listedAlerts } from './alerts-listed.js';
import type { Question } from './question.js';
import { momentText, type Snapshot, type Value, withSnapshot } from './snapshot.js';

export interface AlertsQuestion extends AlertFilter {
  /** At most `ALERTS_MAX`. */
  readonly limit: number;
  readonly question: Question;
  /** `next` of the page before; it pins filter, day, moment and position, and overrules those given. */
  readonly cursor: AlertsCursor | null;
}

/** Where a list goes on, and the snapshot it is pinned to. Plain JSON: the edge seals it. */
export type AlertsCursor = {
  readonly filter: AlertFilter;
  readonly asOf: string;
  readonly knownAt: string | null;
  readonly upTo: string;
  /** Copy of the read tables the position belongs to. */
  readonly generation: string;
  /** The last alert. */
  readonly after: AlertPlace;
};

export type AlertsResult =
  | {
      readonly outcome: 'found';
      readonly position: bigint;
      readonly alerts: readonly AlertAnswer[];
      readonly next: AlertsCursor | null;
    }
  | { readonly outcome: 'unknown-rule' }
  /** The tables were rebuilt since, or the cursor is none of this ledger: ask again from the beginning. */
  | { readonly outcome: 'bad-cursor' };

export const ALERTS_DEFAULT = 100;
const ALERTS_MAX = 1_000;

/**
 * Alerts as of a day, as known at a moment, oldest start first.
 *
 * Answered from the spells computed ahead where those reflect what is asked about, which is the rule; for a moment in the
 * past the same rules run over the facts known then, chunk by chunk. A later page of a pinned list computes only what
 * was touched since.
 */
export function askAlerts(reads: ScopedReads, asked: AlertsQuestion): Promise<AlertsResult> {
  const { cursor } = asked;
  const { county, rule, status, subjectId } = cursor?.filter ?? asked;
  const filter: AlertFilter = { county, rule, status, subjectId };
  if (rule !== null && !ruleById(rule)) return Promise.resolve({ outcome: 'unknown-rule' });
  const question = cursor
    ? ({ asOf: cursor.asOf, knownAt: cursor.knownAt } as Question)
    : asked.question;
  return withSnapshot(reads, { question }, async (snapshot) => {
    const limit = Math.min(asked.limit, ALERTS_MAX);
    const state = await stateOf(snapshot);
    if (cursor && cursor.generation !== snapshot.generation) return { outcome: 'bad-cursor' };
    const current = state.sameCopy ? state.position : snapshot.upTo;
    const upTo = cursor ? BigInt(cursor.upTo) : current;
    const later = cursor?.after ?? null;
    const recordedUpTo = excludesNothing(question, state) ? null : question.knownAt;
    const { asOf } = question;
    const count = limit + 1;
    const found = await find(snapshot, state, {
      ...{ filter, asOf, after: later, count, upTo, recordedUpTo },
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const { generation } = snapshot;
    const next: AlertsCursor | null =
      last && found.length > limit
        ? {
            ...{ filter, asOf, knownAt: recordedUpTo, generation },
            upTo: upTo.toString(),
            after: last.place,
          }
        : null;
    return { outcome: 'found', position: upTo, alerts: page.map(({ alert }) => alert), next };
  });
}

interface State {
  /** How far the spells reflect the log. */
  readonly position: bigint;
  /** They were computed from the read tables in service. */
  readonly sameCopy: boolean;
  readonly latestRecordedAt: string | null;
}

const STATE = `
  SELECT position::text, generation, ${momentText('latest_recorded_at')} AS "latestRecordedAt"
  FROM ${ALERT_SCHEMA}.alert_checkpoint WHERE name = '${ALERT_CHECKPOINT_NAME}'`;

type StoredState = Pick<AlertCheckpointRow, 'position' | 'generation'> &
  Pick<State, 'latestRecordedAt'>;

async function stateOf(snapshot: Snapshot): Promise<State> {
  const [row] = await snapshot.run<StoredState>(STATE);
  if (!row) throw new Error('the alerts have no checkpoint');
  const { position, generation, latestRecordedAt } = row;
  const sameCopy = generation === snapshot.generation;
  return { position: BigInt(position), sameCopy, latestRecordedAt };
}

/** Nothing in the tables was recorded after the moment asked about. */
const excludesNothing = ({ knownAt }: Question, { sameCopy, latestRecordedAt }: State): boolean =>
  knownAt === null || (sameCopy && (latestRecordedAt === null || latestRecordedAt <= knownAt));

async function find(
  snapshot: Snapshot,
  { sameCopy, position }: State,
  asked: AlertsAsked,
): Promise<readonly PlacedAlert[]> {
  const run: Run = (sql, values) => snapshot.run(sql, values as Value[]);
  if (!sameCopy || asked.recordedUpTo !== null) return computedAlerts(run, asked, 'everything');
  if (asked.upTo === position) return listedAlerts(run, asked, []);
  const touched = await touchedSubjects(run, asked.upTo, position);
  const computed = await computedAlerts(run, asked, touched);
  if (touched === 'everything') return computed;
  const others = await listedAlerts(run, asked, [...touched.holdings, ...touched.projects]);
  return [...others, ...computed].sort(byPlace).slice(0, asked.count);
}
