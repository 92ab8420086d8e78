import { type Fen, fen, ZERO } from '@fundflow/domain/money';
import { HUNDRED_YUAN, minFen, permille, roundDown } from './amounts.js';
import { BASE_RATES } from './base-rates.js';
import { type Batch, SHOWCASE_COUNTY } from './batches.js';
import { type DayNo, dayNo, yearOf } from './days.js';
import { documentNo } from './documents.js';
import type { Fund } from './fund-mix.js';
import type { AgeClass } from './idle-quota.js';
import type { County } from './places.js';
import { type Random, randomFor } from './random.js';

/** An allocation above the county's projects, or to a county. */
export interface UpperAllocation {
  readonly id: string;
  readonly parentId: string | null;
  readonly documentNo: string;
  readonly fund: Fund;
  readonly fiscalYear: number;
  readonly issuer: string;
  readonly receiver: string;
  readonly receiverName: string;
  readonly amountFen: Fen;
  readonly issued: DayNo;
  readonly received: DayNo | null;
  readonly purpose: string;
  readonly remark: string;
}

/** Money a county holds and details to projects. */
export interface Grant {
  readonly id: string;
  readonly fund: Fund;
  readonly fiscalYear: number;
  readonly amountFen: Fen;
  readonly received: DayNo;
  readonly age: AgeClass;
  /** Whether it came from a holder inside the ledger, who can take it back. */
  readonly hasParent: boolean;
}

export interface UpperPlan {
  /** Every parent before its children. */
  readonly allocations: readonly UpperAllocation[];
  /** By county id, in order of receipt. */
  readonly grants: ReadonlyMap<string, readonly Grant[]>;
  readonly heldFen: Readonly<Record<AgeClass, Fen>>;
}

const REGION = '450000';
const REGION_NAME = '广西壮族自治区财政厅';
const CENTRE = '000000';
/** Nothing reaches a county after this day: there would be no time left to spend it. */
const LAST_RECEIPT: DayNo = dayNo('2020-10-31');
const DOCUMENT_OF_REGION = '桂财农';

interface Work {
  readonly allocations: UpperAllocation[];
  readonly grants: Map<string, Grant[]>;
  readonly held: Record<AgeClass, Fen>;
  readonly manyCounties: boolean;
}

/** Passes every batch down to the counties: centre, region, city, county. */
export function buildUpperPlan(seed: number, batches: readonly Batch[]): UpperPlan {
  const counties = new Set(batches.flatMap((batch) => [...batch.shares.keys()]));
  const work: Work = {
    allocations: [],
    grants: new Map(),
    held: { two: ZERO, one: ZERO, young: ZERO },
    manyCounties: counties.size >= 40,
  };
  for (const batch of batches) {
    if (batch.shares.size > 0) passDown(batch, work, randomFor(seed, `upper/${batch.id}`));
  }
  for (const grants of work.grants.values()) {
    grants.sort((a, b) => a.received - b.received || (a.id < b.id ? -1 : 1));
  }
  return { allocations: work.allocations, grants: work.grants, heldFen: work.held };
}

function passDown(batch: Batch, work: Work, random: Random): void {
  switch (batch.fund.road) {
    case 'county':
      for (const [county, share] of batch.shares) enterAtCounty(batch, county, share, work, random);
      return;
    case 'city':
      for (const shares of byCity(batch.shares)) enterAtCity(batch, shares, work, random);
      return;
    case 'centre':
    case 'region':
      return enterAtRegion(batch, work, random);
  }
}

type Shares = ReadonlyMap<County, Fen>;

const sumOf = (shares: Shares): Fen => fen([...shares.values()].reduce((a, b) => a + b, 0n));

function byCity(shares: Shares): Map<County, Fen>[] {
  const cities = new Map<string, Map<County, Fen>>();
  for (const [county, share] of shares) {
    const city = cities.get(county.cityCode) ?? new Map<County, Fen>();
    cities.set(county.cityCode, city.set(county, share));
  }
  return [...cities.values()];
}

const soon = (day: DayNo, days: number): DayNo => Math.min(day + days, LAST_RECEIPT);

function purposeOf(batch: Batch): string {
  const { fiscalYear, ordinal, fund, advance } = batch;
  const which = ['一', '二', '三'][ordinal - 1] ?? `${ordinal}`;
  return `${fiscalYear}年第${which}批${fund.chinese}${advance ? '(提前下达)' : ''}`;
}

function enterAtCounty(batch: Batch, county: County, share: Fen, work: Work, random: Random): void {
  const { fund, issued } = batch;
  const year = yearOf(issued);
  const own = fund.outside === '本级财政预算';
  const issuer = own ? `${county.shortName}财农` : DOCUMENT_OF_REGION;
  const document = fund.type === 'donation' ? '未载明' : documentNo(issuer, fund, issued);
  const received = soon(issued, random.between(0, 6));
  const id = `${batch.id}-${county.id}`;
  work.allocations.push({
    ...{ id, parentId: null, fund, fiscalYear: batch.fiscalYear, issued, received },
    documentNo: document,
    ...{ issuer: own ? county.codeIn(year) : REGION, receiver: county.codeIn(year) },
    ...{ receiverName: `${county.nameIn(year)}财政局`, amountFen: share },
    ...{ purpose: purposeOf(batch), remark: fund.outside },
  });
  grant(batch, county, { id, amountFen: share, received, hasParent: false }, work);
}

function grant(
  batch: Batch,
  county: County,
  rest: Pick<Grant, 'id' | 'amountFen' | 'received' | 'hasParent'>,
  work: Work,
): void {
  const { fund, fiscalYear, age } = batch;
  const grants = work.grants.get(county.id) ?? [];
  grants.push({ ...rest, fund, fiscalYear, age });
  work.grants.set(county.id, grants);
}

