import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { ReadRow } from '@fundflow/intake/batches';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import { inPlaces, wholeRow } from '@fundflow/submissions/plain-payments';
import { PayeeKeeper } from '@fundflow/submissions/payee-keeper';
import { type HandedInRow, personOf } from '@fundflow/submissions/handed-in';
import { threadFromSources } from '../../test/support/thread-from-sources.js';
import { readApart, type ReadingOrder } from './read-apart.js';

const startFromSources = (order: ReadingOrder): Worker =>
  threadFromSources('libs/runtime/reading-thread.ts', order);

const key = deriveVaultKey(Buffer.alloc(32, 7));
const keys = keysOf(key);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'fundflow-apart-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const HEADER =
  '支付编号,资金来源编号,收款人类型,收款人,收款账号,金额,单位,支付日期,支付方式,凭证号';
const ROWS = 2_500;
const line = (at: number): string =>
  `P-${at},D-1,${at % 2 === 0 ? '个人' : '单位'},甲例${at},,1.00,元,2018-03-01,直接支付,V-${at}`;

async function fileOf(name: string, content: string) {
  const path = join(folder, name);
  await writeFile(path, content);
  return { path, fileName: name, kind: null, bytes: Buffer.byteLength(content) };
}

const apart = (file: Awaited<ReturnType<typeof fileOf>>) =>
  readApart(file, null, keys, startFromSources);

describe('a file read in a thread of its own', () => {
  it('gives the batches that reading it here gives, and every person sealed', async () => {
    const lines = Array.from({ length: ROWS }, (_, at) => line(at));
    const file = await fileOf('payments.csv', `${HEADER}\n${lines.join('\n')}\n`);
    const { path, fileName } = file;
    const here = readSubmissionFile({
      ...{ source: { path }, fileName, regionTable: loadDivisions() },
    });
    const payees = new PayeeKeeper(inMemoryVault(key), keys);
    const open = payees.open.bind(payees);
    const [expected, read]: [ReadRow[], ReadRow[]] = [[], []];
    for await (const batch of here) expected.push(...batch.rows);
    for await (const { plain, rows: others, progress } of apart(file)) {
      const whole: readonly HandedInRow[] = plain
        ? inPlaces(others, plain, (index) => wholeRow(plain, index, open))
        : others;
      expect(progress.bytesTotal).toBe(file.bytes);
      for (const { sealed, ...row } of whole) {
        const person = row.row && personOf(row.row);
        expect(sealed !== undefined).toBe(person !== null);
        if (sealed) expect(open(row.id ?? '', sealed.secret)).toMatchObject({ ...person });
        read.push(row);
      }
    }
    expect([read.length, read]).toEqual([ROWS, expected]);
  });

  it('is refused as it is here', async () => {
    const file = await fileOf('torn.csv', `${HEADER}\n${line(1)}\n"P-2,D-1\n`);
    await expect(async () => {
      for await (const { plain } of apart(file)) expect(plain?.ids).toHaveLength(1);
    }).rejects.toMatchObject({ refusal: { code: 'torn-quote', row: 3 } });
  });

  it('fails, and does not end the process, when the disk fails', async () => {
    const file = { ...(await fileOf('lost.csv', '')), path: join(folder, 'nowhere.csv') };
    await expect(apart(file).next()).rejects.toThrow('ENOENT');
  });

  it('ends when nobody wants more of it', async () => {
    const lines = Array.from({ length: ROWS }, (_, at) => line(at));
    const file = await fileOf('left.csv', `${HEADER}\n${lines.join('\n')}\n`);
    let thread: Worker | null = null;
    const start = (order: ReadingOrder): Worker => (thread = startFromSources(order));
    for await (const batch of readApart(file, null, keys, start)) {
      expect(batch.plain?.ids.length).toBeGreaterThan(0);
      break;
    }
    // A thread that has ended has no id any more.
    expect((thread as Worker | null)?.threadId).toBe(-1);
  });
});
