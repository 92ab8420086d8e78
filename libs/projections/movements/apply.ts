import { countyKey, type RegionCode } from '@fundflow/domain/region';
import { type Cell, CopyRows, copyRows } from '../copy-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { kindCode } from './effect.js';
import type { Movement } from './movement-shape.js';
import { movementTables } from './table.js';

const COLUMNS = [
  ...['position', 'amount_fen', 'recorded_at', 'occurred_on', 'kind', 'personal', 'event_id'],
  ...['county_key', 'record_id', 'holding_id', 'project_id', 'giver_region', 'holding_region'],
  ...['places', 'upper_id', 'lower_id', 'document_no', 'voucher_no', 'counterparty', 'actor'],
  'reversal_of',
];

/** The trail and the edges of the trace: rows, one for every county key an entry names. */
export const movementsProjection: Projection = {
  name: 'movements',
  tables: movementTables,
  beginPage(): PageFold {
    const rows = new CopyRows();
    return {
      add: (recorded) => foldMovement(rows, recorded),
      write: (_, client) => copyRows(client, 'movements', COLUMNS, rows),
    };
  },
};

/** Adds the rows of an event; the edge stands in the first. */
function foldMovement(rows: CopyRows, recorded: Recorded): void {
  if (recorded.movement) spread(rows, recorded, recorded.movement);
}

function spread(rows: CopyRows, recorded: Recorded, movement: Movement): void {
  const { giverRegion, holdingRegion, alsoNames } = movement;
  const own = holdingRegion === null ? null : countyKey(holdingRegion);
  const keys: string[] = own === null ? [] : [own];
  for (const region of [giverRegion, ...alsoNames]) {
    if (region === null || region === holdingRegion) continue;
    const key = countyKey(region as RegionCode);
    if (!keys.includes(key)) keys.push(key);
  }
  keys.forEach((key, index) => rows.add(cellsOf(recorded, movement, key, index === 0)));
}

/** Places of this key beside the two regions that have columns of their own. */
function placesIn(key: string, { alsoNames, giverRegion, holdingRegion }: Movement): string | null {
  let places = '';
  for (const place of alsoNames) {
    if (place === null || place === giverRegion || place === holdingRegion) continue;
    if (countyKey(place as RegionCode) === key) places += `,${place}`;
  }
  return places === '' ? null : places;
}

function cellsOf(recorded: Recorded, movement: Movement, key: string, isEdge: boolean): Cell[] {
  const { position, envelope, event } = recorded;
  return [
    position,
    movement.amountFen,
    envelope.recordedAt,
    event.occurredOn,
    kindCode(movement.kind),
    movement.personal,
    envelope.eventId,
    key,
    movement.recordId,
    movement.holdingId,
    movement.projectId,
    movement.giverRegion,
    movement.holdingRegion,
    placesIn(key, movement),
    isEdge ? movement.upperId : null,
    isEdge ? movement.lowerId : null,
    movement.documentNo,
    movement.voucherNo,
    movement.counterparty,
    envelope.actor,
    movement.reversalOf,
  ];
}
