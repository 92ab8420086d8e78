import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '@fundflow/nest-edge/problem';
import type { DataSource } from 'typeorm';
import {
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import { BearerTokens } from '../sign-in/bearer-tokens.js';
import { createDemoUsers, DemoRefused, hasDemoUsers } from './demo-users.js';
import { FirstStart } from './first-start.js';
import { issueLocalToken } from './local-token.js';
import { UserDirectory } from './user-directory.js';

let database: DataSource;
const ledgers: IdentityLedger[] = [];

/** One start of the ledger; the first of a spec finds nobody. */
async function start(): Promise<IdentityLedger> {
  const ledger = await startIdentityLedger({ database, controllers: [] });
  ledgers.push(ledger);
  return ledger;
}

beforeAll(async () => {
  database = await identityDatabase();
});
beforeEach(() => database.query('TRUNCATE identity_users CASCADE'));
afterEach(() => Promise.all(ledgers.splice(0).map((ledger) => ledger.close())));
afterAll(() => database.destroy());

const SESSION = '/api/v1/session';
const SETUP = '/api/v1/setup';
const ROOT = { user: 'root-of-all', password: 'correct horse battery' };

describe('the first start', () => {
  it('has no built-in account, and makes the administrator the environment names', async () => {
    const { app, ask } = await start();
    const first = app.get(FirstStart);
    expect(await first.prepare(ROOT)).toEqual({ state: 'administrator-created', login: ROOT.user });
    expect((await ask(SESSION, { body: ROOT })).body).toMatchObject({
      user: ROOT.user,
      roles: ['admin'],
      region: '000000',
    });
    expect(await first.prepare({ ...ROOT, password: 'another long one 1' })).toEqual({
      state: 'ready',
    });
    expect((await ask(SESSION, { body: ROOT })).status).toBe(201);
  });

  it('refuses a weak password of the environment', async () => {
    const { app } = await start();
    const weak = app.get(FirstStart).prepare({ user: 'root', password: 'root' });
    await expect(weak).rejects.toBeInstanceOf(Problem);
  });

  it('otherwise prints a token that is good once', async () => {
    const { app, ask } = await start();
    const state = await app.get(FirstStart).prepare(null);
    const token = state.state === 'setup-needed' ? state.setupToken : '';
    const setUp = (body: object) => ask(SETUP, { body: { ...ROOT, token, ...body } });
    expect((await setUp({ token: 'wrong' })).code).toBe('bad-setup-token');
    expect((await setUp({ password: 'weak' })).code).toBe('weak-password');
    expect((await setUp({ user: '?' })).code).toBe('bad-value');
    expect(await setUp({})).toMatchObject({ status: 201, body: { user: ROOT.user } });
    expect((await setUp({ user: 'second' })).code).toBe('set-up-already');
    expect((await ask(SESSION, { body: ROOT })).status).toBe(201);
  });

  it('in two processes at once makes one administrator', async () => {
    const [one, other] = [await start(), await start()];
    const states = await Promise.all([
      one.app.get(FirstStart).prepare(ROOT),
      other.app.get(FirstStart).prepare({ ...ROOT, user: 'another' }),
    ]);
    expect(states.map((state) => state.state).sort()).toEqual(['administrator-created', 'ready']);
  });

  it('closes the token of a process when another was set up', async () => {
    const [one, other] = [await start(), await start()];
    const state = await one.app.get(FirstStart).prepare(null);
    await other.app.get(FirstStart).prepare(ROOT);
    const token = state.state === 'setup-needed' ? state.setupToken : '';
    const late = await one.ask(SETUP, { body: { ...ROOT, user: 'second', token } });
    expect(late.code).toBe('set-up-already');
  });
});

describe('the users of the demonstration', () => {
  it('are those of the contract', async () => {
    const users = (await start()).app.get(UserDirectory);
    const logins = await createDemoUsers(users, { password: 'demo' });
    const found = await Promise.all(logins.map(({ login }) => users.findByLogin(login)));
    expect(found.map((user) => [user?.login, user?.roles.join(), user?.region])).toEqual([
      ['maker', 'finance-maker', '45'],
      ['checker', 'finance-checker', '45'],
      ['inspector', 'inspector', '45'],
      ['hotline', 'hotline', '45'],
      ['admin', 'admin', '45'],
      ['county-maker', 'finance-maker', '450124'],
      ['centre-maker', 'finance-maker', '000000'],
      ['centre-checker', 'finance-checker', '000000'],
    ]);
    expect(await hasDemoUsers(users)).toBe(true);
  });

  it('have passwords of their own, printed once', async () => {
    const users = (await start()).app.get(UserDirectory);
    const first = await createDemoUsers(users, { password: null });
    expect(new Set(first.map((login) => login.password)).size).toBe(8);
    const { login, password } = first[0] ?? { login: '', password: '' };
    const again = await createDemoUsers(users, { password: null });
    expect(again.every((user) => user.password === null)).toBe(true);
    expect(await users.verify(login, password ?? '')).not.toBeNull();
  });

  it('are kept by the next start, which sets the password it is given', async () => {
    const users = (await start()).app.get(UserDirectory);
    await createDemoUsers(users, { password: 'one' });
    const before = await users.findByLogin('maker');
    expect(await createDemoUsers(users, { password: 'two' })).toContainEqual({
      login: 'maker',
      password: 'two',
    });
    expect((await users.verify('maker', 'two'))?.user.id).toBe(before?.id);
    expect(await users.verify('maker', 'one')).toBeNull();
  });

  it('do not mix with real ones', async () => {
    const { app } = await start();
    await app.get(FirstStart).prepare(ROOT);
    const users = app.get(UserDirectory);
    await expect(createDemoUsers(users, { password: null })).rejects.toBeInstanceOf(DemoRefused);
    expect(await hasDemoUsers(users)).toBe(false);
  });
});

describe('the command line on the same machine', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'fundflow-local-token-'))));
  afterEach(() => rm(directory, { recursive: true }));

  it('finds a token that its owner alone can read, and that asks about every region', async () => {
    const { app } = await start();
    const identity = { users: app.get(UserDirectory), tokens: app.get(BearerTokens) };
    await writeFile(join(directory, 'cli-token.new'), 'left behind', { mode: 0o644 });
    const file = await issueLocalToken(identity, directory);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const token = (await readFile(file, 'utf8')).trim();
    expect(await identity.tokens.recognise(token)).toMatchObject({
      login: 'local-cli',
      roles: ['system', 'inspector'],
      region: '000000',
    });
  });

  it('gets another one at each start, and the old one is worth nothing', async () => {
    const { app } = await start();
    const identity = { users: app.get(UserDirectory), tokens: app.get(BearerTokens) };
    const deep = join(directory, 'made', 'here');
    const old = (await readFile(await issueLocalToken(identity, deep), 'utf8')).trim();
    expect(await identity.tokens.recognise(old)).not.toBeNull();
    const fresh = (await readFile(await issueLocalToken(identity, deep), 'utf8')).trim();
    expect(await identity.tokens.recognise(old)).toBeNull();
    expect(await identity.tokens.recognise(fresh)).not.toBeNull();
  });

  it('makes no person of itself: the first start stays open', async () => {
    const { app } = await start();
    const identity = { users: app.get(UserDirectory), tokens: app.get(BearerTokens) };
    await issueLocalToken(identity, directory);
    expect((await app.get(FirstStart).prepare(null)).state).toBe('setup-needed');
  });
});
