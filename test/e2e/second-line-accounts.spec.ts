import { randomUUID } from 'node:crypto';
import { BearerTokens } from '@fundflow/identity/sign-in/bearer-tokens';
import { Grants } from '@fundflow/identity/accounts/grants';
import { type Action, POLICY, type Role, ROLES } from '@fundflow/identity/policy';
import { Sessions } from '@fundflow/identity/sign-in/sessions';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import type { DataSource } from 'typeorm';
import { send } from './support/person.js';
import { theLedger } from './support/the-ledger.js';
import { withoutChecks } from './support/without-checks.js';

/*
 * Accounts, tokens, grants and what is asked for at sign-in: role × route × region, reads and writes, with the
 * application's checks and without them (the guard lets everybody through it knows, every region counts as within,
 * everybody may decide). What the policy does not grant must leave the accounts of the place as they are, and tell nothing
 * of them.
 */
const ledger = theLedger();

const PLACES = { own: '450124', below: '450124100', sibling: '450125', above: '45', other: '52' };
type Place = keyof typeof PLACES;
const EVERYWHERE = Object.keys(PLACES) as Place[];
const ASKING_FROM = '450124';

interface Kept {
  readonly person: string;
  readonly system: string;
  readonly inspector: string;
  readonly token: string;
  readonly grant: string;
  readonly tokenGrant: string;
  readonly caseGrant: string;
}
const kept = new Map<Place, Kept>();
const at = (place: Place): Kept => kept.get(place) as Kept;

/** What answers must not hold: unit and token of the place. */
const words = (place: Place): string[] => [`单位${place}`, `令牌${place}`, `konto-${place}`];

interface Deed {
  readonly what: string;
  readonly action: Action;
  /** What only one of the roles of the action may do there. */
  readonly only?: Role;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: (place: Place) => string;
  readonly body?: (place: Place) => object;
}
const UNTIL = new Date(Date.now() + 24 * 3_600_000).toISOString();
const ADMIN = { action: 'manage-users', only: 'admin' } as const;
const DEEDS: readonly Deed[] = [
  { what: 'the accounts', ...ADMIN, method: 'GET', path: () => 'users' },
  { what: 'the tokens', ...ADMIN, method: 'GET', path: () => 'tokens' },
  { what: 'the grants', action: 'decide-grants', method: 'GET', path: () => 'grants' },
  {
    ...{ what: 'the records of an account', ...ADMIN, method: 'GET' },
    path: (place) => `users/${at(place).person}/access-records`,
  },
  {
    ...{ what: 'a new account', ...ADMIN, method: 'POST', path: () => 'users' },
    body: (place) => ({
      ...{ login: `neu-${randomUUID()}`, roles: ['hotline'] },
      ...{ region: PLACES[place], unit: '某单位' },
    }),
  },
  {
    ...{ what: 'another unit', ...ADMIN, method: 'PATCH' },
    path: (place) => `users/${at(place).person}`,
    body: () => ({ unit: '别的单位' }),
  },
  {
    ...{ what: 'another right', ...ADMIN, method: 'PATCH' },
    path: (place) => `users/${at(place).person}`,
    body: () => ({ roles: ['inspector'] }),
  },
  {
    ...{ what: 'an account drawn over', ...ADMIN, method: 'PATCH' },
    path: (place) => `users/${at(place).person}`,
    body: () => ({ region: ASKING_FROM }),
  },
  {
    ...{ what: 'a new password', ...ADMIN, method: 'POST' },
    path: (place) => `users/${at(place).person}/password`,
    body: () => ({}),
  },
  {
    ...{ what: 'a token', ...ADMIN, method: 'POST', path: () => 'tokens' },
    body: (place) => ({ userId: at(place).system, name: '偷来的令牌', days: 1 }),
  },
  {
    ...{ what: 'a token revoked', ...ADMIN, method: 'DELETE' },
    path: (place) => `tokens/${at(place).token}`,
  },
  {
    ...{ what: 'a second factor taken away', ...ADMIN, method: 'DELETE' },
    path: (place) => `users/${at(place).person}/second-factor`,
  },
  {
    ...{ what: 'a second factor demanded', action: 'manage-settings', method: 'PUT' },
    path: () => 'settings/second-factor',
    body: (place) => ({ region: PLACES[place], roles: ['hotline'], basis: '试' }),
  },
  {
    ...{ what: 'a case proposed', ...ADMIN, method: 'POST', path: () => 'grants/cases' },
    body: (place) => ({
      ...{ userId: at(place).inspector, region: PLACES[place], until: UNTIL },
      ...{ caseId: '案〔2020〕9号', reason: '核对' },
    }),
  },
  ...(['grant', 'tokenGrant', 'caseGrant'] as const).flatMap((which): Deed[] => {
    const of = {
      action: 'decide-grants',
      only: which === 'caseGrant' ? 'inspector' : 'admin',
    } as const;
    return [
      {
        ...{ what: `a ${which} approved`, ...of, method: 'POST' },
        path: (place) => `grants/${at(place)[which]}/approval`,
      },
      {
        ...{ what: `a ${which} revoked`, ...of, method: 'DELETE' },
        path: (place) => `grants/${at(place)[which]}`,
      },
    ];
  }),
];

