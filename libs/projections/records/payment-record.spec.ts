import { fen } from '@fundflow/domain/money';
import type { PaymentRow } from '@fundflow/domain/rows';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import type { Envelope } from '@fundflow/event-store/envelope';
import { eventIdOf } from '@fundflow/event-store/event-id';
import fc from 'fast-check';
import { envelopesOf, newEventOf } from '../../../test/support/envelopes.js';
import { histories } from '../../../test/support/histories.js';
import { openReadSide, type ReadSide } from '../../../test/support/read-side.js';
import { day, payment } from '../../../test/support/rows.js';
import { checksumsOf } from '../rebuild/checksums.js';
import { decode } from './decode.js';
import { foldPage } from '../follow/fold-page.js';
import { writePage } from '../follow/page-writer.js';
import { PaymentRecord } from './payment-record.js';
import { projections, readTables } from '../read-model.js';
import { READ_SCHEMA } from '../read-table.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
afterAll(() => side.close());

const COMMITMENT = { commitment: 'ab'.repeat(32) };
const PERSON = { kind: 'person', name: COMMITMENT, code: COMMITMENT, account: null } as const;
const UNIT = { kind: 'unit', name: '某某示例有限公司', code: null, account: '6222' } as const;

interface Around {
  readonly row?: Partial<PaymentRow>;
  readonly data?: Record<string, unknown>;
  readonly head?: Partial<Envelope>;
}

