import { countyKey, type RegionCode } from '@fundflow/domain/region';
import type { Cell, ColumnBytes } from '@fundflow/postgres-arrays/column-bytes';
import { NewRows, type RowShape } from '../new-rows.js';
import type { PaymentRecord, Span } from '../records/payment-record.js';
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

/** Of payments in the county of their holding: what they all leave empty, have alike or say twice is not sent. */
const OF_PAYMENTS = {
  table: 'movements',
  rowsOf: 'payments',
  columns: {
    ...{ position: 'bigint', amount_fen: 'bigint', recorded_at: 'moment', occurred_on: 'date' },
    ...{ personal: 'boolean', event_id: 'uuid', county_key: 'text', record_id: 'text' },
    ...{ holding_id: 'text', project_id: 'text', holding_region: 'text', places: 'text' },
    ...{ voucher_no: 'text', counterparty: 'text', actor: 'text' },
  },
  others: { kind: String(kindCode('payment-made')), upper_id: 'holding_id', lower_id: 'record_id' },
} as const satisfies RowShape;

type PaymentRows = NewRows<keyof (typeof OF_PAYMENTS)['columns']>;

/** The trail and the edges of the trace: rows, one for every county key an entry names. */
export const movementsProjection: Projection = {
  name: 'movements',
  tables: movementTables,
  beginPage(): PageFold {
    const rows = new NewRows(MOVEMENTS);
    const payments = new NewRows(OF_PAYMENTS);
    return {
      add: (recorded) => foldMovement(rows, recorded),
      addPayment: (payment) => foldPayment(payments, payment),
      async write(_, client) {
        await rows.insert(client);
        await payments.insert(client);
      },
    };
  },
};

/** Adds the rows of an event; the edge stands in the first. */
function foldMovement(rows: NewRows, recorded: Recorded): void {
  if (recorded.movement) spread(rows, recorded, recorded.movement);
}

const COMMA = ','.charCodeAt(0);

function foldPayment({ named }: PaymentRows, payment: PaymentRecord): void {
  const { bytes, payeeRegion, holdingRegion, isPerson } = payment;
  named.position.add(payment.position);
  named.amount_fen.add(payment.amountFen);
  named.recorded_at.add(payment.recordedAt);
  named.occurred_on.add(payment.occurredOn);
  named.personal.add(isPerson);
  named.county_key.addUtf8(bytes, payment.county.from, payment.county.to);
  addText(named.event_id, payment, payment.eventId);
  addText(named.record_id, payment, payment.id);
  addText(named.holding_id, payment, payment.sourceId);
  addText(named.project_id, payment, payment.projectId);
  addText(named.holding_region, payment, holdingRegion);
  if (payeeRegion.from < 0 || payment.isSame(payeeRegion, holdingRegion)) named.places.add(null);
  else named.places.addUtf8(bytes, payeeRegion.from, payeeRegion.to, COMMA);
  addText(named.voucher_no, payment, payment.voucherNo);
  if (isPerson) named.counterparty.add(null);
  else addText(named.counterparty, payment, payment.payeeName);
  addText(named.actor, payment, payment.actor);
}

function addText(column: ColumnBytes, { bytes }: PaymentRecord, { from, to }: Span): void {
  if (from < 0) column.add(null);
  else column.addUtf8(bytes, from, to);
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