/** Whether the policy grants it; a case is decided by an inspector strictly above its account. */
function granted(role: Role, { action, only }: Deed, place: Place): boolean {
  const reach = POLICY[action][role];
  if (reach === undefined || (only !== undefined && only !== role)) return false;
  if (!PLACES[place].startsWith(ASKING_FROM)) return false;
  return reach !== 'above' || PLACES[place] !== ASKING_FROM;
}

const cookies = new Map<Role, string>();
const part = <T extends abstract new (...args: never[]) => unknown>(type: T) =>
  ledger.running.app.get<InstanceType<T>>(type as never, { strict: false });
let database: DataSource;

async function accountOf(login: string, roles: readonly Role[], region: string, unit: string) {
  const { id } = await part(UserDirectory).create({
    ...{ login, roles, region, unit, origin: 'admin', by: null, mustChangePassword: false },
    password: roles.includes('system') ? null : 'a long word for all 1',
  });
  return id;
}

async function proposed(kind: string, account: string, region: string, by: string) {
  const id = randomUUID();
  const isToken = kind === 'issue-token';
  const terms = isToken ? { name: '待批的令牌', days: 1 } : { roles: ['inspector'] };
  await database.query(
    `INSERT INTO identity_grants (id, kind, state, account_id, region, terms, case_id, until,
       proposed_by, proposed_at)
     VALUES ($1, $2, 'proposed', $3, $4, $5, '案1', $6, $7, now())`,
    [id, kind, account, region, JSON.stringify(terms), UNTIL, by],
  );
  return id;
}

beforeAll(async () => {
  database = part(UserDirectory)['database']['source'];
  const proposer = await accountOf('proposer', ['admin'], '000000', '部');
  for (const place of EVERYWHERE) {
    const region = PLACES[place];
    const name = (what: string): string => `konto-${place}-${what}`;
    const person = await accountOf(name('p'), ['hotline'], region, `单位${place}`);
    const system = await accountOf(name('s'), ['system'], region, `单位${place}`);
    const inspector = await accountOf(name('i'), ['inspector'], region, `单位${place}`);
    const issued = { userId: system, name: `令牌${place}`, lifeMs: 60_000_000, by: null };
    const { id: token } = await part(BearerTokens).issue(issued);
    await database.query(
      `INSERT INTO identity_totp (user_id, sealed_secret, created_at, confirmed_at)
       VALUES ($1, '\\x00', now(), now())`,
      [person],
    );
    kept.set(place, {
      ...{ person, system, inspector, token },
      grant: await proposed('change-account', person, region, proposer),
      tokenGrant: await proposed('issue-token', system, region, proposer),
      caseGrant: await proposed('case', inspector, region, proposer),
    });
  }
  for (const role of ROLES) {
    const id = await accountOf(`asks-${role}`, [role], ASKING_FROM, '问');
    const { token } = await part(Sessions).open(id, '127.0.0.1');
    cookies.set(role, `fundflow_session=${token}`);
  }
});

/** Everything kept of the accounts of a place, but for when they were seen. */
async function stateOf(place: Place): Promise<string> {
  const ids = `SELECT id FROM identity_users WHERE region = '${PLACES[place]}'`;
  const tables = [
    `SELECT * FROM identity_users WHERE region = '${PLACES[place]}'`,
    `SELECT id, revoked_at FROM identity_bearer_tokens WHERE user_id IN (${ids})`,
    `SELECT user_id, confirmed_at FROM identity_totp WHERE user_id IN (${ids})`,
    `SELECT * FROM identity_grants WHERE region = '${PLACES[place]}' OR account_id IN (${ids})`,
    `SELECT * FROM identity_factor_demands WHERE region = '${PLACES[place]}'`,
    `SELECT action FROM identity_access_records WHERE subject_id IN (${ids})`,
  ].map((sql, n) => `(SELECT json_agg(t ORDER BY t::text) FROM (${sql}) t) AS c${n}`);
  const [row] = await database.query<object[]>(`SELECT ${tables.join(', ')}`.replaceAll('\n', ' '));
  return JSON.stringify(Object.values(row ?? {}));
}

