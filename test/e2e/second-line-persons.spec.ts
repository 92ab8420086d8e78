import { randomUUID } from 'node:crypto';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { servedRoutes } from '@fundflow/identity/http/route-needs';
import { type Action, POLICY, type Role, ROLES } from '@fundflow/identity/policy';
import { Sessions } from '@fundflow/identity/sign-in/sessions';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import pg from 'pg';
import { send } from './support/person.js';
import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';
import { withoutChecks } from './support/without-checks.js';

/*
 * What is decided about persons who were paid: role × deed × region, with the application's checks and without them (the
 * guard lets everybody through it knows, every place counts as within). What the policy does not grant must leave holds,
 * restrictions, erasures and everything kept of the person as they are.
 */
const ledger = theLedger();

const PLACES = { own: '450124', sibling: '450125', other: '520102' };
type Place = keyof typeof PLACES;
const EVERYWHERE = Object.keys(PLACES) as Place[];
const ASKING_FROM = PLACES.own;

interface Kept {
  readonly eventId: string;
  readonly hold: string;
  /** As set before the place of a hold was kept. */
  readonly earlierHold: string;
  readonly restriction: string;
  readonly erasure: string;
}
const kept = new Map<Place, Kept>();
const at = (place: Place): Kept => kept.get(place) as Kept;
const codeOf = (place: Place): string => residentId(700 + EVERYWHERE.indexOf(place));

interface Deed {
  readonly what: string;
  readonly action: Action;
  readonly method: 'POST' | 'DELETE';
  readonly path: (place: Place) => string;
  readonly body?: (place: Place) => object;
}
const REASON = { reason: '核对发放对象' };
const CASE = { ...REASON, caseId: '案〔2020〕9号' };
const DECIDES = { action: 'decide-erasure' } as const;
const DEEDS: readonly Deed[] = [
  {
    ...{ what: 'a field shown', action: 'unmask', method: 'POST' },
    path: (place) => `${at(place).eventId}/unmask`,
    body: (place) => ({
      ...{ ...CASE, purpose: 'investigation', field: 'name', callerId: codeOf(place) },
    }),
  },
  {
    ...{ what: 'an erasure proposed', action: 'propose-erasure', method: 'POST' },
    path: () => 'erasures',
    body: (place) => ({ ...REASON, eventId: at(place).eventId, basis: 'request' }),
  },
  {
    ...{ what: 'a hold set', ...DECIDES, method: 'POST', path: () => 'holds' },
    body: (place) => ({ ...CASE, eventId: at(place).eventId }),
  },
  {
    ...{ what: 'a hold lifted', ...DECIDES, method: 'DELETE' },
    path: (place) => `holds/${at(place).hold}`,
  },
  {
    ...{ what: 'an earlier hold lifted', ...DECIDES, method: 'DELETE' },
    path: (place) => `holds/${at(place).earlierHold}`,
  },
  {
    ...{ what: 'a restriction set', ...DECIDES, method: 'POST', path: () => 'restrictions' },
    body: (place) => ({ ...REASON, eventId: at(place).eventId, basis: 'request' }),
  },
  {
    ...{ what: 'a restriction lifted', ...DECIDES, method: 'DELETE' },
    path: (place) => `restrictions/${at(place).restriction}`,
  },
  {
    ...{ what: 'an erasure approved', ...DECIDES, method: 'POST' },
    path: (place) => `erasures/${at(place).erasure}/approval`,
    body: () => ({}),
  },
];

const granted = (role: Role, { action }: Deed, place: Place): boolean =>
  POLICY[action][role] !== undefined && PLACES[place] === ASKING_FROM;

const cookies = new Map<Role, string>();
let database: pg.Client;

async function accountOf(role: Role): Promise<string> {
  const users = ledger.running.app.get(UserDirectory, { strict: false });
  const { id } = await users.create({
    ...{ login: `asks-${role}`, roles: [role], region: ASKING_FROM, unit: '某单位' },
    ...{ password: role === 'system' ? null : 'a long word for all 1', origin: 'admin', by: null },
    mustChangePassword: false,
  });
  const { token } = await ledger.running.app.get(Sessions, { strict: false }).open(id, '127.0.0.1');
  return `fundflow_session=${token}`;
}

async function paidIn(place: Place): Promise<string> {
  const region = PLACES[place];
  await ledger.post('allocations', allocation(`A-${place}`, { receiver_region: region }));
  await ledger.post('disbursements', disbursement(`D-${place}`, `A-${place}`));
  const who = { payee_kind: '个人', payee_name: '覃某某', payee_code: codeOf(place) };
  await ledger.post('payments', payment(`Z-${place}`, `D-${place}`, { ...who, method: '一卡通' }));
  const { rows } = await database.query<{ event_id: string }>(
    'SELECT event_id FROM vault_entries WHERE record_key = $1',
    [`record:Z-${place}`],
  );
  return rows[0]?.event_id ?? '';
}

