import { day } from '../support/rows.js';
import { CENTRE, type RegionCode } from '@fundflow/domain/region';
import { askTrail, type TrailCursor } from '@fundflow/queries/county-trail';
import { askHolding } from '@fundflow/queries/holding';
import { askSummary } from '@fundflow/queries/summary';
import { askTrace, type TraceCursor } from '@fundflow/queries/trace';
import { askTrialBalance } from '@fundflow/queries/trial-balance';
import { READ_POLICIES } from '@fundflow/projections/protection';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { readScopeOf } from '@fundflow/row-security/read-scope';
import { actingAs, ensureRoles, READER_ROLE, WORK_ROLE } from '@fundflow/row-security/roles';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import pg from 'pg';
import { countyCode, LOG_SIZE, villageCode } from './ledger-log.js';

/** Milliseconds of one question, on an otherwise idle connection. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface QueriesBench {
  readonly holding: Latency;
  /** A page of 100 somewhere in the trail of a county, without and with a first day. */
  readonly countyTrail: Latency;
  readonly cityTrail: Latency;
  readonly provinceTrail: Latency;
  readonly villageTrail: Latency;
  /** A page of 100 edges somewhere below the province, which has everything below it. */
  readonly traceDown: Latency;
  /** From a payment up to the centre. */
  readonly traceUp: Latency;
  readonly countySummary: Latency;
  readonly provinceSummary: Latency;
  readonly trialBalance: Latency;
}

const ROUNDS = 100;
const WARM_UP = 10;
const PAGE = 100;
const QUESTION = { asOf: day('2021-12-31'), knownAt: null };

/**
 * Measures the questions on a database that `benchProjections` filled.
 *
 * @param options.counties of its log
 */
export async function benchQueries(
  url: string,
  options: { counties?: number } = {},
): Promise<QueriesBench> {
  const counties = options.counties ?? LOG_SIZE.counties;
  const pool = await protectedPool(url);
  // Somebody of the place asked about: what rows are held against costs most where it is not everything.
  const divisions = loadDivisions();
  const scopes = new Map<string, ScopedReads>();
  const within = (region: string): ScopedReads => {
    const known = scopes.get(region);
    if (known) return known;
    const made = new ScopedReads(pool, readScopeOf([region as RegionCode], divisions));
    scopes.set(region, made);
    return made;
  };
  const reads = within(CENTRE);
  try {
    const county = (n: number): RegionCode => countyCode((n * 37) % counties);
    const region = (length: number) => (n: number) => county(n).slice(0, length) as RegionCode;
    const village = (n: number): RegionCode => villageCode(county(n), n);
    const payment = (n: number): string => `ZF-${countyCode(0)}-${n * 7}`;
    return {
      holding: await latency((n) =>
        askHolding(within(county(n)), { id: `BF-${county(n)}-1`, question: QUESTION }),
      ),
      countyTrail: await latency(trailPages(within, county)),
      cityTrail: await latency(trailPages(within, region(4))),
      provinceTrail: await latency(trailPages(within, region(2))),
      villageTrail: await latency(trailPages(within, village)),
      traceDown: await latency(tracePages(within('45'), 'ZB-45')),
      traceUp: await latency((n) =>
        askTrace(within(countyCode(0)), {
          ...{ id: payment(n), direction: 'up', depth: null, limit: PAGE },
          ...{ question: QUESTION, cursor: null },
        }),
      ),
      countySummary: await latency((n) =>
        askSummary(within(county(n)), { region: county(n), question: QUESTION }),
      ),
      provinceSummary: await latency(
        () => askSummary(within('45'), { region: '45' as RegionCode, question: QUESTION }),
        20,
      ),
      trialBalance: await latency(() => askTrialBalance(reads, { question: QUESTION }), 20),
    };
  } finally {
    await pool.end();
  }
}

/** The tables with their policies, through connections in the role of answers. */
async function protectedPool(url: string): Promise<pg.Pool> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await ensureRoles(client, new URL(url).username);
  await client.query(`GRANT USAGE ON SCHEMA read_side TO ${WORK_ROLE}, ${READER_ROLE}`);
  // The alerts are not in it.
  const ofReadSide = READ_POLICIES.filter((statement) => !statement.includes('alert_side'));
  for (const statement of ofReadSide) await client.query(statement);
  await client.end();
  return new pg.Pool(actingAs(READER_ROLE, url));
}

/** Every third page begins at a day of its own, the others go on from the page before. */
function trailPages(within: (region: string) => ScopedReads, regionOf: (n: number) => RegionCode) {
  let cursor: TrailCursor | null = null;
  return async (n: number): Promise<void> => {
    const from = `20${18 + (n % 3)}-0${1 + (n % 9)}-15`;
    const region = (cursor?.region as RegionCode | undefined) ?? regionOf(n);
    const asked = { region, from, to: null, limit: PAGE, question: QUESTION, cursor };
    const page = await askTrail(within(region), asked);
    cursor = n % 3 === 2 || page.outcome !== 'found' ? null : page.next;
  };
}

function tracePages(reads: ScopedReads, id: string) {
  let cursor: TraceCursor | null = null;
  return async (): Promise<void> => {
    const asked = { id, direction: 'down', depth: null, limit: PAGE, question: QUESTION } as const;
    const page = await askTrace(reads, { ...asked, cursor });
    if (page.outcome !== 'found') throw new Error(page.outcome);
    cursor = page.next;
  };
}

async function latency(ask: (n: number) => Promise<unknown>, rounds = ROUNDS): Promise<Latency> {
  const times: number[] = [];
  for (let n = 0; n < WARM_UP + rounds; n += 1) {
    const start = performance.now();
    await ask(n);
    if (n >= WARM_UP) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? 0;
  const rounded = (ms: number): number => Math.round(ms * 10) / 10;
  return { p50: rounded(at(0.5)), p99: rounded(at(0.99)) };
}