async function doneBy(role: Role, { method, path, body }: Deed, place: Place) {
  const type: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
  return send<unknown>(`${ledger.running.url}/api/v1/${path(place)}`, {
    method,
    headers: { cookie: cookies.get(role) as string, ...type },
    ...(body ? { body: JSON.stringify(body(place)) } : {}),
  });
}

/** Words of places the role has nothing to do with, and places that are no longer as they were. */
async function leaksOf(role: Role, deed: Deed, place: Place): Promise<string[]> {
  const before = await stateOf(place);
  const answer = await doneBy(role, deed, place);
  if (answer.status >= 500) return [`answered ${answer.status}: ${answer.text}`];
  const beyond = EVERYWHERE.filter((each) => !granted(role, deed, each));
  const found = beyond.flatMap((each) => words(each).filter((word) => answer.text.includes(word)));
  const changed = (await stateOf(place)) === before ? [] : [`${place} changed (${answer.status})`];
  return [...found, ...changed];
}

async function matrix(): Promise<{ readonly cells: number; readonly leaks: readonly string[] }> {
  const leaks: string[] = [];
  let cells = 0;
  for (const role of ROLES) {
    for (const deed of DEEDS) {
      for (const place of EVERYWHERE) {
        if (deed.method !== 'GET' && granted(role, deed, place)) continue;
        cells += 1;
        const found = await leaksOf(role, deed, place);
        if (found.length > 0) leaks.push(`${role}, ${deed.what} of ${place}: ${found.join(' ')}`);
      }
    }
  }
  return { cells, leaks };
}

/** Without the question of who may decide a grant, either. */
const withoutAnyChecks = <T>(work: () => Promise<T>): Promise<T> =>
  withoutChecks(async () => {
    const { mayDecide } = Grants.prototype;
    Grants.prototype.mayDecide = () => true;
    try {
      return await work();
    } finally {
      Grants.prototype.mayDecide = mayDecide;
    }
  });

/** 7 roles × 20 deeds × 5 places, but for 14 writes of an administrator at two places and 2 of an inspector at one. */
const CELLS = ROLES.length * DEEDS.length * EVERYWHERE.length - 30;

describe('the matrix of accounts', () => {
  it('leaks and changes nothing with the application’s checks', async () => {
    const { cells, leaks } = await matrix();
    expect(leaks).toEqual([]);
    expect(cells).toBe(CELLS);
  });

  it('leaks and changes nothing without them: PostgreSQL holds what is read and written to its scope', async () => {
    const { cells, leaks } = await withoutAnyChecks(matrix);
    expect(leaks).toEqual([]);
    expect(cells).toBe(CELLS);
  });

  it('would show it: without the policies the same deeds tell and change what they should not', async () => {
    const { within } = UserDirectory.prototype;
    UserDirectory.prototype.within = function unheld() {
      return this;
    };
    const deed = DEEDS.find(({ what }) => what === 'another unit') as Deed;
    try {
      const leaks = await withoutAnyChecks(() => leaksOf('admin', deed, 'other'));
      expect(leaks).toEqual(['konto-other', 'other changed (200)']);
    } finally {
      UserDirectory.prototype.within = within;
    }
  });

  it('leaves to whoever may what he may: each deed of an administrator, each decision of an inspector', async () => {
    const done: number[] = [];
    for (const deed of DEEDS) {
      // What was approved below is revoked no more.
      const place = /^a (grant|tokenGrant) revoked$/.test(deed.what) ? 'own' : 'below';
      done.push((await doneBy(deed.only ?? 'admin', deed, place)).status);
    }
    const reads = [200, 200, 200, 200];
    const accounts = [202, 200, 202, 202, 202];
    const rest = [202, 204, 204, 204, 201];
    const decisions = [200, 200, 200, 200, 200, 200];
    expect(done).toEqual([...reads, ...accounts, ...rest, ...decisions]);
  });
});
