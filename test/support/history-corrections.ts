import type { PostedRecord } from '@fundflow/domain/books';
import { addDays, type Day, latest } from '@fundflow/domain/calendar';
import { type Holding, receivedOn } from '@fundflow/domain/holding/holding';
import { COMPLETION_DATES, type Row, type SupplementRow } from '@fundflow/domain/rows';
import { amountOf, pick, received, type Scene, START, type Step } from './history-dice.js';
import * as row from './rows.js';

export function reverse(scene: Scene, step: Step, id: string): Row | null {
  const { allocations, supplements, disbursements, payments, returns } = scene.ids;
  const kinds = [payments, returns, supplements, disbursements, allocations];
  const ids = kinds[step.other % kinds.length] as string[];
  const ofId = pick(ids, step.who);
  const record = ofId === null ? undefined : scene.books.record(ofId);
  if (!record) return null;
  return row.reversal({
    id,
    ofId: record.row.id,
    reversedOn: addDays(lastOf(record), step.offset),
  });
}

/**
 * A supplement entered the wrong way round is reversed and entered the right way: two lines that face each other, and
 * no circle on any one day.
 */
export function mend(scene: Scene, step: Step, id: string): Row | null {
  const pooled = scene.ids.supplements.map(
    (each) => scene.books.record(each)?.row as SupplementRow,
  );
  const sameRegion = pooled.filter(({ allocationId, parentId }) => {
    const giver = parentId === null ? undefined : scene.books.holding(parentId);
    return giver?.region === scene.books.holding(allocationId)?.region;
  });
  const wrong = pick(sameRegion, step.who);
  if (!wrong?.parentId) return null;
  const giver = scene.books.holding(wrong.allocationId) as Holding;
  const grown = scene.books.holding(wrong.parentId) as Holding;
  const reversedOn = giver.lines.find((line) => line.id === wrong.id)?.reversedOn ?? null;
  if (reversedOn === null) {
    const record = scene.books.record(wrong.id) as PostedRecord;
    return row.reversal({ id, ofId: wrong.id, reversedOn: addDays(lastOf(record), step.offset) });
  }
  const on = latest(reversedOn, receivedOn(giver), receivedOn(grown)) as Day;
  return row.supplement({
    ...{ id, allocationId: grown.id, parentId: giver.id, issuerRegion: giver.region },
    amount: amountOf(step, giver.timeline.lowestFrom(on)),
    ...{ issuedOn: on, receivedOn: received(step, on) },
  });
}

/** Fills the first empty date of a record that has one. */
export function complete(scene: Scene, step: Step): Row | null {
  const open = scene.rows
    .map(({ id }) => scene.books.record(id))
    .filter((record) => record !== undefined && Object.values(record.dates).includes(null));
  const record = pick(open, step.who);
  if (!record) return null;
  const fields: readonly string[] = COMPLETION_DATES[record.kind];
  const field = fields.find((name) => (record.dates[name] ?? null) === null) as string;
  const last = latest(lastOf(record), ...Object.values(record.dates)) as Day;
  const delay = record.kind === 'projects' ? 300 + step.offset * 10 : step.offset;
  return { ...record.row, ...record.dates, [field]: addDays(last, delay) } as Row;
}

function lastOf({ row: posted, dates }: PostedRecord): Day {
  const filled = latest(dates['receivedOn'], dates['creditedOn']);
  if ('issuedOn' in posted) return latest(posted.issuedOn, filled) as Day;
  if ('disbursedOn' in posted) return latest(posted.disbursedOn, filled) as Day;
  if ('returnedOn' in posted) return latest(posted.returnedOn, filled) as Day;
  return 'paidOn' in posted ? posted.paidOn : START;
}
