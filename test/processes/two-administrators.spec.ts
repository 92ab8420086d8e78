import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { query } from '../e2e/support/template-database.js';
import { databaseUrl } from '../faults/support/ledger-state.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { Commands } from './support/commands.js';

/* What takes two administrators, by the command line: accounts and every dated setting. */

const TEST_MS_MAX = 240_000;
const OWN = 'a long word for all 1';

let folder: string;
let data: string;
let program: Program;
const commands = new Commands(() => ({ folder, data, program }));
const { done, failed, json } = commands;

const FIRST = ['--user', 'admin'];
const bySecond = (...args: readonly string[]) =>
  commands.fundflow([...args, '--user', 'second'], { FUNDFLOW_PASSWORD: OWN });
const numberIn = (said: string): string => /编号 ([0-9a-f-]{36})/.exec(said)?.[1] ?? '';

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data);
}, TEST_MS_MAX);

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

const LIMIT = [
  ...['settings', 'propose', 'rule-limit', '--rule', 'not-disbursed', '--value', '45'],
  ...['--region', '450124', '--from', '2020-01-01', '--basis', '马财〔2020〕1号'],
];

describe('settings by the command line', () => {
  it(
    'count at once where there is one administrator, and it is said that he was alone',
    async () => {
      const only = await commands.fundflow([...LIMIT, ...FIRST]);
      expect([only.code, only.out]).toEqual([0, expect.stringMatching(/^已生效，编号 /)]);
      expect(only.error).toContain('由您一人提出并批准');
      const listed = await done('settings', 'list', ...FIRST);
      expect(listed).toMatch(/每人每日明文查看项数 +50 项 +系统缺省值/);
      expect(listed).toMatch(/规则限期 +not-disbursed +全部 +45 天 +450124 +2020-01-01 +已批准/);
    },
    TEST_MS_MAX,
  );

  it.each([
    ['a setting nobody knows', ['no-such', '--value', '1'], 'bad-argument'],
    ['a limit of no rule', ['rule-limit', '--value', '1'], 'missing-option'],
    ['a number that is none', ['unmask-per-day', '--value', 'x'], 'bad-argument'],
    [
      'a rule of another setting',
      ['retention-years', '--value', '30', '--rule', 'x'],
      'conflicting',
    ],
    ['a value beyond its bounds', ['retention-years', '--value', '9'], 'bad-value'],
  ])('%s is refused with a code', async (_case, args, code) => {
    const where = ['--region', '450000', '--from', '2020-01-01', '--basis', '据'];
    const said = await failed(['settings', 'propose', ...args, ...where, ...FIRST]);
    expect(said).toContain(`（${code}`);
  });
});

