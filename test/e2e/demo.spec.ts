import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { type Started, startFundflow } from '../../apps/fundflow/start.js';
import type { SummaryAnswer } from './support/answers.js';
import { send } from './support/person.js';
import { DEMO_LOGINS } from './support/running-ledger.js';

let databaseUrl: string;
let dataDirectory: string;
let started: Started | null = null;

beforeEach(async () => {
  databaseUrl = await (await startTestDatabase()).createDatabase();
  dataDirectory = await mkdtemp(join(tmpdir(), 'fundflow-e2e-'));
});
afterEach(async () => {
  await stop();
  await rm(dataDirectory, { recursive: true, force: true });
});

async function stop(): Promise<void> {
  const stopping = started;
  started = null;
  await stopping?.stop();
}

/** As `npm start` reads it: from the environment. */
const configurationOf = (environment: Record<string, string>) =>
  readConfiguration({
    ...{ FUNDFLOW_DATABASE_URL: databaseUrl, FUNDFLOW_DATA: dataDirectory },
    ...{ FUNDFLOW_PORT: '0', FUNDFLOW_LOG_LEVEL: 'error', FUNDFLOW_DEMO_DATA: '0' },
    ...environment,
  });

/** What is asked here is who may sign in; the notary's thread would need the compiled program. */
const notaryBefore = process.env['FUNDFLOW_NOTARY'];
beforeAll(() => {
  process.env['FUNDFLOW_NOTARY'] = '0';
});
afterAll(() => {
  if (notaryBefore === undefined) delete process.env['FUNDFLOW_NOTARY'];
  else process.env['FUNDFLOW_NOTARY'] = notaryBefore;
});

const said: string[] = [];

async function start(environment: Record<string, string>): Promise<Started> {
  said.length = 0;
  started = await startFundflow(configurationOf(environment), {
    say: (line) => void said.push(line),
    databaseLost: () => undefined,
  });
  await started.loaded;
  return started;
}

/** `login → password` as printed. */
const printed = ({ announcements }: Started): Map<string, string> =>
  new Map(
    announcements
      .filter((line) => line.startsWith('  '))
      .map((line) => line.trim().split(/ +/, 2) as [string, string]),
  );

const post = (url: string, path: string, body: unknown, cookie = '') =>
  send(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  });

async function signIn(url: string, user: string, password: string): Promise<string> {
  const { status, headers } = await post(url, '/api/v1/session', { user, password });
  expect([user, status]).toEqual([user, 201]);
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('§5 `--demo`', () => {
  it('has its users “with random passwords printed once”, which stay what they were', async () => {
    const first = await start({ FUNDFLOW_DEMO: '1' });
    const passwords = printed(first);
    expect([...passwords.keys()].sort()).toEqual([...DEMO_LOGINS].sort());
    expect(new Set(passwords.values()).size).toBe(DEMO_LOGINS.length);
    for (const [user, password] of passwords) await signIn(first.url, user, password);
    await stop();
    const again = await start({ FUNDFLOW_DEMO: '1' });
    const text = again.announcements.join('\n');
    for (const [user, password] of passwords) {
      expect(text).toContain(user);
      expect(text).not.toContain(password);
    }
    await signIn(again.url, 'maker', passwords.get('maker') ?? '');
  });

  it('“or all with FUNDFLOW_DEMO_PASSWORD”', async () => {
    const { url } = await start({ FUNDFLOW_DEMO: '1', FUNDFLOW_DEMO_PASSWORD: 'one-for-all-123' });
    for (const user of DEMO_LOGINS) await signIn(url, user, 'one-for-all-123');
  });

  it('“the demonstration plan is loaded unless FUNDFLOW_DEMO_DATA=0”', async () => {
    const environment = { FUNDFLOW_DEMO: '1', FUNDFLOW_DEMO_PASSWORD: 'one-for-all-123' };
    const received = async ({ url }: Started): Promise<string> => {
      const cookie = await signIn(url, 'inspector', 'one-for-all-123');
      const path = '/api/v1/counties/45/summary';
      return (await send<SummaryAnswer>(url + path, { headers: { cookie } })).body.receivedFen;
    };
    const without = await start(environment);
    expect([without.loaded, said]).toEqual([null, []]);
    expect(await received(without)).toBe('0');
    await stop();
    const withPlan = await start({ ...environment, FUNDFLOW_DEMO_DATA: '1' });
    expect(BigInt(await received(withPlan))).toBeGreaterThan(1_000_000_00n);
    expect(said.at(-1)).toMatch(/^演示数据 9\/9 09-notices\.csv：已入账 \d+ 行$/);
  });

  it.each(['0.0.0.0', '192.168.1.2', '::'])('“loopback only”: not on %s', (FUNDFLOW_HOST) => {
    expect(() => configurationOf({ FUNDFLOW_DEMO: '1', FUNDFLOW_HOST })).toThrow(
      '演示模式只能在本机回环地址上运行',
    );
  });

  it('its accounts do not go public later either', async () => {
    await start({ FUNDFLOW_DEMO: '1' });
    await stop();
    await expect(start({ FUNDFLOW_HOST: '0.0.0.0' })).rejects.toThrow('数据目录中有演示用户');
  });

  it('“an empty store only”: not where somebody has recorded anything, nor beside real users', async () => {
    const admin = { FUNDFLOW_ADMIN_USER: 'chief', FUNDFLOW_ADMIN_PASSWORD: 'a long word of 2020' };
    const { url } = await start(admin);
    const cookie = await signIn(url, 'chief', admin.FUNDFLOW_ADMIN_PASSWORD);
    await stop();
    await expect(start({ FUNDFLOW_DEMO: '1' })).rejects.toThrow('已有正式用户');
    const again = await start(admin);
    const limit = {
      ...{ rule: 'not-disbursed', region: '000000', limitDays: 45, validFrom: '2018-01-01' },
      basis: '本级规定',
    };
    const set = await post(again.url, '/api/v1/settings/limits', limit, cookie);
    expect([set.status, set.text]).toEqual([201, expect.anything()]);
    await stop();
    await expect(start({ FUNDFLOW_DEMO: '1' })).rejects.toThrow('演示模式只能用于空的数据目录');
    // What was refused has changed nothing.
    await signIn((await start({})).url, 'chief', admin.FUNDFLOW_ADMIN_PASSWORD);
  });
});

describe('§5 without `--demo`', () => {
  it('there are no built-in accounts: a one-time token makes the first administrator', async () => {
    const { url, announcements } = await start({});
    const token = /--token (\S+)/.exec(announcements.join('\n'))?.[1] ?? '';
    for (const user of [...DEMO_LOGINS, 'root']) {
      expect((await post(url, '/api/v1/session', { user, password: user })).status).toBe(401);
    }
    const me = { user: 'chief', password: 'a long word of 2020' };
    const setUp = (body: object) => post(url, '/api/v1/setup', body);
    expect(await setUp({ ...me, token: 'wrong' })).toMatchObject({
      ...{ status: 401, body: { code: 'bad-setup-token' } },
    });
    expect((await setUp({ ...me, token })).status).toBe(201);
    expect((await setUp({ ...me, token })).body).toMatchObject({ code: 'set-up-already' });
    await signIn(url, me.user, me.password);
  });
});
