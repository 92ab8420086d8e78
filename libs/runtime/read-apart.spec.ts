import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import type { ReadRow } from '@fundflow/intake/batches';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { keyOfRow } from '@fundflow/vault/sealed-row';
import { newSubjectKey, SUBJECT_BYTES, wrapSubjectKey } from '@fundflow/vault/subject-key';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import { inPlaces, wholeRow } from '@fundflow/submissions/hand-in/plain-payments';
import type { HeldKeysOf } from '@fundflow/submissions/people/known-people';
import { PayeeKeeper } from '@fundflow/submissions/people/payee-keeper';
import type { HandedInRow } from '@fundflow/submissions/hand-in/handed-in';
import { personOf } from '@fundflow/submissions/people/sealed-person';
import { threadFromSources } from '../../test/support/thread-from-sources.js';
import { VALID_ROWS } from '../../test/support/valid-rows.js';
import { ReadingThreads, type ReadingThreadData } from './read-apart.js';
import { SealingThread } from './seal-apart.js';

const started: Worker[] = [];
function startFromSources(data: ReadingThreadData): Worker {
  const thread = threadFromSources('libs/runtime/reading-thread.ts', data);
  started.push(thread);
  return thread;
}
afterEach(() => Promise.all(started.splice(0).map((thread) => thread.terminate())));

const sealers: Worker[] = [];
function startSealing(): Worker {
  const thread = threadFromSources('libs/runtime/sealing-thread.ts');
  sealers.push(thread);
  return thread;
}
afterAll(() => Promise.all(sealers.map((thread) => thread.terminate())));
const sealing = new SealingThread({ start: startSealing });
const nobodyKnown = (): Promise<Buffer> => Promise.resolve(Buffer.alloc(0));
const threadsFromSources = (
  idleMs?: number,
  by = sealing,
  heldKeysOf: HeldKeysOf = nobodyKnown,
): ReadingThreads => new ReadingThreads(by, heldKeysOf, null, startFromSources, idleMs);

const key = deriveVaultKey(Buffer.alloc(32, 7));
const keys = keysOf(key);
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'fundflow-apart-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const HEADER =
  '支付编号,资金来源编号,收款人类型,收款人,收款账号,金额,单位,支付日期,支付方式,凭证号';
const ROWS = 2_500;
const person = (at: number): string => `某例${at}`;
const line = (at: number): string =>
  `P-${at},D-1,${at % 2 === 0 ? '个人' : '单位'},${at % 2 === 0 ? person(at) : `甲例${at}`},,1.00,元,2018-03-01,直接支付,V-${at}`;

async function fileOf(name: string, content: string) {
  const path = join(folder, name);
  await writeFile(path, content);
  return { path, fileName: name, kind: null, bytes: Buffer.byteLength(content) };
}

const inPieces = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: bytes.length / size }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

const held = new Map<string, Buffer>();
/** The key somebody has, wrapped: always the same. */
function heldFor(subject: Buffer): Buffer {
  const person = subject.toString('hex');
  const known = held.get(person) ?? wrapSubjectKey(newSubjectKey(), subject, key);
  held.set(person, known);
  return known;
}

type File = Awaited<ReturnType<typeof fileOf>>;

const apart = (file: File, threads = threadsFromSources()) => threads.read(file, keys);

