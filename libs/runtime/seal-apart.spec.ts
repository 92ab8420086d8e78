import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import { recordKey } from '@fundflow/domain/books';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { SealApart } from '@fundflow/submissions/people/sealed-person';
import { PayeeKeeper } from '@fundflow/submissions/people/payee-keeper';
import { readRequestRows } from '@fundflow/submissions/hand-in/request-rows';
import { testRegions } from '../../test/support/regions.js';
import { threadFromSources } from '../../test/support/thread-from-sources.js';
import { SealingThread } from './seal-apart.js';

const key = deriveVaultKey(Buffer.alloc(32, 7));
const keys = keysOf(key);
const started: Worker[] = [];
afterEach(() => Promise.all(started.splice(0).map((thread) => thread.terminate())));

function startFromSources(): Worker {
  const thread = threadFromSources('libs/runtime/sealing-thread.ts');
  started.push(thread);
  return thread;
}

const people = [
  { id: 'P-1', values: { name: '甲例一', code: '450124196501011234', account: '9999 0001' } },
  { id: 'P-"2\t\n', values: { name: '乙例', code: null, account: '' } },
  { id: 'P-3', values: { name: null, code: null, account: null } },
];

describe('people sealed in a thread of its own', () => {
  it('are in their order what sealing them here makes of them, and open here', async () => {
    const thread = new SealingThread({ start: startFromSources });
    const vault = inMemoryVault(key);
    const [all, one] = await Promise.all([
      thread.seal(people, keys),
      thread.seal(people.slice(1, 2), keys),
    ]);
    expect([all.length, one.length, started.length]).toEqual([3, 1, 1]);
    for (const [at, { id, values }] of people.entries()) {
      const { payee, secret } = all[at] as (typeof all)[number];
      const eventId = eventIdOf(recordKey(id), 0);
      const [subject, sealed] = [Buffer.from(secret.subject), Buffer.from(secret.sealed)];
      const entry = { eventId, recordKey: recordKey(id), region: '' };
      await vault.putAll([{ ...entry, subject, sealed }]);
      // Checked against the commitments.
      const opened = await vault.open([{ eventId, payee }]);
      expect(opened.get(eventId)).toEqual({ ...values, account: values.account || null });
    }
  });

  it('are sealed by the key that is current when they are handed over', async () => {
    const next = deriveVaultKey(Buffer.alloc(32, 8));
    const changing = { current: key, index: keys.index, indexNo: keys.indexNo };
    const thread = new SealingThread({ start: startFromSources });
    const keyIdOf = async (): Promise<string> => {
      const [sealed] = await thread.seal(people, changing);
      return Buffer.from(sealed?.secret.sealed ?? []).toString('hex', 1, 9);
    };
    expect(await keyIdOf()).toBe(key.id);
    changing.current = next;
    expect(await keyIdOf()).toBe(next.id);
  });

  it('are sealed by another thread when nobody needed the first for its time', async () => {
    const thread = new SealingThread({ start: startFromSources, idleMs: 1 });
    expect(await thread.seal(people, keys)).toHaveLength(3);
    const [first] = started;
    if (first && first.threadId > 0) await once(first, 'exit');
    expect(await thread.seal(people, keys)).toHaveLength(3);
    expect(started).toHaveLength(2);
  });

  it('are sealed by the thread that was prepared for them; should nobody come, it ends', async () => {
    const thread = new SealingThread({ start: startFromSources, idleMs: 1 });
    thread.prepare();
    expect(await thread.seal(people, keys)).toHaveLength(3);
    expect(started).toHaveLength(1);
    thread.prepare();
    const last = started.at(-1);
    if (last && last.threadId > 0) await once(last, 'exit');
    expect(last?.threadId).toBe(-1);
  });

  it('are told of a thread that ends, and sealed by another one', async () => {
    const thread = new SealingThread({ start: startFromSources });
    const sealing = thread.seal(people, keys);
    await Promise.all([expect(sealing).rejects.toThrow('ended'), started[0]?.terminate()]);
    expect(await thread.seal(people, keys)).toHaveLength(3);
    expect(started).toHaveLength(2);
  });
});

describe('the rows of a request with many people', () => {
  const rows = Array.from({ length: 250 }, (_, at) => ({
    ...{ 支付编号: `P-${at}`, 收款人类型: at % 5 === 0 ? '单位' : '个人', 收款人: `甲例${at}` },
    ...{ 资金来源编号: 'D-1', 金额: '1.00', 单位: '元', 支付日期: '2018-03-01' },
    ...{ 支付方式: '直接支付', 凭证号: `V-${at}` },
  }));
  const read = (sealApart: SealApart | null, count = rows.length) => {
    const payees = new PayeeKeeper(inMemoryVault(key), keys, sealApart);
    return readRequestRows('payments', rows.slice(0, count), { regions: testRegions(), payees });
  };

  it('are numbered as one table, and every person is sealed with its own row', async () => {
    const secretOf = (id: string) => ({ subject: Buffer.from(id), sealed: Buffer.alloc(0) });
    const { handedIn, ahead } = read((given) =>
      Promise.resolve(given.map(({ id }) => ({ ...SEALED, secret: secretOf(id) }))),
    );
    expect(handedIn.map(({ rowNumber }) => rowNumber)).toEqual(rows.map((_, at) => at + 2));
    const sealed = new Map((await ahead)?.flatMap((some) => [...some]));
    handedIn.forEach((row, at) => {
      const secret = at % 5 === 0 ? undefined : secretOf(`P-${at}`);
      expect(sealed.get(row)?.secret).toEqual(secret);
    });
  });

  it('are left to be sealed where they are decided when the thread fails, or when they are few', async () => {
    const { ahead } = read(() => Promise.reject(new Error('the thread fails')));
    expect((await ahead)?.map(({ size }) => size)).toEqual([0, 0, 0]);
    expect(read(null, 5).ahead).toBeNull();
  });
});

const SEALED = { payee: { kind: 'person', name: null, code: null, account: null } } as const;
