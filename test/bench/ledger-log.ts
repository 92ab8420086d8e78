import type { LedgerEvent } from '@fundflow/domain/events';
import type { RegionCode } from '@fundflow/domain/region';
import { shippedDivisions } from '@fundflow/divisions/load-divisions';
import { sealEvent } from '@fundflow/command-handling/envelopes';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { textOf } from '@fundflow/event-store/record-utf8';
import { allocation, cashReturn, bankReturn, day, disbursement, payment } from '../support/rows.js';

/** How large a plan: the payments are spread over counties, and within one over its disbursements. */
export interface LogSize {
  readonly payments: number;
  readonly counties: number;
  /** The first county has this share of them, the others divide the rest: no plan is even. */
  readonly shareOfFirst: number;
  readonly paymentsPerDisbursement: number;
  /** Of the first disbursement of the first county. */
  readonly paymentsOfLargest: number;
  /** Rows a county hands in at once: they share one moment of record. */
  readonly rowsPerSubmission: number;
}

export const LOG_SIZE: LogSize = {
  payments: 1_000_000,
  counties: 111,
  shareOfFirst: 0.1,
  paymentsPerDisbursement: 50,
  paymentsOfLargest: 20_000,
  rowsPerSubmission: 10_000,
};

const CITIES = 14;
const FIRST_DAY = Date.UTC(2018, 0, 1);
const DAY_MS = 86_400_000;
const PROVINCE = '45' as RegionCode;
const COMMITMENT = {
  commitment: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
};

const dayAt = (offset: number) =>
  day(new Date(FIRST_DAY + offset * DAY_MS).toISOString().slice(0, 10));
const two = (n: number): string => String(n).padStart(2, '0');

/** A number that looks random and is the same in every run. */
const scatter = (n: number, below: number): number => ((n * 2_654_435_761) >>> 0) % below;

interface Head {
  readonly streamId: string;
  readonly key: string;
  readonly index: number;
  readonly occurredOn: LedgerEvent['occurredOn'];
  readonly region: RegionCode;
}

const head = (
  id: string,
  index: number,
  holdingId: string,
  on: Head['occurredOn'],
  region: RegionCode,
): Head => ({
  streamId: `holding-${holdingId}`,
  key: `record:${id}`,
  index,
  occurredOn: on,
  region,
});

function* issued(
  id: string,
  parentId: string | null,
  [giver, region]: readonly [RegionCode | null, RegionCode],
  amount: bigint,
  offset: number,
): Generator<LedgerEvent> {
  const issuerRegion = giver ?? ('000000' as RegionCode);
  const row = allocation({
    ...{ id, parentId, issuerRegion, receiverRegion: region, amount },
    ...{ issuedOn: dayAt(offset), receivedOn: dayAt(offset + 10), receiverName: `${region}财政局` },
  });
  yield {
    ...head(id, 0, parentId ?? id, row.issuedOn, region),
    type: 'AllocationIssued',
    data: { row, giverRegion: giver, projectId: null },
  };
  yield {
    ...head(id, 1, id, row.receivedOn, region),
    type: 'AllocationReceived',
    data: {
      ...{ allocationId: id, parentId, amountFen: row.amountFen, giverRegion: giver },
      ...{ holdingRegion: region, issuerRegion, issuedOn: row.issuedOn },
      ...{ documentNo: row.documentNo, projectId: null },
    },
  };
}

function* disbursed(
  id: string,
  allocationId: string,
  region: RegionCode,
  amount: bigint,
  offset: number,
): Generator<LedgerEvent> {
  const [disbursedOn, creditedOn] = [dayAt(offset), dayAt(offset + 1)];
  const row = disbursement({ id, allocationId, amount, disbursedOn, creditedOn });
  const { recipientName, voucherNo, amountFen } = row;
  yield {
    ...head(id, 0, allocationId, disbursedOn, region),
    type: 'CashDisbursed',
    data: {
      row,
      holdingRegion: region,
      projectId: null,
      fundType: 'central-special',
      fiscalYear: 2018,
    },
  };
  yield {
    ...head(id, 1, id, creditedOn, region),
    type: 'CashCredited',
    data: {
      ...{ disbursementId: id, allocationId, amountFen, holdingRegion: region, disbursedOn },
      ...{ voucherNo, recipientName, projectId: null },
    },
  };
}

function paid(n: number, sourceId: string, region: RegionCode, offset: number): LedgerEvent {
  const village = villageCode(region, scatter(n, 1_000));
  const row = payment({
    ...{ id: `ZF-${region}-${n}`, sourceId, amount: BigInt(100_00 + scatter(n, 900_000)) },
    ...{ paidOn: dayAt(offset), voucherNo: `V${n}`, payeeRegion: village, economicCode: '30305' },
    ...{ method: 'card' as const, purpose: '产业发展以奖代补' },
    payee: { kind: 'person', name: COMMITMENT, code: COMMITMENT, account: COMMITMENT },
  });
  return {
    ...head(row.id, 0, sourceId, row.paidOn, region),
    type: 'PaymentMade',
    data: { row, holdingRegion: region, holdingKind: 'disbursement', projectId: null },
  };
}