describe('with a second administrator', () => {
  it(
    'an account waits for the other one, who is shown its password',
    async () => {
      const where = ['--region', '450000', '--unit', '自治区财政厅'];
      const said = await done('users', 'add', 'second', '--role', 'admin', ...where, ...FIRST);
      const given = /密码（只显示这一次）：(\S+)/.exec(said)?.[1] ?? '';
      const passwords = { FUNDFLOW_PASSWORD: given, FUNDFLOW_NEW_PASSWORD: OWN };
      expect(await commands.fundflow(['password', '--user', 'second'], passwords)).toMatchObject({
        code: 0,
      });
      const waits = await done('users', 'add', 'wei', '--role', 'auditor', ...where, ...FIRST);
      expect(waits).toContain('待另一位管理员批准');
      expect(await done('users', 'list', ...FIRST)).not.toContain('wei');
      expect(await done('grants', 'list', ...FIRST)).toMatch(/新建用户 +wei +审计 .*待批准/);
      const own = await failed(['grants', 'approve', numberIn(waits), ...FIRST]);
      expect(own).toContain('（second-person-needed）');
      const approved = await bySecond('grants', 'approve', numberIn(waits));
      expect(approved.out).toMatch(/^已批准：新建用户 wei。\n密码（只显示这一次）：\S+\n$/);
      expect(await done('users', 'list', ...FIRST)).toMatch(/wei +审计/);
    },
    TEST_MS_MAX,
  );

  it(
    'a token of a system waits for the other one, who is shown it; either revokes it',
    async () => {
      const where = ['--region', '450000', '--unit', '国库'];
      const roles = ['--role', 'system', '--role', 'inspector'];
      const account = await done('users', 'add', 'feed', ...roles, ...where, ...FIRST);
      await bySecond('grants', 'approve', numberIn(account));
      const terms = ['--name', '国库支付', '--days', '90'];
      const wrong = ['tokens', 'issue', 'feed', '--name', 'x', '--days', 'x', ...FIRST];
      expect(await failed(wrong)).toContain('（bad-argument）');
      const waits = await done('tokens', 'issue', 'feed', ...terms, ...FIRST);
      expect(waits).toContain('待另一位管理员批准');
      const listed = await done('grants', 'list', ...FIRST);
      expect(listed).toMatch(/签发令牌 .*国库支付（90 天） .*待批准/);
      expect(await failed(['grants', 'approve', numberIn(waits), ...FIRST])).toContain(
        '（second-person-needed）',
      );
      const { out } = await bySecond('grants', 'approve', numberIn(waits));
      const token =
        /^已批准：签发令牌。\n令牌（只显示这一次）：(\S+)\n有效至 /.exec(out)?.[1] ?? '';
      expect(await done('summary', '450124', '--token', token)).not.toBe('');
      const { tokens } = (await json('tokens', 'list', ...FIRST)) as { tokens: { id: string }[] };
      expect(tokens).toMatchObject([{ login: 'feed', name: '国库支付' }]);
      expect(await done('tokens', 'list', ...FIRST)).toMatch(/feed +国库支付 /);
      expect(await done('tokens', 'revoke', tokens[0]?.id ?? '', ...FIRST)).toContain('已吊销');
      expect(await failed(['summary', '450124', '--token', token])).toContain('not-authenticated');
    },
    TEST_MS_MAX,
  );

  it.each([
    ['rule-limit', LIMIT.slice(3), '规则限期 45 天'],
    [
      'second-checker-from-fen',
      [...['--value', '100000000', '--region', '450000'], ...LIMIT.slice(9)],
      '双人复核金额 1,000,000.00 元',
    ],
    [
      'unmask-per-day',
      [...['--value', '30', '--region', '450000'], ...LIMIT.slice(9)],
      '每人每日明文查看项数 30 项',
    ],
  ])(
    '%s waits for the other one',
    async (setting, terms, name) => {
      const proposed = await done('settings', 'propose', setting, ...terms, ...FIRST);
      expect(proposed).toContain('待另一位管理员批准');
      const id = numberIn(proposed);
      expect(await failed(['settings', 'approve', id, ...FIRST])).toContain('second-person-needed');
      const approved = await bySecond('settings', 'approve', id);
      expect(approved.out).toBe(`已批准：${name}，自 2020-01-01 起。\n`);
      const { settings } = (await json('settings', 'list', ...FIRST)) as {
        settings: { id: string; position: number | null }[];
      };
      expect(settings.find((one) => one.id === id)?.position).toBeGreaterThan(0);
    },
    TEST_MS_MAX,
  );
});

describe('an administrator who has lost the password', () => {
  it(
    'is let in again on the machine alone, must change it, and the log says how it came about',
    async () => {
      expect(await failed(['users', 'recover', 'maker'])).toContain('（no-such-user）');
      // The device is lost with it: nobody has what this was sealed from.
      const bound = `INSERT INTO identity_totp (user_id, sealed_secret, created_at, confirmed_at)
        SELECT id, '\\x00', now(), now() FROM identity_users WHERE login = 'admin'`;
      await query(await databaseUrl(data), bound);
      const said = await done('users', 'recover', 'admin');
      const given = /^admin 的新密码（只显示这一次）：(\S+)\n$/.exec(said)?.[1] ?? '';
      expect(await failed(['users', 'list', ...FIRST])).toContain('（bad-credentials）');
      const by = { FUNDFLOW_PASSWORD: given };
      expect(await failed(['users', 'list', ...FIRST], by)).toContain(
        '（password-change-required）',
      );
      const changed = await commands.fundflow(['password', ...FIRST], {
        ...{ ...by, FUNDFLOW_NEW_PASSWORD: OWN },
      });
      expect(changed.code).toBe(0);
      const own = await commands.fundflow(['users', 'list', ...FIRST], { FUNDFLOW_PASSWORD: OWN });
      expect(own).toMatchObject({ code: 0, out: expect.stringContaining('admin') });
      const log = await query<{ data: string }>(
        await databaseUrl(data),
        `SELECT record ->> 'data' AS data FROM event_store.es_events
         WHERE record ->> 'data' LIKE '%on-the-machine%'`,
      );
      expect(log.map((row) => JSON.parse(row.data) as object)).toMatchObject([
        { change: 'password-set', detail: 'on-the-machine' },
        { change: 'second-factor-removed', detail: 'on-the-machine' },
      ]);
    },
    TEST_MS_MAX,
  );
});
