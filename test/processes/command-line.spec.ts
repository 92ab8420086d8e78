import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { csv, tableOf } from '../e2e/support/files.js';
import { allocation, disbursement, payment, project } from '../e2e/support/rows.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { databaseUrl } from '../faults/support/ledger-state.js';
import { Commands } from './support/commands.js';

/* Contract §5 with the real program: every command against a running ledger. */

/** Some start a dozen programs. */
const TEST_MS_MAX = 240_000;

let folder: string;
let data: string;
let program: Program;
const commands = new Commands(() => ({ folder, data, program }));

const { done, failed, json } = commands;

const PLAN = {
  projects: [project('X-1')],
  allocations: [allocation('A-1', { amount: '1000', project_id: 'X-1' })],
  disbursements: [disbursement('D-1', 'A-1', { amount: '600' })],
  payments: [payment('P-1', 'D-1', { amount: '400' })],
} as const;

async function file(
  name: string,
  kind: keyof typeof PLAN,
  rows: readonly object[],
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, csv(tableOf(kind, 'zh', rows as never)));
  return path;
}

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data);
  const files: string[] = [];
  for (const kind of Object.keys(PLAN) as (keyof typeof PLAN)[]) {
    files.push(await file(`${kind}.csv`, kind, PLAN[kind]));
  }
  const maker = ['--user', 'centre-maker', '--certify-as', 'centre-checker'];
  expect(await done('import', ...files, ...maker)).toContain('已入账 1 行');
}, TEST_MS_MAX);

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

describe('handing in and certifying', () => {
  it(
    'import says what was found; list, show and report say it again; certify posts it',
    async () => {
      const path = await file('more.csv', 'allocations', [allocation('A-2'), allocation('A-3')]);
      const said = await done('import', path, '--user', 'centre-maker');
      expect(said).toContain('共 2 行，可入账 2 行，已入账过 0 行，错误 0 处');
      const id = /提交编号 ([0-9a-f-]{36})/.exec(said)?.[1] ?? '';
      const maker = ['--user', 'centre-maker'];
      expect(await done('submissions', 'list', ...maker)).toMatch(
        new RegExp(`${id}.*待复核.*more.csv`),
      );
      expect(await done('submissions', 'show', id, ...maker)).toContain('待复核');
      const certified = await done('certify', id, '--user', 'centre-checker');
      expect(certified).toMatch(/^已入账 2 行，位置 \d+ 至 \d+。\n$/);
      expect(await json('submissions', 'show', id, ...maker)).toMatchObject({
        ...{ id, status: 'posted', postedRows: 2 },
      });
      expect(await json('submissions', 'list', ...maker)).toMatchObject({
        submissions: expect.arrayContaining([expect.objectContaining({ id, status: 'posted' })]),
        next: null,
      });
    },
    TEST_MS_MAX,
  );

  it(
    'a file with errors exits 1 and names them; its report is a table for a spreadsheet',
    async () => {
      const path = await file('wrong.csv', 'allocations', [
        allocation('A-4'),
        allocation('A-5', { receiver_region: '999999' }),
      ]);
      const { code, out, error } = await commands.fundflow([
        'import',
        path,
        '--user',
        'centre-maker',
      ]);
      expect(code).toBe(1);
      expect(out).toContain('unknown-region');
      expect(error).toContain('errors-stand');
      const id = /提交编号 ([0-9a-f-]{36})/.exec(out)?.[1] ?? '';
      const report = join(folder, 'report.csv');
      expect(
        await done('submissions', 'report', id, '--user', 'centre-maker', '--out', report),
      ).toBe('');
      expect(await readFile(report, 'utf8')).toMatch(/3,A-5,.*unknown-region/);
      expect(await done('submissions', 'report', id, '--user', 'centre-maker')).toContain('A-5');
      expect(await json('submissions', 'report', id, '--user', 'centre-maker')).toMatchObject({
        entries: [{ row: 3, id: 'A-5', code: 'unknown-region' }],
      });
      expect(await failed(['certify', id, '--user', 'centre-checker'])).toContain('errors-stand');
      expect(await done('certify', id, '--user', 'centre-checker', '--rows', 'valid')).toContain(
        '已入账 1 行',
      );
    },
    TEST_MS_MAX,
  );

  it(
    'a maker does not certify; nobody certifies what is not there',
    async () => {
      const path = await file('own.csv', 'allocations', [allocation('A-6')]);
      const said = await done('import', path, '--user', 'centre-maker');
      const id = /提交编号 ([0-9a-f-]{36})/.exec(said)?.[1] ?? '';
      expect(await failed(['certify', id, '--user', 'centre-maker'])).toMatch(/（.+）\n$/);
      const nowhere = '00000000-0000-4000-8000-000000000000';
      expect(await failed(['certify', nowhere, '--user', 'centre-checker'])).toContain(
        'unknown-submission',
      );
      expect(await failed(['certify', id])).toContain('复核须有身份');
    },
    TEST_MS_MAX,
  );

  it(
    'templates are written, one file a kind, and read back as they are',
    async () => {
      const out = join(folder, 'templates');
      expect(await done('templates', '--out', out)).toContain('已写入 10 个文件');
      const names = await readdir(out);
      expect(names).toEqual(
        expect.arrayContaining(['填报模板.xlsx', '填写说明.csv', '支付.csv', '追加.csv']),
      );
      expect(await readFile(join(out, '指标.csv'), 'utf8')).toContain('指标编号');
    },
    TEST_MS_MAX,
  );
});

