import { countyKey, type RegionCode } from '@fundflow/domain/region';
import type { ClientBase } from 'pg';
import { copyLine, copyRows } from '../copy-rows.js';
import type { Page, Projection, Recorded } from '../projection.js';
import { kindCode } from './effect.js';
import { movementOf } from './movement.js';
import type { Movement } from './movement-shape.js';
import { movementTables } from './table.js';

const COLUMNS = [
  ...['position', 'amount_fen', 'recorded_at', 'occurred_on', 'kind', 'personal', 'event_id'],
  ...['county_key', 'record_id', 'holding_id', 'project_id', 'giver_region', 'holding_region'],
  ...['places', 'upper_id', 'lower_id', 'document_no', 'voucher_no', 'counterparty', 'actor'],
  'reversal_of',
];

/** The trail and the edges of the trace. */
export const movementsProjection: Projection = {
  name: 'movements',
  tables: movementTables,
  async write(page: Page, client: ClientBase): Promise<void> {
    await copyRows(client, 'movements', COLUMNS, foldMovements(page));
  },
};

const KNOWN = new WeakMap<object, readonly (Movement | null)[]>();

/** The movements of a page beside their events, worked out once for all who fold them. */
export function movementsOf(page: Pick<Page, 'events'>): readonly (Movement | null)[] {
  let movements = KNOWN.get(page);
  if (!movements) {
    movements = page.events.map(({ event }) => movementOf(event));
    KNOWN.set(page, movements);
  }
  return movements;
}

/** COPY lines, one for every county key an entry names; the edge stands in the first. */
export function foldMovements(page: Pick<Page, 'events'>): string[] {
  const lines: string[] = [];
  const movements = movementsOf(page);
  page.events.forEach((recorded, index) => {
    const movement = movements[index];
    if (movement) spread(lines, recorded, movement);
  });
  return lines;
}

function spread(lines: string[], recorded: Recorded, movement: Movement): void {
  const { giverRegion, holdingRegion, alsoNames } = movement;
  const own = holdingRegion === null ? null : countyKey(holdingRegion);
  const keys: string[] = own === null ? [] : [own];
  for (const region of [giverRegion, ...alsoNames]) {
    if (region === null || region === holdingRegion) continue;
    const key = countyKey(region as RegionCode);
    if (!keys.includes(key)) keys.push(key);
  }
  keys.forEach((key, index) => lines.push(lineOf(recorded, movement, key, index === 0)));
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

function lineOf(recorded: Recorded, movement: Movement, key: string, isEdge: boolean): string {
  const { position, envelope, event } = recorded;
  return copyLine([
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
  ]);
}
