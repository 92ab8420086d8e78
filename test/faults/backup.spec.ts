import { copyFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allocation, payment } from '../e2e/support/rows.js';
import { inspectedLog } from './support/ledger-state.js';
import { Person, postRows } from './support/office.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  fundflow,
  fundflowWithin,
  type Program,
  startProgram,
} from './support/program.js';

const folders: string[] = [];

async function freshData(): Promise<string> {
  const folder = await freshFolder();
  folders.push(folder);
  return join(folder, 'data');
}

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
  });

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
  });

  it('never overwrites a ledger, nor a backup, nor one that another writes', async () => {
    await expect(fundflow(data, 'restore', archive)).rejects.toThrow('已有账本');
    await expect(fundflow(data, 'backup', archive)).rejects.toThrow('（target-exists）');
    const half = join(data, '..', 'half.zip');
    await writeFile(`${half}.part`, '');
    await expect(fundflow(data, 'backup', half)).rejects.toThrow('（target-exists）');
  });

  it('leaves nothing behind where it has no room, and says so', async () => {
    const folder = join(data, '..');
    const before = await readdir(folder);
    const target = join(folder, 'large.zip');
    const made = fundflowWithin(1_000_000, data, 'backup', target);
    await expect(made).rejects.toThrow(new RegExp(`无法使用 ${target}：.*（disk-full）\n$`));
    expect(await readdir(folder)).toEqual(before);
  });

  it('is not restored in half, from what is no backup, from a file that is not there', async () => {
    const torn = join(data, '..', 'torn.zip');
    await copyFile(archive, torn);
    await truncate(torn, 100_000);
    const empty = await freshData();
    await expect(fundflow(empty, 'restore', torn)).rejects.toThrow('（backup-unusable）');
    const gone = `无法使用 ${torn}.gone：没有这个文件或目录（file-unusable）`;
    await expect(fundflow(empty, 'restore', `${torn}.gone`)).rejects.toThrow(gone);
    const cramped = fundflowWithin(1_000_000, empty, 'restore', archive);
    await expect(cramped).rejects.toThrow('（disk-full）');
    expect(await readdir(join(empty, 'postgres'))).not.toContain('cluster.restoring');
    await program.end('SIGTERM');
  });

  it('is made of a stopped ledger as well', async () => {
    const cold = join(data, '..', 'cold.zip');
    expect((await fundflow(data, 'backup', cold)).stdout).toContain('已备份到');
    const restored = await freshData();
    await fundflow(restored, 'restore', cold);
    await copyFile(`${data}.vault-key`, `${restored}.vault-key`);
    expect((await fundflow(restored, 'verify')).stdout).toContain('各表与账本一致');
  });
});
