import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { underWayOf } from '@fundflow/runtime/vault-parts';
import { checkVault, type VaultCheck } from '@fundflow/vault/postgres/check-vault';
import { singleKey } from '@fundflow/vault/postgres/keyring';
import { openPostgresVault, type PostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import pg from 'pg';
import { type Person, personOf } from './support/person.js';
import { residentId } from './support/resident-id.js';
import { type RunningLedger, startLedger, VAULT_KEY } from './support/running-ledger.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PEOPLE = 12;

describe('the vault held against the log', () => {
  let ledger: RunningLedger;
  let pool: pg.Pool;
  let log: Awaited<ReturnType<typeof openPostgresEventStore>>;
  let vault: PostgresVault;
  let inspector: Person;
  let eventIds: string[];

  beforeAll(async () => {
    ledger = await startLedger();
    const connectionString = ledger.databaseUrl;
    pool = new pg.Pool({ connectionString, max: 4 });
    log = await openPostgresEventStore({ connectionString });
    vault = await openPostgresVault(pool, singleKey(deriveVaultKey(VAULT_KEY)));
    inspector = personOf(ledger, 'inspector');
    const [maker, checker] = [personOf(ledger, 'maker'), personOf(ledger, 'checker')];
    const post = async (kind: string, rows: readonly object[]): Promise<void> => {
      const handedIn = await maker.handIn(kind, rows);
      expect(handedIn.body).toMatchObject({ errors: 0 });
      expect(await checker.certify(handedIn.body.id)).toMatchObject({ status: 200 });
    };
    await post('allocations', [
      {
        ...{ allocation_id: 'A', doc_no: '桂财农〔2018〕9号', fund_type: '财政专项扶贫资金' },
        ...{ fiscal_year: '2018', issuer_region: '450000', receiver_region: '450124' },
        ...{ amount: '100', unit: '万元', issued_on: '2018-02-01', received_on: '2018-02-03' },
      },
    ]);
    await post(
      'payments',
      Array.from({ length: PEOPLE }, (_, index) => ({
        ...{ payment_id: `P-${index}`, source_id: 'A', payee_kind: '个人', amount: '1' },
        ...{ payee_name: `韦某${index}`, payee_code: residentId(index), unit: '元' },
        ...{ paid_on: '2018-03-01', method: '直接支付', voucher_no: `V-${index}` },
      })),
    );
    const { rows } = await pool.query<{ event_id: string }>(
      `SELECT event_id FROM event_store.es_events WHERE type = 'PaymentMade' ORDER BY position`,
    );
    eventIds = rows.map((row) => row.event_id);
  });
  afterAll(async () => {
    await log.close();
    await pool.end();
    await ledger.remove();
  });

  const check = (): Promise<VaultCheck> =>
    checkVault({ ...{ log, pool, keys: vault.keys }, underWay: underWayOf(pool) });

  /** What the check finds after a change that is taken back afterwards. */
  async function findingsAfter(change: string, values: unknown[] = []): Promise<string[]> {
    await pool.query('CREATE TABLE kept_entries AS SELECT * FROM vault_entries');
    await pool.query('CREATE TABLE kept_subjects AS SELECT * FROM vault_subjects');
    try {
      await pool.query(change, values);
      const { findings } = await check();
      return findings.map(({ kind, eventId }) => `${kind} ${eventIds.indexOf(eventId)}`);
    } finally {
      await pool.query('TRUNCATE vault_entries, vault_subjects');
      await pool.query(
        'INSERT INTO vault_entries OVERRIDING SYSTEM VALUE SELECT * FROM kept_entries',
      );
      await pool.query('INSERT INTO vault_subjects SELECT * FROM kept_subjects');
      await pool.query('DROP TABLE kept_entries, kept_subjects');
    }
  }

  it('finds nothing where nothing was changed', async () => {
    expect(await check()).toMatchObject({ people: PEOPLE, erased: 0, waiting: 0, findings: [] });
  });

  it.each([
    ['an entry deleted', 'DELETE FROM vault_entries WHERE event_id = $1', ['opening-missing 3']],
    [
      'an entry deleted and called erased, without an erasure in the log',
      `WITH gone AS (DELETE FROM vault_entries WHERE event_id = $1 RETURNING event_id)
       INSERT INTO vault_erased (event_id) SELECT event_id FROM gone`,
      ['opening-missing 3'],
    ],
    [
      'a bit of an entry changed',
      `UPDATE vault_entries SET sealed = set_bit(sealed, 200, 1 - get_bit(sealed, 200))
        WHERE event_id = $1`,
      ['entry-altered 3'],
    ],
    [
      'the key of a person changed',
      `UPDATE vault_subjects SET held_key = set_bit(held_key, 200, 1 - get_bit(held_key, 200))
        WHERE subject = (SELECT subject FROM vault_entries WHERE event_id = $1)`,
      ['entry-altered 3'],
    ],
    [
      'the key of a person deleted',
      `DELETE FROM vault_subjects
        WHERE subject = (SELECT subject FROM vault_entries WHERE event_id = $1)`,
      ['entry-altered 3'],
    ],
    [
      'one entry in the place of another',
      `UPDATE vault_entries entry SET record_key = other.record_key, subject = other.subject,
          sealed = other.sealed FROM vault_entries other
        WHERE entry.event_id = $1 AND other.record_key = 'record:P-5'`,
      ['entry-altered 3'],
    ],
    [
      'an entry that belongs to no record',
      `INSERT INTO vault_entries (event_id, record_key, subject, sealed)
       SELECT gen_random_uuid(), record_key, subject, sealed FROM vault_entries
        WHERE event_id = $1`,
      ['record-missing -1'],
    ],
  ])('finds %s', async (_what, change, expected) => {
    expect(await findingsAfter(change, [eventIds[3]])).toEqual(expected);
  });

  it('takes an erasure in the log for the reason, and finds what came back after it', async () => {
    const eventId = eventIds[7] ?? '';
    const { rows } = await pool.query('SELECT * FROM vault_entries WHERE event_id = $1', [eventId]);
    const { body } = await personOf(ledger, 'checker').post<{ id: string }>(
      '/api/v1/personal/erasures',
      { eventId, basis: 'order', reason: '主管机关决定' },
    );
    const approved = await inspector.post(`/api/v1/personal/erasures/${body.id}/approval`, {});
    expect(approved).toMatchObject({ status: 200, body: { state: 'done' } });
    expect(await check()).toMatchObject({ people: PEOPLE, erased: 1, findings: [] });
    const [entry] = rows as Readonly<Record<string, unknown>>[];
    await pool.query(
      'INSERT INTO vault_entries (event_id, record_key, subject, sealed) VALUES ($1, $2, $3, $4)',
      [eventId, entry?.['record_key'], entry?.['subject'], entry?.['sealed']],
    );
    expect((await check()).findings).toMatchObject([
      { kind: 'entry-altered', eventId },
      { kind: 'not-erased', eventId },
    ]);
    await pool.query('DELETE FROM vault_entries WHERE event_id = $1', [eventId]);
  });

  it('and the search tables made anew, from the command line', async () => {
    const why = { purpose: 'audit', reason: '抽查', caseId: '抽2020-1' };
    const lines = async (): Promise<number> => {
      const search = { ...why, name: '韦某4', county: '450124' };
      type Found = { lines: readonly unknown[] };
      return (await inspector.post<Found>('/api/v1/personal/search', search)).body.lines.length;
    };
    expect(await lines()).toBe(1);
    await pool.query('TRUNCATE vault_name_index, vault_number_index, vault_recent_tokens');
    expect(await lines()).toBe(0);
    expect(await fundflow('reindex')).toMatchObject({ code: 0 });
    expect(await lines()).toBe(1);
    expect(await fundflow('check')).toMatchObject({
      code: 0,
      text: expect.stringMatching(/个人信息 12 条与账本相符，其中依法删除 1 条/),
    });
    await pool.query('DELETE FROM vault_entries WHERE event_id = $1', [eventIds[9]]);
    expect(await fundflow('check')).toMatchObject({
      code: 1,
      text: expect.stringContaining(eventIds[9] ?? ''),
    });
  });

  function fundflow(...words: string[]): Promise<{ code: number; text: string }> {
    const loader = join(ROOT, 'test/support/typescript.mjs');
    const program = ['--import', loader, join(ROOT, 'apps/fundflow/main.ts'), 'vault', ...words];
    const env = {
      ...process.env,
      FUNDFLOW_DATABASE_URL: ledger.databaseUrl,
      FUNDFLOW_DATA: ledger.dataDirectory,
      FUNDFLOW_VAULT_KEY: VAULT_KEY.toString('base64'),
    };
    return new Promise((resolve) => {
      execFile(process.execPath, program, { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, text: stdout + stderr }),
      );
    });
  }
});
