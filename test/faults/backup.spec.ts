import { execFile } from 'node:child_process';
import { copyFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { allocation, payment } from '../e2e/support/rows.js';
import { inspectedLog } from './support/ledger-state.js';
import { Person, postRows } from './support/office.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from './support/program.js';

const BIN = fileURLToPath(new URL('../../apps/fundflow/bin/fundflow.mjs', import.meta.url));
const folders: string[] = [];

async function freshData(): Promise<string> {
  const folder = await freshFolder();
  folders.push(folder);
  return join(folder, 'data');
}

/** `npx fundflow …` on a data directory; rejects with what it wrote when it does not exit 0. */
const fundflow = (data: string, ...args: readonly string[]): Promise<{ stdout: string }> =>
  promisify(execFile)(process.execPath, [BIN, ...args], {
    env: { PATH: process.env['PATH'], FUNDFLOW_DATA: data },
  });

const drawn = (n: number) => payment(`P-${n}`, 'A', { amount: '0.01', method: 'direct' });

beforeAll(buildProgram);

afterAll(async () => {
  for (const folder of folders) {
    await endAll(join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  }
});

describe('a backup of a running ledger, while an office goes on posting', () => {
  let program: Program;
  let data: string;
  let archive: string;
  let before = 0;

  it('is made by one command', async () => {
    data = await freshData();
    archive = join(data, '..', 'backup.zip');
    program = await startProgram(data);
    const office = ['centre-maker', 'centre-checker'].map(
      (login) => new Person(login, () => program),
    ) as [Person, Person];
    await postRows(office, 'allocations', [allocation('A')], 'A');
    let posted = 0;
    const post = async (): Promise<void> => {
      await postRows(office, 'payments', [drawn(posted)], `P-${posted}`);
      posted += 1;
    };
    for (let n = 0; n < 5; n += 1) await post();
    before = posted;
    let made = false;
    const backup = fundflow(data, 'backup', archive).finally(() => (made = true));
    while (!made) await post();
    expect((await backup).stdout).toContain('已备份到');
    expect(posted).toBeGreaterThan(before);
  }, 120_000);

  it('restores into an empty directory: everything acknowledged before it, dense, tables as the log', async () => {
    const restored = await freshData();
    await fundflow(restored, 'restore', archive);
    await copyFile(`${data}.vault-key`, `${restored}.vault-key`);
    // The notary's key stays with the ledger that was backed up: here nothing is signed.
    const again = await startProgram(restored, { environment: { FUNDFLOW_NOTARY: '0' } });
    const log = await inspectedLog(restored);
    expect(log).toMatchObject({ dense: true, differences: [], alertsAsNew: true });
    const wanted = ['A', ...Array.from({ length: before }, (_, n) => `P-${n}`)];
    expect(log.ids).toEqual(expect.arrayContaining(wanted));
    expect(new Set(log.ids).size).toBe(log.ids.length);
    await again.end('SIGTERM');
  }, 120_000);

  it('never overwrites a ledger, and is not restored in half', async () => {
    await expect(fundflow(data, 'restore', archive)).rejects.toThrow('已有账本');
    const torn = join(data, '..', 'torn.zip');
    await copyFile(archive, torn);
    await truncate(torn, 100_000);
    await expect(fundflow(await freshData(), 'restore', torn)).rejects.toThrow('不是完整的');
    await program.end('SIGTERM');
  }, 60_000);

  it('is made of a stopped ledger as well', async () => {
    const cold = join(data, '..', 'cold.zip');
    expect((await fundflow(data, 'backup', cold)).stdout).toContain('已备份到');
    const restored = await freshData();
    await fundflow(restored, 'restore', cold);
    await copyFile(`${data}.vault-key`, `${restored}.vault-key`);
    expect((await fundflow(restored, 'verify')).stdout).toContain('各表与账本一致');
  }, 120_000);
});