async function measured(eventId: string, region: string): Promise<Omit<Kept, 'eventId'>> {
  const [hold, earlierHold, restriction, erasure] = Array.from({ length: 4 }, randomUUID);
  const subject = '(SELECT subject FROM vault_entries WHERE event_id = $2)';
  const set = (into: string, values: string, id: string | undefined, ...more: string[]) =>
    database.query(`INSERT INTO ${into} VALUES ($1, ${subject}, ${values})`, [
      ...[id, eventId, ...more],
    ]);
  const ofHold = 'vault_holds (hold_id, subject, case_id, region)';
  await set(ofHold, `'案1', $3`, hold, region);
  await set(ofHold, `'案2', ''`, earlierHold);
  await set('vault_restrictions (restriction_id, subject, until)', `'2999-12-31'`, restriction);
  await set(
    'vault_erasures (erasure_id, subject, region, basis, state, proposed_by, proposed_at)',
    `$3, 'unlawful', 'proposed', 'u-1', now()`,
    ...([erasure, region] as const),
  );
  return { hold, earlierHold, restriction, erasure } as Omit<Kept, 'eventId'>;
}

beforeAll(async () => {
  database = new pg.Client({ connectionString: ledger.running.databaseUrl });
  await database.connect();
  for (const place of EVERYWHERE) {
    const eventId = await paidIn(place);
    kept.set(place, { eventId, ...(await measured(eventId, PLACES[place])) });
  }
  for (const role of ROLES) cookies.set(role, await accountOf(role));
});
afterAll(() => database.end());

const EVENTS = [
  ...['PersonalDataUnmasked', 'ErasureProposed', 'SubjectErased', 'LegalHoldSet'],
  ...['LegalHoldLifted', 'ProcessingRestricted', 'RestrictionLifted'],
];

/** Everything kept of people and decided about them, and how many events say so. */
async function state(): Promise<string> {
  const tables = ['entries', 'subjects', 'holds', 'restrictions', 'erasures', 'unmaskings'].map(
    (name) => `(SELECT json_agg(t ORDER BY t::text) FROM vault_${name} t)`,
  );
  const events = `(SELECT count(*) FROM event_store.es_events WHERE type = ANY ($1))`;
  const { rows } = await database.query({
    ...{ text: `SELECT ${[...tables, events].join(', ')}`, values: [EVENTS], rowMode: 'array' },
  });
  return JSON.stringify(rows);
}

function doneBy(role: Role, { method, path, body }: Deed, place: Place) {
  const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
  return send<unknown>(`${ledger.running.url}/api/v1/personal/${path(place)}`, {
    method,
    headers: { cookie: cookies.get(role) as string, ...type },
    ...(body ? { body: JSON.stringify(body(place)) } : {}),
  });
}

async function leaksOf(role: Role, deed: Deed, place: Place): Promise<string[]> {
  const before = await state();
  const { status, text } = await doneBy(role, deed, place);
  const changed = (await state()) !== before;
  return changed || status < 400 || status >= 500 || text.includes('覃某某')
    ? [`${role}, ${deed.what} of ${place}: ${status}${changed ? ', changed' : ''}`]
    : [];
}

/** @param beyond only places the scope does not reach: which role may do what is the guard's alone */
async function matrix(beyond: boolean): Promise<{ cells: number; leaks: readonly string[] }> {
  const leaks: string[] = [];
  let cells = 0;
  for (const role of ROLES) {
    for (const deed of DEEDS) {
      for (const place of EVERYWHERE) {
        if (granted(role, deed, place) || (beyond && PLACES[place] === ASKING_FROM)) continue;
        cells += 1;
        leaks.push(...(await leaksOf(role, deed, place)));
      }
    }
  }
  return { cells, leaks };
}

describe('the matrix of persons', () => {
  it('has a deed for every route that shows or decides something about a person', () => {
    const part = <T>(type: abstract new (...args: never[]) => T): T =>
      ledger.running.app.get<T>(type as never, { strict: false });
    const served = servedRoutes({
      ...{ discovery: part(DiscoveryService), scanner: part(MetadataScanner) },
      reflector: part(Reflector),
    });
    const writes = served
      .map(({ address }) => address.replaceAll(/:\w+/g, '*'))
      .filter((address) => / \/api\/v1\/personal\//.test(address) && !address.startsWith('GET'));
    const done = DEEDS.map(({ method, path }) =>
      `${method} /api/v1/personal/${path('own')}`.replaceAll(/[0-9a-f-]{36}/g, '*'),
    );
    // A search has its cells in second-line.spec.ts.
    const rest = writes.filter((address) => !done.includes(address));
    expect(rest).toEqual(['POST /api/v1/personal/search']);
  });

  it('shows and changes nothing with the application’s checks', async () => {
    const { cells, leaks } = await matrix(false);
    expect(leaks).toEqual([]);
    // 7 roles × 8 deeds × 3 places, but for the 8 of an inspector, 1 of the hotline and 1 of a checker in their own.
    expect(cells).toBe(7 * 8 * 3 - 10);
  });

  it('shows and changes nothing beyond the scope without them: PostgreSQL holds it', async () => {
    const { cells, leaks } = await withoutChecks(() => matrix(true));
    expect(leaks).toEqual([]);
    expect(cells).toBe(7 * 8 * 2);
  });

  it('leaves to an inspector what he may do in his own place', async () => {
    const done: number[] = [];
    for (const deed of DEEDS) done.push((await doneBy('inspector', deed, 'own')).status);
    // The person is restricted, and not held for the case he names; then held by the third deed.
    expect(done).toEqual([403, 201, 201, 204, 204, 201, 204, 409]);
  });
});