/** One payment in a hundred bounces, one disbursement in ten sends something back. */
function* sentBack(
  n: number,
  sourceId: string,
  allocationId: string,
  region: RegionCode,
  offset: number,
): Generator<LedgerEvent> {
  const amount = 50_00n;
  if (n % 100 === 0) {
    const returnedOn = dayAt(offset + 3);
    const row = bankReturn({ id: `TP-${n}`, ofId: `ZF-${region}-${n}`, amount, returnedOn });
    yield {
      ...head(row.id, 0, sourceId, returnedOn, region),
      type: 'PaymentReturned',
      data: {
        row,
        holdingId: sourceId,
        holdingRegion: region,
        holdingKind: 'disbursement',
        payeeRegion: null,
        voucherNo: `V${n}`,
        projectId: null,
      },
    };
  }
  if (n % 500 === 0) {
    const row = cashReturn({
      id: `TH-${n}`,
      ofId: sourceId,
      amount,
      returnedOn: dayAt(offset + 5),
    });
    yield {
      ...head(row.id, 0, sourceId, row.returnedOn, region),
      type: 'CashReturned',
      data: { row, allocationId, holdingRegion: region, voucherNo: `V${n}`, projectId: null },
    };
  }
}

/** Real places of 2018: the ledger answers for no others. */
const PLACES: readonly string[] = shippedDivisions()
  .filter(({ code, firstYear, lastYear }) => {
    return code.startsWith('45') && firstYear <= 2018 && lastYear >= 2018;
  })
  .map(({ code }) => code)
  .sort();
const COUNTIES = PLACES.filter((code) => code.length === 6) as RegionCode[];
const VILLAGES = new Map<string, RegionCode[]>();
for (const code of PLACES.filter(({ length }) => length === 12)) {
  const county = code.slice(0, 6);
  VILLAGES.set(county, [...(VILLAGES.get(county) ?? []), code as RegionCode]);
}

/** Counties of Guangxi by their codes, from 0. */
export function countyCode(index: number): RegionCode {
  const code = COUNTIES[index];
  if (!code) throw new RangeError(`Guangxi has ${COUNTIES.length} counties`);
  return code;
}

/** The same village for the same number. */
export function villageCode(county: RegionCode, n: number): RegionCode {
  const villages = VILLAGES.get(county) ?? [];
  return villages[n % villages.length] ?? county;
}

/** The events of the plan in the order of the log; a new submission wherever `cut` is true. */
function* planEvents(size: LogSize): Generator<{ event: LedgerEvent; cut: boolean }> {
  const top = function* (events: Iterable<LedgerEvent>) {
    for (const event of events) yield { event, cut: false };
  };
  const huge = 10n ** 15n;
  yield* top(issued('ZB-45', null, [null, PROVINCE], huge, 0));
  for (let city = 1; city <= CITIES; city += 1) {
    const region = `45${two(city)}` as RegionCode;
    yield* top(issued(`ZB-${region}`, 'ZB-45', [PROVINCE, region], huge / 20n, 20));
  }
  for (let county = 0; county < size.counties; county += 1) {
    const region = countyCode(county);
    const city = region.slice(0, 4) as RegionCode;
    yield* top(issued(`ZB-${region}`, `ZB-${city}`, [city, region], huge / 400n, 40));
  }
  let n = 0;
  for (let county = 0; county < size.counties; county += 1) {
    const region = countyCode(county);
    const count = paymentsOf(size, county);
    const largest = county === 0 ? Math.min(size.paymentsOfLargest, count) : 0;
    let source = '';
    for (let within = 0; within < count; within += 1, n += 1) {
      const offset = 60 + Math.floor((within / count) * 900);
      const behind = within - largest;
      if (within === 0 || (behind >= 0 && behind % size.paymentsPerDisbursement === 0)) {
        const payments = within < largest ? largest : size.paymentsPerDisbursement;
        source = `BF-${region}-${Math.max(0, Math.floor(behind / size.paymentsPerDisbursement) + 1)}`;
        yield* top(
          disbursed(source, `ZB-${region}`, region, BigInt(payments) * 1_100_000n, offset),
        );
      }
      const on = offset + 2 + scatter(n, 45);
      yield { event: paid(n, source, region, on), cut: within % size.rowsPerSubmission === 0 };
      yield* top(sentBack(n, source, `ZB-${region}`, region, on));
    }
  }
}

function paymentsOf(size: LogSize, county: number): number {
  const first = Math.floor(size.payments * size.shareOfFirst);
  const others = size.payments - first;
  if (county === 0) return first;
  const each = Math.floor(others / (size.counties - 1));
  return county === size.counties - 1 ? others - each * (size.counties - 2) : each;
}

/**
 * A log of payments as a plan of poverty relief has them: one province, its cities and counties, disbursements to units
 * and household payments to villages, some of them coming back. Positions from 1; the same in every run.
 */
export function* ledgerLog(size: LogSize = LOG_SIZE): Generator<StoredEvent> {
  const versions = new Map<string, number>();
  let position = 0n;
  let submission = 0;
  for (const { event, cut } of planEvents(size)) {
    if (cut) submission += 1;
    const version = (versions.get(event.streamId) ?? 0) + 1;
    versions.set(event.streamId, version);
    position += 1n;
    const recordedAt = new Date(Date.UTC(2021, 0, 1) + submission * 60_000).toISOString();
    const stamp = {
      recordedAt,
      actor: 'u-0f0fd30e',
      unit: '450124',
      cause: `submission:${submission}`,
    };
    const sealed = sealEvent(event, version, stamp);
    const record = textOf(sealed.record);
    yield { position, streamId: event.streamId, version, ...sealed, record };
  }
}