async function idsOf(file: File, threads: ReadingThreads): Promise<string[]> {
  const ids: string[] = [];
  for await (const { plain } of threads.read(file, keys)) ids.push(...(plain?.ids ?? []));
  return ids;
}

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
      expect(Buffer.from(plain?.bytes ?? []).toString()).not.toContain('某例');
      for (const { sealed, ...row } of whole) {
        const person = row.row && personOf(row.row);
        expect(sealed !== undefined).toBe(person !== null);
        if (sealed) expect(open(row.id ?? '', sealed.secret)).toMatchObject({ ...person });
        read.push(row);
      }
    }
    expect([read.length, read]).toEqual([ROWS, expected]);
  });

  it('seals people who have a key under it, and reads and asks ahead of whoever validates', async () => {
    const lines = Array.from({ length: ROWS }, (_, at) => line(at));
    const file = await fileOf('known.csv', `${HEADER}\n${lines.join('\n')}\n`);
    const asked: number[] = [];
    const threads = threadsFromSources(undefined, sealing, (subjects) => {
      asked.push(subjects.length / SUBJECT_BYTES);
      return Promise.resolve(Buffer.concat(inPieces(subjects, SUBJECT_BYTES).map(heldFor)));
    });
    const payees = new PayeeKeeper(inMemoryVault(key), keys);
    const open = payees.open.bind(payees);
    let people = 0;
    for await (const { plain } of apart(file, threads)) {
      for (let at = 0; plain && at < plain.ids.length; at += 1) {
        const secret = wholeRow(plain, at, open).sealed?.secret;
        if (!secret) continue;
        people += 1;
        expect(keyOfRow(Buffer.from(secret.sealed))).toEqual(heldFor(Buffer.from(secret.subject)));
      }
    }
    expect(people).toBe(ROWS / 2);
    // Some samples, and everybody once.
    expect(asked.filter((count) => count > 16)).toEqual([500, 500, 250]);
  });

  it('knows the regions, which it reads for the first row that names one', async () => {
    const cells = VALID_ROWS.allocations;
    const lines = ['450124', '459999', '450331'].map((region, at) =>
      Object.values({ ...cells, allocation_id: `A-${at}`, receiver_region: region }).join(','),
    );
    const file = await fileOf(
      'regions.csv',
      `${Object.keys(cells).join(',')}\n${lines.join('\n')}\n`,
    );
    const found: string[][] = [];
    for await (const { rows } of apart(file)) {
      for (const { error, warnings } of rows) {
        found.push([...(error ? [error] : []), ...warnings].map(({ code }) => code));
      }
    }
    expect(found).toEqual([[], ['unknown-region'], ['region-vintage']]);
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

  it('fails alone when the thread that seals its people dies', async () => {
    const threads = threadsFromSources(undefined, new SealingThread({ start: startSealing }));
    const before = sealers.length;
    const lines = Array.from({ length: ROWS }, (_, at) => line(at)).join('\n');
    const file = await fileOf('unsealed.csv', `${HEADER}\n${lines}\n`);
    const batches = threads.read(file, keys);
    const first = batches.next();
    while (sealers.length === before) await once(started[0] as Worker, 'message');
    const ended = sealers[before]?.terminate();
    await Promise.all([expect(first).rejects.toThrow('sealing thread ended'), ended]);
    expect(started.map(({ threadId }) => threadId)).toEqual([-1]);
    expect(await idsOf(file, threads)).toHaveLength(ROWS);
    expect(sealers).toHaveLength(before + 2);
  });

  it('ends when nobody wants more of it', async () => {
    const lines = Array.from({ length: ROWS }, (_, at) => line(at));
    const file = await fileOf('left.csv', `${HEADER}\n${lines.join('\n')}\n`);
    for await (const batch of apart(file)) {
      expect(batch.plain?.ids.length).toBeGreaterThan(0);
      break;
    }
    // A thread that has ended has no id any more.
    expect(started.map(({ threadId }) => threadId)).toEqual([-1]);
  });
});

