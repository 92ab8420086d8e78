import { countyKey, type RegionCode } from '@fundflow/domain/region';
import type { Cell } from '@fundflow/postgres-arrays/column-bytes';
import { NewRows, type RowShape } from '../new-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { kindCode } from './effect.js';
import type { Movement } from './movement-shape.js';
import { movementTables } from './table.js';

const MOVEMENTS: RowShape = {
  table: 'movements',
  columns: {
    ...{ position: 'bigint', amount_fen: 'bigint', recorded_at: 'moment', occurred_on: 'date' },
    ...{ kind: 'smallint', personal: 'boolean', event_id: 'uuid', county_key: 'text' },
    ...{ record_id: 'text', holding_id: 'text', project_id: 'text', giver_region: 'text' },
    ...{ holding_region: 'text', places: 'text', upper_id: 'text', lower_id: 'text' },
    ...{ document_no: 'text', voucher_no: 'text', counterparty: 'text', actor: 'text' },
    reversal_of: 'text',
  },
};

/** The trail and the edges of the trace: rows, one for every county key an entry names. */
export const movementsProjection: Projection = {
  name: 'movements',
  tables: movementTables,
  beginPage(): PageFold {
    const rows = new NewRows(MOVEMENTS);
    return {
      add: (recorded) => foldMovement(rows, recorded),
      write: (_, client) => rows.insert(client),
    };
  },
};

/** Adds the rows of an event; the edge stands in the first. */
function foldMovement(rows: NewRows, recorded: Recorded): void {
  if (recorded.movement) spread(rows, recorded, recorded.movement);
}

function spread(rows: NewRows, recorded: Recorded, movement: Movement): void {
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
