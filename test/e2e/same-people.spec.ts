import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { checkVault, type VaultCheck } from '@fundflow/vault/postgres/check-vault';
import { singleKey } from '@fundflow/vault/postgres/keyring';
import { openPostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { HELD_VERSION, keyOfRow, ROW_VERSION, versionOf } from '@fundflow/vault/sealed-row';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import pg from 'pg';
import type { SubmissionAnswer } from './support/answers.js';
import { csv, tableOf } from './support/files.js';
import { allocation, disbursement, payment } from './support/rows.js';
import { VAULT_KEY } from './support/running-ledger.js';
import { query } from './support/template-database.js';
import { expectOk, theLedger } from './support/the-ledger.js';

/*
 * The list of one month, and of the next: the same people again, and one who is new.
 */
const PEOPLE = 40;
const ledger = theLedger();
const maker = () => ledger.as('centre-maker');
const checker = () => ledger.as('centre-checker');

beforeAll(async () => {
  await ledger.post('allocations', allocation('M-A', { amount: '1000' }));
  await ledger.post('disbursements', disbursement('M-D', 'M-A', { amount: '1000' }));
});

const listOf = (month: string, people: number): string => {
  const rows = Array.from({ length: people }, (_, at) =>
    payment(`M-${month}-${at}`, 'M-D', {
      ...{ amount: '1', payee_kind: 'person', payee_name: `甲例${at}`, method: 'card' },
      payee_account: `9999${String(at).padStart(9, '0')}`,
    }),
  );
  return csv(tableOf('payments', 'en', rows));
};

async function until(id: string, status: string): Promise<void> {
  let found: SubmissionAnswer | undefined;
  while (found?.status !== status) {
    found = expectOk(await maker().get<SubmissionAnswer>(`/api/v1/submissions/${id}`));
    if (found.status === 'rejected') throw new Error(JSON.stringify(found));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function handIn(month: string, people: number): Promise<string> {
  const { id } = expectOk(await maker().upload(`${month}.csv`, listOf(month, people)));
  await until(id, 'validated');
  return id;
}

async function post(id: string): Promise<void> {
  expectOk(await checker().certify(id));
  await until(id, 'posted');
}

/** Rows that wait, of which version each, and how many of them are under a key that the vault holds. */
async function waiting(id: string) {
  const { databaseUrl } = ledger.running;
  const rows = await query<{ sealed: Buffer; held: Buffer | null }>(
    databaseUrl,
    `SELECT sealed, held_key AS held FROM submission_blocks,
       unnest(payee_subjects, payee_sealed) AS payee (subject, sealed)
       LEFT JOIN vault_subjects person ON person.subject = payee.subject
      WHERE submission_id = '${id}'`,
  );
  const of = (version: number) => rows.filter(({ sealed }) => versionOf(sealed) === version);
  const known = of(HELD_VERSION);
  expect(known.every(({ sealed, held }) => held && keyOfRow(sealed).equals(held))).toBe(true);
  return { known: known.length, unknown: of(ROW_VERSION).length };
}

async function check(): Promise<VaultCheck> {
  const connectionString = ledger.running.databaseUrl;
  const pool = new pg.Pool({ connectionString, max: 4 });
  const log = await openPostgresEventStore({ connectionString });
  const { keys } = await openPostgresVault(pool, singleKey(deriveVaultKey(VAULT_KEY)));
  try {
    return await checkVault({ log, pool, keys, underWay: () => Promise.resolve(new Set()) });
  } finally {
    await Promise.all([log.close(), pool.end()]);
  }
}

describe('a list to the same people as the month before', () => {
  it('waits and is posted under the keys they have, and what is kept opens', async () => {
    const january = await handIn('january', PEOPLE);
    expect(await waiting(january)).toEqual({ known: 0, unknown: PEOPLE });
    await post(january);
    const february = await handIn('february', PEOPLE + 1);
    expect(await waiting(february)).toEqual({ known: PEOPLE, unknown: 1 });
    await post(february);
    const [kept] = await query<{ people: number; entries: number; versions: number[] }>(
      ledger.running.databaseUrl,
      `SELECT (SELECT count(*)::int FROM vault_subjects) AS people, count(*)::int AS entries,
         array_agg(DISTINCT get_byte(sealed, 0) & 15) AS versions FROM vault_entries`,
    );
    expect(kept).toEqual({
      ...{ people: PEOPLE + 1, entries: 2 * PEOPLE + 1, versions: [ROW_VERSION] },
    });
    expect(await check()).toMatchObject({ people: 2 * PEOPLE + 1, findings: [] });
  });
});
