import { heldNames } from '@fundflow/public-totals/held-names';
import { resealStaged } from '@fundflow/submissions/postgres/staged-people';
import { singleKey } from '@fundflow/vault/postgres/keyring';
import { type IndexRotationSettings, rotateIndexKey } from '@fundflow/vault/postgres/rotate-index';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import pg from 'pg';
import { personOf } from './support/person.js';
import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { VAULT_KEY } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

/* The key of the blind indexes is changed beside a ledger that goes on: nobody notices. */

const ledger = theLedger();
let pool: pg.Pool;
/** Beside which something is posted: people and entries are put anew one by one. */
const STEPS = 12;

const toPerson = (id: string, person: number) =>
  payment(id, 'D-1', {
    ...{ payee_kind: 'person', payee_name: `韦某${person}`, payee_code: residentId(person) },
    ...{ payee_account: `62284800${person}`, amount: '12.34', method: 'card' },
  });

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: ledger.running.databaseUrl, max: 4 });
  await ledger.post('allocations', allocation('A-1', { amount: '10000' }));
  await ledger.post('disbursements', disbursement('D-1', 'A-1', { amount: '9000' }));
});
afterAll(() => pool.end());

const rotate = (settings: Partial<IndexRotationSettings> = {}) =>
  rotateIndexKey({
    ...{ pool, source: singleKey(deriveVaultKey(VAULT_KEY)), elsewhere: heldNames },
    renameStaged: async (starts, rename) => {
      for (const start of starts) await resealStaged(pool, start, rename);
    },
    keepApart: () => undefined,
    ...settings,
  });

const WHY = { purpose: 'complaint', caseId: '案〔2020〕1号', reason: '群众来信' };
const idsOf = async (person: number): Promise<string[]> => {
  const { body } = await personOf(ledger.running, 'inspector').post<{ lines: { id: string }[] }>(
    '/api/v1/personal/search',
    { ...WHY, id: residentId(person) },
  );
  return body.lines.map(({ id }) => id).sort();
};

describe('while the key of the blind indexes is changed', () => {
  it('somebody is found by every payment, and strangers are told of five different people', async () => {
    await ledger.post('payments', ...[1, 2, 3, 4].map((n) => toPerson(`P-${n}`, n)));
    const told = async (): Promise<string> => {
      const answer = await fetch(`${ledger.running.url}/api/v1/public/regions/450124`);
      return ((await answer.json()) as { paidToPeopleFen: string }).paidToPeopleFen;
    };
    expect(await told()).toBe('0');
    let step = 0;
    await rotate({
      batch: 1,
      onProgress: async () => {
        if (step < STEPS) {
          step += 1;
          await ledger.post('payments', toPerson(`P-2-${step}`, 2), toPerson(`P-3-${step}`, 3));
        }
        expect(await told()).toBe('0');
        expect(await idsOf(2)).toHaveLength(1 + step);
      },
    });
    await ledger.post('payments', toPerson('P-4-again', 4));
    expect(await told()).toBe('0');
    await ledger.post('payments', toPerson('P-5', 5));
    expect(await told()).toBe(`${(4 + 2 * step + 2) * 1234}`);
    expect(await idsOf(4)).toEqual(['P-4', 'P-4-again']);
  });

  it('what waits for certification since before is posted after it, to the same person', async () => {
    const [maker, checker] = ['maker', 'checker'].map((who) => personOf(ledger.running, who));
    const waiting = await maker?.handIn('payments', [toPerson('W-1', 1)]);
    await rotate();
    await checker?.certify(waiting?.body.id as string);
    expect(await idsOf(1)).toEqual(['P-1', 'W-1']);
    const { rows } = await pool.query('SELECT FROM vault_subjects');
    expect(rows).toHaveLength(5);
  });

  it('what was staged under the former key later than it was forgotten is withdrawn with its person', async () => {
    const [maker, checker, inspector] = ['maker', 'checker', 'inspector'].map((who) =>
      personOf(ledger.running, who),
    );
    await ledger.post('payments', toPerson('G-1', 9));
    const waiting = await maker?.handIn('payments', [toPerson('G-2', 9)]);
    await rotate({ renameStaged: () => Promise.resolve() });
    const search = await inspector?.post<{ lines: { eventId: string }[] }>(
      '/api/v1/personal/search',
      { ...WHY, id: residentId(9) },
    );
    const eventId = search?.body.lines[0]?.eventId;
    const proposed = await checker?.post<{ id: string }>('/api/v1/personal/erasures', {
      ...{ eventId, basis: 'unlawful', reason: '录入错误，并无此人' },
    });
    const approval = `/api/v1/personal/erasures/${proposed?.body.id}/approval`;
    expect(await inspector?.post(approval, {})).toMatchObject({ body: { state: 'done' } });
    const state = await maker?.get(`/api/v1/submissions/${waiting?.body.id}`);
    expect(state).toMatchObject({ body: { refusal: { code: 'subject-erased' } } });
  });
});
