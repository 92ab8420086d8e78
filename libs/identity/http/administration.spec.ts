import { openApiDocument } from '@fundflow/nest-edge/open-api';
import type { DataSource } from 'typeorm';
import {
  type AskLedger,
  cookieOf,
  identityDatabase,
  type IdentityLedger,
  type LedgerRequest,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import {
  BooksController,
  brief,
  DEMO_PASSWORD,
  withDemoUsers,
} from '../../../test/support/identity-people.js';
import { UserDirectory } from '../accounts/user-directory.js';

const DAY_MS = 24 * 3_600_000;
let nowMs = Date.UTC(2019, 5, 30, 1);
let database: DataSource;
let ledger: IdentityLedger;
let ask: AskLedger;
let admin: string;

beforeAll(async () => {
  database = await identityDatabase();
  const now = () => new Date(nowMs);
  ledger = await startIdentityLedger({ database, controllers: [BooksController], now });
  ask = ledger.ask;
  await withDemoUsers(ledger);
});
afterAll(async () => {
  await ledger.close();
  await database.destroy();
});
beforeEach(async () => {
  admin = await ledger.login('admin', DEMO_PASSWORD);
});

const WEI = { login: 'Wei', roles: ['finance-maker'], region: '450124', unit: '马山县财政局' };
const USERS = '/api/v1/users';

/** Creates a user as the administrator, who then chooses a password; gives id, cookie and password. */
async function newUser(account: Record<string, unknown>): Promise<[id: string, cookie: string]> {
  const created = await ask(USERS, { body: { ...WEI, ...account }, cookie: admin });
  expect(created.status).toBe(201);
  const name = String(created.body['login']);
  const first = await ledger.login(name, String(created.body['password']));
  const own = 'my own long word 1';
  const changed = await ask('/api/v1/session/password', {
    method: 'PUT',
    cookie: first,
    body: { current: created.body['password'], password: own },
  });
  expect(changed.status).toBe(204);
  return [String(created.body['id']), cookieOf(changed)];
}

describe('an administrator', () => {
  it('creates a user, whose first password is changed before anything else is done', async () => {
    const created = await ask(USERS, { body: WEI, cookie: admin });
    expect(created).toMatchObject({
      status: 201,
      body: { login: 'wei', region: '450124', mustChangePassword: true, origin: 'admin' },
    });
    expect(created.body).not.toHaveProperty('passwordHash');
    const given = String(created.body['password']);
    const cookie = await ledger.login('ＷＥＩ', given);
    expect(brief(await ask('/books', { cookie }))).toEqual({
      status: 403,
      code: 'password-change-required',
    });
    expect((await ask('/api/v1/session', { cookie })).body).toMatchObject({
      mustChangePassword: true,
      actions: ['manage-own-account'],
    });
    const change = (current: string, password: string) =>
      ask('/api/v1/session/password', { method: 'PUT', cookie, body: { current, password } });
    expect(brief(await change('wrong', 'my own long word 1')).code).toBe('bad-credentials');
    expect(brief(await change(given, 'short')).code).toBe('weak-password');
    const changed = await change(given, 'my own long word 1');
    expect(changed.status).toBe(204);
    expect((await ask('/books', { cookie })).status).toBe(401);
    const renewed = cookieOf(changed);
    expect((await ask('/books', { cookie: renewed })).status).toBe(200);
  });

  it.each([
    ['a login that is taken', { login: 'MAKER' }, 409, 'login-taken'],
    ['a login that is none', { login: 'a b' }, 400, 'bad-value'],
    ['no role', { roles: [] }, 400, 'bad-value'],
    ['an unknown role', { roles: ['god'] }, 400, 'bad-value'],
    ['roles that do not go together', { roles: ['admin', 'inspector'] }, 400, 'bad-value'],
    ['a region that is none', { region: '4501240' }, 400, 'bad-value'],
    ['a region beyond the jurisdiction', { region: '520000' }, 403, 'out-of-jurisdiction'],
    ['the centre', { region: '000000' }, 403, 'out-of-jurisdiction'],
    ['a weak password', { password: 'short' }, 400, 'weak-password'],
    [
      'a password for a system',
      { roles: ['system'], password: 'long enough 12' },
      409,
      'not-a-system',
    ],
    ['a field that does not exist', { origin: 'demo' }, 400, 'bad-value'],
  ])('is refused %s', async (_case, account, status, code) => {
    const body = { ...WEI, login: 'tan', ...account };
    expect(brief(await ask(USERS, { body, cookie: admin }))).toEqual({ status, code });
  });

  it('repeating a creation creates nothing and shows no password again', async () => {
    const request = {
      body: { ...WEI, login: 'once' },
      cookie: admin,
      idempotencyKey: 'create-once',
    };
    expect((await ask(USERS, request)).status).toBe(201);
    expect(brief(await ask(USERS, request)).code).toBe('idempotency-answer-not-kept');
  });

  it('sees the users of the jurisdiction alone, in pages', async () => {
    const logins: string[] = [];
    const users = ledger.app.get(UserDirectory);
    const many = Array.from({ length: 120 }, (_, n) => `bot-${String(n).padStart(3, '0')}`);
    await users.createAll(
      many.map((name) => ({
        login: name,
        roles: ['system'],
        region: '45',
        unit: '国库',
        password: null,
        origin: 'admin',
        mustChangePassword: false,
        by: null,
      })),
      database.manager,
    );
    let path = USERS;
    for (;;) {
      const { body } = await ask(path, { cookie: admin });
      logins.push(...(body['users'] as { login: string }[]).map((user) => user.login));
      if (body['next'] === null) break;
      path = `${USERS}?cursor=${String(body['next'])}`;
    }
    expect(logins).toEqual([...new Set(logins)].sort());
    expect(logins).toEqual(expect.arrayContaining(['maker', 'county-maker', ...many]));
    expect(logins).not.toContain('centre-maker');
    expect(brief(await ask(`${USERS}?cursor=x`, { cookie: admin })).code).toBe('bad-cursor');
  });

  it('changes rights at once: the session under the old ones is over', async () => {
    const [id, cookie] = await newUser({ login: 'huang' });
    expect((await ask('/books', { cookie })).status).toBe(200);
    const change = { method: 'PATCH', cookie: admin, body: { roles: ['hotline'], region: '4501' } };
    expect((await ask(`${USERS}/${id}`, change)).body).toMatchObject({
      roles: ['hotline'],
      region: '4501',
      unit: '马山县财政局',
    });
    expect((await ask('/books', { cookie })).status).toBe(401);
  });

  it('disables a user at once, and enables again', async () => {
    const [id, cookie] = await newUser({ login: 'lan' });
    const set = (disabled: boolean) =>
      ask(`${USERS}/${id}`, { method: 'PATCH', cookie: admin, body: { disabled } });
    await set(true);
    expect((await ask('/books', { cookie })).status).toBe(401);
    const body = { user: 'lan', password: 'my own long word 1' };
    expect(brief(await ask('/api/v1/session', { body })).code).toBe('bad-credentials');
    await set(false);
    await ledger.login('lan', 'my own long word 1');
  });

  it('resets a forgotten password, and the user has to change it', async () => {
    const [id, cookie] = await newUser({ login: 'nong' });
    const reset = await ask(`${USERS}/${id}/password`, { body: {}, cookie: admin });
    expect(reset.status).toBe(200);
    expect((await ask('/books', { cookie })).status).toBe(401);
    const again = await ledger.login('nong', String(reset.body['password']));
    expect(brief(await ask('/books', { cookie: again })).code).toBe('password-change-required');
  });

  it.each([
    ['the own account', 'admin', 409, 'own-account'],
    ['an account of another jurisdiction', 'centre-maker', 403, 'out-of-jurisdiction'],
  ])('does not touch %s', async (_case, name, status, code) => {
    const { id } = (await ledger.app.get(UserDirectory).findByLogin(name)) ?? { id: '' };
    const attempts: [string, LedgerRequest][] = [
      [`${USERS}/${id}`, { method: 'PATCH', body: { disabled: true } }],
      [`${USERS}/${id}/password`, { body: {} }],
    ];
    for (const [path, request] of attempts) {
      expect(brief(await ask(path, { ...request, cookie: admin }))).toEqual({ status, code });
    }
  });

  it('reads who logged in and what was changed, newest first', async () => {
    const [id] = await newUser({ login: 'lu' });
    await ask('/api/v1/session', { body: { user: 'lu', password: 'wrong' } });
    const { body } = await ask(`${USERS}/${id}/access-records`, { cookie: admin });
    const records = body['records'] as { action: string; address: string | null }[];
    expect(records.map((record) => record.action)).toEqual([
      ...['session-refused', 'session-opened', 'password-set', 'session-opened', 'user-created'],
    ]);
    expect(records[0]?.address).toBe('127.0.0.1');
    expect(JSON.stringify(body)).not.toContain('wrong');
  });

  it('does what an unknown id names for nobody', async () => {
    const nobody = `${USERS}/00000000-0000-4000-8000-000000000000`;
    const change = { method: 'PATCH', cookie: admin, body: { disabled: true } };
    expect(brief(await ask(nobody, change)).code).toBe('no-such-user');
    expect((await ask(`${USERS}/1`, change)).status).toBe(400);
  });

  it.each([['maker'], ['inspector'], ['hotline']])('is not %s', async (user) => {
    const cookie = await ledger.login(user, DEMO_PASSWORD);
    for (const path of [USERS, '/api/v1/tokens']) {
      expect(brief(await ask(path, { cookie }))).toEqual({ status: 403, code: 'not-allowed' });
    }
  });
});

describe('a system', () => {
  const TOKENS = '/api/v1/tokens';

  async function newSystem(name: string): Promise<string> {
    const account = { login: name, roles: ['system', 'finance-maker'], region: '45', unit: '国库' };
    const created = await ask(USERS, { body: account, cookie: admin });
    expect(created.body).not.toHaveProperty('password');
    return String(created.body['id']);
  }

  const issue = (userId: string, more: object = {}) =>
    ask(TOKENS, { body: { userId, name: '国库支付', days: 30, ...more }, cookie: admin });

  it.each([{ toString: '30' }, '30', [30], true])(
    'gets no token for so many days as %j is',
    async (days) => {
      expect(
        await issue(await newSystem(`t-${JSON.stringify(days).length}`), { days }),
      ).toMatchObject({
        ...{ status: 400, body: { code: 'bad-value' } },
      });
    },
  );

  it('asks with a token that is shown once, and every use is noted', async () => {
    const issued = await issue(await newSystem('treasury'));
    expect(issued.status).toBe(201);
    const bearer = String(issued.body['token']);
    expect((await ask('/books', { bearer })).status).toBe(200);
    expect((await ask('/api/v1/session', { bearer })).body['user']).toBe('treasury');
    const { body } = await ask(TOKENS, { cookie: admin });
    expect(JSON.stringify(body)).not.toContain(bearer);
    expect(body['tokens']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          login: 'treasury',
          name: '国库支付',
          lastUsedAt: expect.any(String),
        }),
      ]),
    );
  });

  it('is turned away at once when its token is revoked', async () => {
    const issued = await issue(await newSystem('feed-1'));
    const bearer = String(issued.body['token']);
    expect((await ask('/books', { bearer })).status).toBe(200);
    const revoke = { method: 'DELETE', cookie: admin };
    const path = `${TOKENS}/${String(issued.body['id'])}`;
    expect((await ask(path, revoke)).status).toBe(204);
    expect((await ask('/books', { bearer })).status).toBe(401);
    expect(brief(await ask(path, revoke)).code).toBe('no-such-token');
  });

  it('is turned away when its token has expired, and not a moment before', async () => {
    const bearer = String((await issue(await newSystem('feed-2'), { days: 1 })).body['token']);
    nowMs += DAY_MS - 1;
    expect((await ask('/books', { bearer })).status).toBe(200);
    nowMs += 1;
    expect((await ask('/books', { bearer })).status).toBe(401);
  });

  it('has no token of a person', async () => {
    const { id } = (await ledger.app.get(UserDirectory).findByLogin('maker')) ?? { id: '' };
    expect(brief(await issue(id))).toEqual({ status: 409, code: 'not-a-system' });
  });

  it('with a wrong token is nobody, also with a good cookie beside it', async () => {
    const cookie = await ledger.login('inspector', DEMO_PASSWORD);
    expect((await ask('/books', { cookie, bearer: 'x'.repeat(43) })).status).toBe(401);
  });

  it('neither becomes a person nor gets a password', async () => {
    const id = await newSystem('feed-3');
    const change = { method: 'PATCH', cookie: admin, body: { roles: ['finance-maker'] } };
    expect(brief(await ask(`${USERS}/${id}`, change)).code).toBe('bad-value');
    const password = { body: {}, cookie: admin };
    expect(brief(await ask(`${USERS}/${id}/password`, password)).code).toBe('not-a-system');
  });
});

describe('the OpenAPI document', () => {
  it('has the routes of identity', () => {
    const document = openApiDocument(ledger.app, { title: 't', description: 'd', version: '1' });
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/api/v1/session', '/api/v1/users/{id}/password', '/api/v1/tokens']),
    );
  });
});