function enterAtCity(batch: Batch, shares: Map<County, Fen>, work: Work, random: Random): void {
  const [county] = shares.keys() as Iterable<County>;
  const { cityCode = '', cityName = '' } = county ?? {};
  const id = `${batch.id}-${cityCode}`;
  const issuer = `${cityName.slice(0, -1)}财农`;
  const { issued, fund, fiscalYear } = batch;
  const received = soon(issued, random.between(0, 3));
  work.allocations.push({
    ...{ id, parentId: null, fund, fiscalYear, issued, received, amountFen: sumOf(shares) },
    documentNo: documentNo(issuer, fund, issued),
    ...{ issuer: `${cityCode}00`, receiver: `${cityCode}00`, receiverName: `${cityName}财政局` },
    ...{ purpose: purposeOf(batch), remark: fund.outside },
  });
  const parent: Parent = { id, region: `${cityCode}00`, received, issuer };
  toCounties(batch, holdBack(batch, shares, cityCode, work, random), parent, work, random);
}

function enterAtRegion(batch: Batch, work: Work, random: Random): void {
  const { fund, fiscalYear, issued, id } = batch;
  const fromCentre = fund.road === 'centre';
  const received = soon(issued, fromCentre ? random.between(2, 8) : random.between(0, 3));
  work.allocations.push({
    ...{ id, parentId: null, fund, fiscalYear, issued, received, amountFen: sumOf(batch.shares) },
    documentNo: documentNo(fund.issuer, fund, issued),
    ...{ issuer: fromCentre ? CENTRE : REGION, receiver: REGION, receiverName: REGION_NAME },
    ...{ purpose: purposeOf(batch), remark: fund.outside },
  });
  const parent: Parent = { id, region: REGION, received, issuer: DOCUMENT_OF_REGION };
  // Advance money and small funds go to the counties the region administers itself (直管县), the rest by their cities.
  if (batch.advance || fund.share[0] < 100) {
    return toCounties(
      batch,
      holdBack(batch, batch.shares, '45', work, random),
      parent,
      work,
      random,
    );
  }
  const pass = passing(parent, fund, random);
  for (const shares of byCity(batch.shares)) {
    const [{ cityCode, cityName }] = [...shares.keys()] as [County];
    const at = pass();
    const cityId = `${id}-${cityCode}`;
    const city = { code: `${cityCode}00`, received: soon(at.issued, random.between(1, 7)) };
    work.allocations.push({
      ...{ id: cityId, parentId: id, fund, fiscalYear, ...at, received: city.received },
      ...{ issuer: REGION, receiver: city.code, receiverName: `${cityName}财政局` },
      ...{ amountFen: sumOf(shares), purpose: purposeOf(batch), remark: '' },
    });
    const issuer = `${cityName.slice(0, -1)}财农`;
    const holder: Parent = { id: cityId, region: city.code, received: city.received, issuer };
    toCounties(batch, holdBack(batch, shares, cityCode, work, random), holder, work, random);
  }
}

interface Parent {
  readonly id: string;
  readonly region: string;
  readonly received: DayNo;
  /** Of its document numbers. */
  readonly issuer: string;
}

/** One notice serves all receivers; who is forgotten gets a later one of its own. */
function passing(parent: Parent, fund: Fund, random: Random) {
  const letter = (issued: DayNo) => ({
    issued,
    documentNo: documentNo(parent.issuer, fund, issued),
  });
  const usual = letter(soon(parent.received, random.between(5, 25)));
  return () =>
    random.chance(BASE_RATES.passedOnLate)
      ? letter(soon(parent.received, random.between(35, 150)))
      : usual;
}

/** The city of the showcase county keeps something back from its first batch, others by chance. */
function holdBack(
  batch: Batch,
  shares: Shares,
  holder: string,
  work: Work,
  random: Random,
): Shares {
  const shown = holder === SHOWCASE_COUNTY.slice(0, 4) && batch.id === 'ZB19B2';
  if (!shown && !random.chance(BASE_RATES.heldAbove)) return shares;
  const [largest] = [...shares].reduce((a, b) => (b[1] > a[1] ? b : a));
  const most = fen((shares.get(largest) as Fen) / 2n);
  const wanted = permille(sumOf(shares), random.between(50, 150));
  const held = roundDown(minFen(wanted, most), HUNDRED_YUAN);
  work.held[batch.age] = fen(work.held[batch.age] + held);
  return new Map(shares).set(largest, fen((shares.get(largest) as Fen) - held));
}

function toCounties(
  batch: Batch,
  shares: Shares,
  parent: Parent,
  work: Work,
  random: Random,
): void {
  const { fund, fiscalYear } = batch;
  const pass = passing(parent, fund, random);
  for (const [county, amountFen] of shares) {
    const at = pass();
    const year = yearOf(at.issued);
    const id = `${batch.id}-${county.id}`;
    const lost =
      work.manyCounties &&
      county.id !== SHOWCASE_COUNTY &&
      random.chance(BASE_RATES.unacknowledgedByCounty);
    const received = soon(at.issued, random.between(1, 9));
    work.allocations.push({
      ...{ id, parentId: parent.id, fund, fiscalYear, ...at, received: lost ? null : received },
      ...{ issuer: parent.region, receiver: county.codeIn(year), amountFen },
      ...{ receiverName: `${county.nameIn(year)}财政局`, purpose: purposeOf(batch), remark: '' },
    });
    if (!lost) grant(batch, county, { id, amountFen, received, hasParent: true }, work);
  }
}
