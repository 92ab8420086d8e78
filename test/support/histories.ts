import { Books } from '@fundflow/domain/books';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { PostingContext } from '@fundflow/domain/posting-context';
import type { Row } from '@fundflow/domain/rows';
import fc from 'fast-check';
import { emptyScene, type Scene, type Step } from './history-dice.js';
import { propose } from './history-steps.js';
import { REGION, testRegions } from './regions.js';

/** One certification: its rows were accepted in this order, its events lie in the log in this order. */
export interface HistoryPosting {
  /** RFC 3339 UTC; strictly later than that of the posting before. Some postings share their day. */
  readonly recordedAt: string;
  readonly rows: readonly Row[];
  readonly events: readonly LedgerEvent[];
}

export interface History {
  readonly postings: readonly HistoryPosting[];
  /** The books after the last posting. */
  readonly books: Books;
  /** What the rows were decided with: the centre may post everything. */
  readonly context: PostingContext;
}

export const eventsOf = (history: History): LedgerEvent[] =>
  history.postings.flatMap((posting) => posting.events);

export const rowsOf = (history: History): Row[] =>
  history.postings.flatMap((posting) => posting.rows);

interface Roll extends Step {
  /** 0-5: the same certification; 6-8: a new one the same day; 9: a new one on a later day. */
  readonly cut: number;
}

const roll: fc.Arbitrary<Roll> = fc.record({
  action: fc.nat(99),
  who: fc.nat(999),
  other: fc.nat(999),
  share: fc.nat(1000),
  offset: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.nat(40) },
    { weight: 1, arbitrary: fc.integer({ min: 300, max: 420 }) },
  ),
  delay: fc.nat(39),
  twist: fc.nat(99),
  cut: fc.nat(9),
});

const FIRST_MOMENT_MS = Date.UTC(2018, 0, 2, 1, 0, 0);
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/**
 * Valid random histories: rows of all kinds that the ledger accepted, one after the other, with everything that makes
 * a history hard (several levels and names of regions, pooling, money in transit and acknowledged later, money sent
 * back, reversals, back-dated records, payments that had already happened, projects that close).
 *
 * The same seed gives the same history; a failing one shrinks to few rows, of the plainest kinds, in one certification.
 *
 * @param rowsMax dice rolled; somewhat fewer rows are accepted, the others leave no trace
 */
export function histories({ rowsMax = 60 }: { rowsMax?: number } = {}): fc.Arbitrary<History> {
  return fc.array(roll, { maxLength: rowsMax, size: 'max' }).map(tell);
}

/** A history as a failing property prints it: one line a row. */
export function describeHistory({ postings }: History): string {
  return postings
    .map(({ recordedAt, rows }) => [recordedAt, ...rows.map(rowText)].join('\n  '))
    .join('\n');
}

const rowText = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));

function tell(rolls: readonly Roll[]): History {
  const context = { jurisdiction: REGION.centre, regions: testRegions() };
  const scene = emptyScene(new Books());
  const postings: HistoryPosting[] = [];
  let atMs = FIRST_MOMENT_MS;
  let open: { rows: Row[]; events: LedgerEvent[] } = { rows: [], events: [] };
  const certify = (): void => {
    if (open.rows.length === 0) return;
    postings.push({ recordedAt: new Date(atMs).toISOString(), ...open });
    open = { rows: [], events: [] };
  };
  rolls.forEach((one, index) => {
    if (one.cut >= 6) {
      certify();
      atMs += one.cut === 9 ? 20 * DAY_MS : SECOND_MS;
    }
    const posted = post(scene, one, `R${index + 1}`, context);
    if (!posted) return;
    open.rows.push(posted.row);
    open.events.push(...posted.events);
  });
  certify();
  return { postings, books: scene.books, context };
}

function post(
  scene: Scene,
  step: Step,
  id: string,
  context: PostingContext,
): { row: Row; events: readonly LedgerEvent[] } | null {
  const row = propose(scene, step, id);
  if (!row) return null;
  const isNew = scene.books.record(row.id) === undefined;
  const decision = postRow(scene.books, row, context);
  if (decision.outcome !== 'accepted') return null;
  if (isNew) {
    scene.ids[row.kind].push(row.id);
    scene.rows.push(row);
  }
  return { row, events: decision.events };
}