describe('the thread that stays for the next file', () => {
  const manyLines = (from: number, count: number): string =>
    Array.from({ length: count }, (_, at) => line(from + at)).join('\n');
  const ids = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `P-${from + at}`);

  it('reads it, also behind a file that was refused', async () => {
    const threads = threadsFromSources();
    const torn = await fileOf('torn-first.csv', `${HEADER}\n${line(1)}\n"P-2,D-1\n`);
    await expect(idsOf(torn, threads)).rejects.toMatchObject({ refusal: { code: 'torn-quote' } });
    for (const from of [0, 5_000, 10_000]) {
      const file = await fileOf(`${from}.csv`, `${HEADER}\n${manyLines(from, ROWS)}\n`);
      expect(await idsOf(file, threads)).toEqual(ids(from, ROWS));
    }
    expect(started).toHaveLength(1);
  });

  it('seals each file under the key that is current when it is handed over', async () => {
    const changing = { current: key, index: keys.index, indexNo: keys.indexNo };
    const threads = threadsFromSources();
    const file = await fileOf('rotated.csv', `${HEADER}\n${line(0)}\n`);
    const keyIds: string[] = [];
    for (const current of [key, deriveVaultKey(Buffer.alloc(32, 8))]) {
      changing.current = current;
      for await (const { plain } of threads.read(file, changing)) {
        wholeRow(plain as NonNullable<typeof plain>, 0, (_, { sealed }) => {
          keyIds.push(Buffer.from(sealed).toString('hex', 1, 9));
          return { name: null, code: null, account: null };
        });
      }
    }
    expect(keyIds).toEqual([key.id, deriveVaultKey(Buffer.alloc(32, 8)).id]);
  });

  it('is not taken by a second file while the first is read, and one of both stays', async () => {
    const threads = threadsFromSources();
    const files = await Promise.all(
      [0, 5_000].map((from) => fileOf(`at-once-${from}`, `${HEADER}\n${manyLines(from, ROWS)}\n`)),
    );
    const read = await Promise.all(files.map((file) => idsOf(file, threads)));
    expect(read).toEqual([ids(0, ROWS), ids(5_000, ROWS)]);
    expect(started.filter(({ threadId }) => threadId > 0)).toHaveLength(1);
    expect(started).toHaveLength(2);
  });

  it('is another one behind a file that was left, or a failure, and harms no file beside it', async () => {
    const threads = threadsFromSources();
    const file = await fileOf('beside.csv', `${HEADER}\n${manyLines(0, ROWS)}\n`);
    const lost = { ...file, path: join(folder, 'nowhere.csv') };
    const beside = idsOf(file, threads);
    await expect(idsOf(lost, threads)).rejects.toThrow('ENOENT');
    expect(await beside).toHaveLength(ROWS);
    for await (const _ of threads.read(file, keys)) break;
    expect(await idsOf(file, threads)).toHaveLength(ROWS);
    expect(started).toHaveLength(3);
  });

  it('is there already when a file was expected, and is one however many are', async () => {
    const threads = threadsFromSources();
    for (let i = 0; i < 3; i += 1) threads.prepare();
    expect(started).toHaveLength(1);
    const file = await fileOf('expected.csv', `${HEADER}\n${manyLines(0, ROWS)}\n`);
    expect(await idsOf(file, threads)).toEqual(ids(0, ROWS));
    threads.prepare();
    expect(await idsOf(file, threads)).toEqual(ids(0, ROWS));
    expect(started).toHaveLength(1);
  });

  it('ends when the file that was expected does not come', async () => {
    const threads = threadsFromSources(1);
    threads.prepare();
    const [first] = started;
    if (first && first.threadId > 0) await once(first, 'exit');
    expect(first?.threadId).toBe(-1);
    const file = await fileOf('late.csv', `${HEADER}\n${line(0)}\n`);
    expect(await idsOf(file, threads)).toEqual(['P-0']);
    expect(started).toHaveLength(2);
  });

  it('is one of two when one was expected while another file is read', async () => {
    const threads = threadsFromSources();
    const file = await fileOf('expected-beside.csv', `${HEADER}\n${manyLines(0, ROWS)}\n`);
    const first = threads.read(file, keys);
    await first.next();
    threads.prepare();
    for await (const _ of first);
    expect(started.filter(({ threadId }) => threadId > 0)).toHaveLength(1);
    expect(await idsOf(file, threads)).toEqual(ids(0, ROWS));
    expect(started).toHaveLength(2);
  });

  it('is another one when it died meanwhile, or waited too long', async () => {
    const threads = threadsFromSources(1);
    const file = await fileOf('twice.csv', `${HEADER}\n${line(0)}\n`);
    expect(await idsOf(file, threads)).toEqual(['P-0']);
    const [first] = started;
    if (first && first.threadId > 0) await once(first, 'exit');
    expect(await idsOf(file, threads)).toEqual(['P-0']);
    await started[1]?.terminate();
    expect(await idsOf(file, threads)).toEqual(['P-0']);
    expect(started).toHaveLength(3);
  });
});