describe('every reading command', () => {
  const TIMES = ['--as-of', '2018-12-31', '--known-at', '2999-01-01T00:00:00Z'];

  it.each<readonly [string, readonly string[], string, object]>([
    [
      'trail',
      ['trail', '450124', '--from', '2018-01-01'],
      'P-1',
      { entries: expect.any(Array), next: null },
    ],
    ['summary', ['summary', '450124'], '400.00', { paidFen: '40000' }],
    ['trace', ['trace', 'A-1'], 'P-1', { edges: expect.any(Array), untracedFen: '0' }],
    ['alerts', ['alerts', '45', '--status', 'all'], '依据', { alerts: expect.any(Array) }],
    ['holding', ['holding', 'A-1'], 'A-1', { id: 'A-1', amountFen: '100000' }],
    ['project', ['project', 'X-1'], '通屯道路硬化', { id: 'X-1' }],
    ['trial-balance', ['trial-balance'], '合计', { accounts: expect.any(Array) }],
    ['events', ['events', '--after', '0'], '复核单位', { entries: expect.any(Array) }],
  ])(
    '%s prints a table for people and the JSON of the API for programs',
    async (name, args, shown, answer) => {
      const said = await done(...args, ...TIMES);
      expect(said).toContain(shown);
      const times = /口径：.*截至 2018-12-31，以 2999-01-01T00:00:00.000Z 前.*账本位置 \d+。\n$/;
      if (name !== 'events') expect(said).toMatch(times);
      expect(await json(...args, ...TIMES)).toMatchObject(answer);
    },
  );

  it(
    'a summary shows where the balance is, to the fen, what is between two holdings too',
    async () => {
      const sent = disbursement('D-2', 'A-1', { amount: '12.34', credited_on: '' });
      const path = await file('sent.csv', 'disbursements', [sent]);
      const maker = ['--user', 'centre-maker', '--certify-as', 'centre-checker'];
      await done('import', path, ...maker);
      const said = await done('summary', '450124', ...TIMES);
      const fen = (name: string): number =>
        Number(
          new RegExp(`^${name}.* ([\\d,]+\\.\\d\\d)$`, 'm').exec(said)?.[1]?.replace(/\D/g, ''),
        );
      expect(fen('区内在途')).toBe(1234);
      expect(fen('可用指标') + fen('未支出现金') + fen('区内在途')).toBe(fen('结存'));
    },
    TEST_MS_MAX,
  );

  it(
    'exits 1 with a reason and prints nothing when it cannot answer',
    async () => {
      expect(await failed(['holding', 'nowhere'])).toMatch(/（.+）\n$/);
      expect(await failed(['trail', '45012'])).toMatch(/（.+）\n$/);
      expect(
        await failed(['summary', '450124', '--json', '--url', 'http://127.0.0.1:65534']),
      ).toContain('无法连接');
      const wrong = { FUNDFLOW_PASSWORD: 'not the password at all' };
      expect(await failed(['summary', '450124', '--user', 'maker'], wrong)).toContain('（');
      expect(await failed(['summary', '450124', '--as-of', '2018-02-30'])).toContain(
        '须为存在的日期',
      );
      expect(await failed(['summary', '450124'], { FUNDFLOW_DATA: folder })).toContain('没有凭据');
    },
    TEST_MS_MAX,
  );
});

describe('accounts', () => {
  it(
    'an administrator adds, lists, disables and enables; everybody changes his own password',
    async () => {
      const admin = ['--user', 'admin'];
      const where = ['--role', 'finance-maker', '--region', '450124', '--unit', '马山县财政局'];
      const said = await done('users', 'add', 'wei', ...where, ...admin);
      const first = /密码（只显示这一次）：(\S+)/.exec(said)?.[1] ?? '';
      expect(await done('users', 'list', ...admin)).toMatch(
        /wei +经办 +450124 +马山县财政局 +待改密码/,
      );
      const passwords = {
        FUNDFLOW_PASSWORD: first,
        FUNDFLOW_NEW_PASSWORD: 'only-known-to-the-clerk-1',
      };
      expect(await commands.fundflow(['password', '--user', 'wei'], passwords)).toMatchObject({
        code: 0,
      });
      expect(await done('users', 'list', ...admin)).toMatch(
        /wei +经办 +450124 +马山县财政局 +正常/,
      );
      expect(await done('users', 'disable', 'wei', ...admin)).toContain('已停用');
      expect(await json('users', 'list', ...admin)).toMatchObject({
        users: expect.arrayContaining([expect.objectContaining({ login: 'wei', disabled: true })]),
      });
      const signIn = { FUNDFLOW_PASSWORD: passwords.FUNDFLOW_NEW_PASSWORD };
      await failed(['summary', '450124', '--user', 'wei'], signIn);
      expect(await done('users', 'enable', 'wei', ...admin)).toContain('已启用');
      expect(await done('users', 'reset-password', 'wei', ...admin)).toContain(
        '新密码（只显示这一次）',
      );
      expect(await failed(['users', 'disable', 'nobody-here', ...admin])).toContain('no-such-user');
      expect(await failed(['users', 'list', '--user', 'maker'])).toMatch(/（.+）\n$/);
    },
    TEST_MS_MAX,
  );
});

