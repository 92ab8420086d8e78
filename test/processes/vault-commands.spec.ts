import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { csv, tableOf } from '../e2e/support/files.js';
import { allocation, disbursement, payment, project } from '../e2e/support/rows.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { Commands } from './support/commands.js';

/*
 * `fundflow payee` finds what the vault protects, and `fundflow vault` beside a running ledger changes its key: nothing is
 * lost by it.
 */

const TEST_MS_MAX = 240_000;
const MAKER = ['--user', 'centre-maker'];
const PERSON = {
  payee_kind: '个人',
  payee_code: '450124196501011232',
  payee_account: '6228480012',
};

let folder: string;
let data: string;
let program: Program;
const commands = new Commands(() => ({ folder, data, program }));
const { done, failed } = commands;

async function file(name: string, kind: string, rows: readonly object[]): Promise<string> {
  await writeFile(join(folder, name), csv(tableOf(kind as never, 'zh', rows as never)));
  return name;
}

const toPerson = (id: string, name: string): object =>
  payment(id, 'D-1', { ...PERSON, payee_name: name, amount: '10' });

async function handsIn(name: string, rows: readonly object[]): Promise<string> {
  const said = await done('import', await file(name, 'payments', rows), ...MAKER);
  return /提交编号 ([0-9a-f-]{36})/.exec(said)?.[1] ?? '';
}

const certify = (id: string): Promise<string> => done('certify', id, '--user', 'centre-checker');

/** Files of keys beside the data directory. */
const keyFiles = async (): Promise<string[]> =>
  (await readdir(dirname(data)))
    .filter((name) => name.startsWith(`${basename(data)}.vault-key`))
    .sort();

const found = async (name: string): Promise<string> =>
  done('trail', '450124', '--user', 'inspector', '--json').then((said) =>
    said.includes(name) ? name : said,
  );

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data);
  const plan = [
    await file('projects.csv', 'projects', [project('X-1')]),
    await file('allocations.csv', 'allocations', [allocation('A-1', { amount: '1000' })]),
    await file('disbursements.csv', 'disbursements', [
      disbursement('D-1', 'A-1', { amount: '600' }),
    ]),
  ];
  await done('import', ...plan, ...MAKER, '--certify-as', 'centre-checker');
  await certify(await handsIn('first.csv', [toPerson('P-1', '覃秀英'), toPerson('P-2', '韦小某')]));
}, TEST_MS_MAX);

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

it(
  'payee finds what a person was paid, asked for neither on the command line nor shown unmasked',
  async () => {
    const why = ['--case-id', 'LD-17', '--reason', '来电核对', '--user', 'hotline'];
    const asked = ['payee', '--county', '450124', ...why];
    const { code, out, error } = await commands.fundflow(asked, { FUNDFLOW_SOUGHT: '覃秀英' });
    expect([code, out]).toEqual([
      ...[
        0,
        expect.stringMatching(/\nP-1 +2018-04-01 +10\.00 +0\.00 +覃\*英 +450124\*+1232 .*完全一致/),
      ],
    ]);
    expect(out + error).not.toContain('秀');
    expect(error).toMatch(/共 1 笔。\n.*fundflow trace P-1 --direction up/);
    const sound = await commands.fundflow(asked, { FUNDFLOW_SOUGHT: '覃秀鹰' });
    expect(sound.out).toMatch(/\nP-1 .*同音/);
    const [id, nobody] = [{ FUNDFLOW_SOUGHT: '０１１２３２' }, { FUNDFLOW_SOUGHT: '无此人' }];
    expect((await commands.fundflow(['payee', '--by', 'id', ...why], id)).out).toContain('\nP-1 ');
    expect((await commands.fundflow(asked, nobody)).error).toBe('共 0 笔。\n');
    expect(await failed(['payee', ...why], nobody)).toMatch(/（missing-option）\n$/);
    expect(await failed(asked)).toMatch(/FUNDFLOW_SOUGHT。（missing-argument）\n$/);
  },
  TEST_MS_MAX,
);

describe('the key of the vault, changed while the ledger runs', () => {
  let waiting: string;

  it(
    'keeps the former one for what still waits to be certified, and says so',
    async () => {
      waiting = await handsIn('second.csv', [toPerson('P-3', '黄小燕')]);
      const said = await done('vault', 'rotate');
      expect(said).toMatch(/现用密钥 [0-9a-f]+；本次改用新密钥 [1-9]\d* 人/);
      expect(await done('vault', 'check')).toContain('个人信息 2 条与账本相符');
    },
    TEST_MS_MAX,
  );

  it(
    'serves a ledger that was killed and started again, and what waited is certified under it',
    async () => {
      await program.end('SIGKILL');
      program = await startProgram(data);
      await certify(waiting);
      expect(await done('vault', 'check')).toContain('个人信息 3 条与账本相符');
      for (const masked of ['覃*', '韦*', '黄*']) expect(await found(masked)).toBe(masked);
    },
    TEST_MS_MAX,
  );

  it(
    'retires the former one when nothing needs it, and can be changed again',
    async () => {
      await done('vault', 'rotate');
      const retired = (await keyFiles()).filter((name) => name.includes('.retired-'));
      expect(retired.length).toBeGreaterThan(0);
      for (const name of retired) await rm(join(dirname(data), name));
      expect(await done('vault', 'check')).toContain('个人信息 3 条与账本相符');
      expect(await done('vault', 'reindex')).toContain('共 3 条');
    },
    TEST_MS_MAX,
  );

  it(
    'that of the blind indexes too, which ends in a file of its own',
    async () => {
      const said = await done('vault', 'rotate', '--index');
      expect(said).toMatch(/检索密钥已更换：本次 [1-9]\d* 人有了新编号，3 条内容和检索标记已重算/);
      const [kept] = (await keyFiles()).filter((name) => name.includes('.retired-index-'));
      expect(said).toContain(kept);
      expect(await done('vault', 'check')).toContain('个人信息 3 条与账本相符');
      for (const masked of ['覃*', '韦*', '黄*']) expect(await found(masked)).toBe(masked);
      await certify(await handsIn('third.csv', [toPerson('P-4', '覃秀英')]));
      expect(await done('vault', 'check')).toContain('个人信息 4 条与账本相符');
    },
    TEST_MS_MAX,
  );

  it(
    'is asked for when its file is gone: nothing is made anew in its place',
    async () => {
      await rm(`${data}.vault-key`);
      expect(await failed(['vault', 'check'])).toMatch(/（vault-key-missing）/);
      expect(await keyFiles()).not.toContain(`${basename(data)}.vault-key`);
    },
    TEST_MS_MAX,
  );
});
