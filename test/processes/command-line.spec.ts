import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csv, tableOf } from '../e2e/support/files.js';
import { allocation, disbursement, payment, project } from '../e2e/support/rows.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  PASSWORD,
  type Program,
  startProgram,
} from '../faults/support/program.js';

/* Contract §5 with the real program: what hands in, and what writes files. */

/** Some start a dozen programs. */
const TEST_MS_MAX = 240_000;
const BIN = fileURLToPath(new URL('../../apps/fundflow/bin/fundflow.mjs', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

let folder: string;
let data: string;
let program: Program;

function fundflow(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: {
      ...{ PATH: process.env['PATH'], FUNDFLOW_DATA: data, FUNDFLOW_URL: program.url },
      ...{ FUNDFLOW_PASSWORD: PASSWORD, FUNDFLOW_CHECKER_PASSWORD: PASSWORD },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString('utf8')));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, error })));
}

/** What a command printed that did what it says. */
async function done(...args: readonly string[]): Promise<string> {
  const { code, out, error } = await fundflow(args);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${error}`);
  return out;
}

/** What a command said that could not do it: nothing on standard output. */
async function failed(args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<string> {
  const { code, out, error } = await fundflow(args, environment);
  expect([code, out]).toEqual([1, '']);
  return error;
}

const json = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await done(...args, '--json')) as Record<string, unknown>;

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
    'a file with errors exits 1 and names them; its report is a table for a spreadsheet',
    async () => {
      const path = await file('wrong.csv', 'allocations', [
        allocation('A-4'),
        allocation('A-5', { receiver_region: '999999' }),
      ]);
      const { code, out, error } = await fundflow(['import', path, '--user', 'centre-maker']);
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

describe('tools', () => {
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
});