describe('tools', () => {
  it.each(['verify', 'rebuild', 'export-log', 'vault check', 'backup nothing.zip'])(
    '%s makes no ledger where there is none',
    async (command) => {
      const mistyped = join(folder, 'mistyped');
      const said = await failed(command.split(' '), { FUNDFLOW_DATA: mistyped });
      expect(said).toBe(
        `${mistyped} 中没有账本：请在账本所在目录运行，或以 FUNDFLOW_DATA 指定数据目录。（no-ledger）\n`,
      );
      expect(await readdir(folder)).not.toContain('mistyped');
      expect(await readdir(folder)).not.toContain('nothing.zip');
    },
    TEST_MS_MAX,
  );

  it('the version is that of the package', async () => {
    const manifest = await readFile(
      new URL('../../apps/fundflow/package.json', import.meta.url),
      'utf8',
    );
    const { version } = JSON.parse(manifest) as { version: string };
    expect(await done('--version')).toBe(`${version}\n`);
  });

  it(
    'verify and rebuild work beside the running ledger',
    async () => {
      expect(await done('verify')).toMatch(/各表与账本一致。\n预警至位置 \d+，与账本一致。\n$/);
      const decimal = expect.stringMatching(/^[1-9]\d*$/);
      expect(await json('verify')).toMatchObject({
        ...{ problems: [], tables: { position: decimal, differences: [] } },
        alerts: { position: decimal, differing: 0 },
        heads: ['signed', 'remembered'].map((source) => ({
          ...{ source, size: expect.any(Number) },
          root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
        })),
      });
      const database = new pg.Client({ connectionString: await databaseUrl(data) });
      await database.connect();
      try {
        await database.query(`INSERT INTO fundflow_migrations VALUES (999999, 9, 'Later9')`);
        // The log is the same in every release; the tables are not.
        const refused = await commands.fundflow(['verify']);
        expect(refused).toMatchObject({
          ...{ code: 1, out: expect.stringMatching(/^透明日志已核验：/) },
          error: expect.stringMatching(/不同版本.*（release-mismatch）\n$/),
        });
        expect(await failed(['rebuild'])).toMatch(/（release-mismatch）\n$/);
        await database.query(`DELETE FROM fundflow_migrations WHERE name = 'Later9'`);
        const moved = 'UPDATE alert_side.alerts SET since = since - $1::integer';
        const { rowCount } = await database.query(moved, [1]);
        expect(rowCount).toBeGreaterThan(0);
        const { code, error } = await commands.fundflow(['verify']);
        expect([code, error]).toEqual([
          ...[1, expect.stringContaining(`有 ${rowCount} 条预警与账本不一致。（alerts-differ）`)],
        ]);
        await database.query(moved, [-1]);
      } finally {
        await database.end();
      }
      expect(await done('rebuild')).toContain('查询表已重建');
      expect(await done('rebuild', '--back')).toContain('已换回上次重建之前的查询表');
      expect(await json('holding', 'A-1')).toMatchObject({ amountFen: '100000' });
    },
    TEST_MS_MAX,
  );

  it(
    'generate writes a plan that can be handed in',
    async () => {
      const out = join(folder, 'plan');
      await mkdir(out);
      expect(await done('generate', '--out', out, '--payments', '300', '--seed', '7')).toContain(
        '已生成',
      );
      expect((await readdir(out)).length).toBeGreaterThan(5);
    },
    TEST_MS_MAX,
  );

  it(
    'help names the commands, and says of each what help.spec.ts holds it to',
    async () => {
      const help = await done('help');
      for (const name of ['start', 'import', 'certify', 'trail', 'backup']) {
        expect(help).toMatch(new RegExp(`^  ${name} .*\\p{Script=Han}`, 'mu'));
      }
      expect(await done('help', 'users', 'add')).toContain('fundflow users add [选项] <登录名>');
      expect(await done('users', 'add', '--help')).toBe(await done('help', 'users', 'add'));
    },
    TEST_MS_MAX,
  );
});