/** The record of a payment with these fields, as the ledger writes it. */
function recordOf({ row, data, head }: Around = {}): Buffer {
  const whole = {
    ...{ holdingRegion: '450124', holdingKind: 'disbursement', projectId: null },
    ...data,
    row: { ...payment({ payee: PERSON }), ...row },
  };
  const envelope: Envelope = {
    ...{ eventId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', stream: 'holding-D-1', version: 7 },
    ...{ type: 'PaymentMade', schema: 1, occurredOn: '2018-06-01', index: 0 },
    ...{ recordedAt: '2019-01-01T00:00:00.000Z', actor: 'u-1', unit: '450124' },
    ...{ region: '450124', cause: 'submission:1', key: 'record:P-1' },
    ...head,
    data: { ...whole, row: { ...whole.row, amountFen: whole.row.amountFen.toString() } },
  };
  return Buffer.from(canonicalRecord(envelope));
}

const isRead = (record: Buffer): boolean => new PaymentRecord().read(1n, record);

/** What the tables say behind these records. */
async function tablesOf(write: (records: readonly Buffer[]) => Promise<boolean>, all: Buffer[]) {
  await side.empty();
  // As one page comes from the database.
  const page = Buffer.concat([Buffer.of(0x22), ...all]);
  let at = 1;
  const records = all.map(({ length }) => page.subarray(at, (at += length)));
  expect(await write(records)).toBe(true);
  return checksumsOf(side.client, READ_SCHEMA, readTables);
}

async function asItFolds(records: readonly Buffer[]): Promise<boolean> {
  const folded = await foldPage({ after: 0n, records, atHead: true }, projections);
  expect(folded.failure).toBeNull();
  return writePage(side.client, READ_SCHEMA, folded);
}

function allParsed(records: readonly Buffer[]): Promise<boolean> {
  const folds = projections.map((projection) => projection.beginPage());
  records.forEach((record, at) => {
    const recorded = decode({ position: BigInt(at + 1), record });
    if (recorded) for (const fold of folds) fold.add(recorded);
  });
  const page = { after: 0n, upTo: BigInt(records.length), atHead: true };
  return writePage(side.client, READ_SCHEMA, { page, folds });
}

const word = fc.stringMatching(/^[ !#-[\]-~]{1,24}$/);
/** PostgreSQL takes every character but NUL. */
const anyText = fc.oneof(
  word,
  fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom('扶贫', '"', '\\', '}', '"}},"eventId":"'),
);
const place = fc.option(
  fc.constantFrom('450124', '450124101', '450124101203', '4501', '450124000', '450100', '450105'),
);
const payments = fc.record({
  row: fc.record({
    ...{ id: anyText, sourceId: anyText, voucherNo: anyText, alreadyHappened: fc.boolean() },
    ...{
      purpose: fc.option(anyText, { nil: null }),
      remark: fc.option(anyText, { nil: null }),
      reason: fc.option(anyText, { nil: null }),
    },
    payeeRegion: place as fc.Arbitrary<PaymentRow['payeeRegion']>,
    amountFen: fc.bigInt({ min: 0n, max: 10n ** 14n }).map(fen),
    payee: fc.oneof(
      fc.constant(PERSON),
      anyText.map((name) => ({ ...UNIT, name })),
    ),
  }),
  data: fc.record({
    holdingRegion: place.map((code) => code ?? '450124'),
    holdingKind: fc.constantFrom('allocation', 'disbursement'),
    projectId: fc.option(anyText, { nil: null }),
  }),
  head: fc.record({
    actor: word,
    eventId: fc.nat().map((key) => eventIdOf(`record:${key}`, 0)),
    occurredOn: fc.constantFrom('2018-06-01', '2018-06-30', '2019-02-28'),
    recordedAt: fc.constantFrom('2019-01-01T00:00:00.000Z', '2020-01-01T00:00:00.000Z'),
  }),
});

describe('a payment folded where it stands in its record', () => {
  it('leaves the tables that parsing it leaves, in any history', async () => {
    await fc.assert(
      fc.asyncProperty(histories(), async (history) => {
        const records = envelopesOf(history).map((one) => Buffer.from(newEventOf(one).record));
        fc.pre(records.length > 0);
        expect(await tablesOf(asItFolds, records)).toEqual(await tablesOf(allParsed, records));
      }),
      { numRuns: 10 },
    );
  });

  it('leaves the same whatever its texts hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(payments, { minLength: 1, maxLength: 60 }), async (all) => {
        const records = all.map(recordOf);
        expect(await tablesOf(asItFolds, records)).toEqual(await tablesOf(allParsed, records));
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, Buffer]>([
    ['a person', recordOf()],
    ['a unit', recordOf({ row: { payee: UNIT } })],
    ['Chinese in its texts', recordOf({ row: { voucherNo: '凭证一', remark: '补登' } })],
    ['fields left empty', recordOf({ row: { payeeRegion: null, economicCode: null } })],
    ['fifteen digits', recordOf({ row: { amountFen: fen(10n ** 15n - 1n) } })],
  ])('is read with %s', (_, record) => {
    expect(isRead(record)).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['an escape in what is read', recordOf({ row: { voucherNo: '凭"1"' } })],
    ['an escape in what is not', recordOf({ row: { remark: 'a\nb' } })],
    ['an amount of sixteen digits', recordOf({ row: { amountFen: fen(10n ** 15n) } })],
    ['a negative amount', recordOf({ row: { amountFen: fen(-1n) } })],
    ['a payee in another county', recordOf({ row: { payeeRegion: '450105' as never } })],
    ['a holding of a city', recordOf({ data: { holdingRegion: '450100' } })],
    ['a kind of holding that is unknown', recordOf({ data: { holdingKind: 'loan' } })],
    ['a date in another form', recordOf({ head: { occurredOn: '2018-6-01' } })],
    ['another shape', recordOf({ head: { schema: 2 } })],
    ['another event', recordOf({ head: { type: 'PaymentReturned' } })],
    ['a field more', recordOf({ row: { later: day('2018-06-01') } as Partial<PaymentRow> })],
    ['text behind it', Buffer.concat([recordOf(), Buffer.from(' ')])],
    ['its end cut off', recordOf().subarray(0, -1)],
  ])('is left to parsing with %s', (_, record) => {
    expect(isRead(record)).toBe(false);
  });
});
