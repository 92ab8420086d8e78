import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { heldNames } from '@fundflow/public-totals/held-names';
import { EVERYTHING } from '@fundflow/row-security/read-scope';
import { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { prepareDatabase } from '@fundflow/runtime/prepare-database';
import { keepIndexKeyInFile, loadVaultKeys } from '@fundflow/vault/key-file';
import type { VaultKeySource } from '@fundflow/vault/postgres/keyring';
import { openPostgresVault, type PostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { rotateIndexKey } from '@fundflow/vault/postgres/rotate-index';
import { searchEntries } from '@fundflow/vault/postgres/search';
import { sealPayee, subjectOf } from '@fundflow/vault/seal';
import type { RecordedPayee } from '@fundflow/vault/vault';
import pg from 'pg';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PEOPLE = 30;
const PAYMENTS_EACH = 2;
const BATCH = 12;
/** More than it takes: batches of people and of entries, and the end. */
const RUNS_MAX = 40;

describe('changing the key of the blind indexes', () => {
  let folder: string;
  let dataDirectory: string;
  let url: string;
  let pool: pg.Pool;
  let source: VaultKeySource;
  /** Opened before anything is changed, as a process that goes on posting. */
  let running: PostgresVault;
  const recorded: RecordedPayee[] = [];
  /** Events of each person. */
  const posted = new Map<string, string[]>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fundflow-index-rotation-'));
    dataDirectory = join(folder, 'data');
    url = await (await startTestDatabase()).createDatabase();
    await prepareDatabase({ application: url, owner: url }, 'spec');
    pool = new pg.Pool({ connectionString: url, max: 4 });
    loadVaultKeys({ configured: null, dataDirectory, vaultExists: false });
    source = { read: () => loadVaultKeys({ configured: null, dataDirectory, vaultExists: true }) };
    running = await openPostgresVault(pool, source);
    for (let time = 0; time < PAYMENTS_EACH; time += 1) {
      await pay(Array.from({ length: PEOPLE }, (_, n) => `某${n}`));
    }
  });
  afterAll(async () => {
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  });

  async function pay(names: readonly string[]): Promise<void> {
    const entries = names.map((name) => {
      const eventId = randomUUID();
      const recordKey = `record:${eventId}`;
      const values = { name, code: null, account: null };
      const { sealed, subject, ...fields } = sealPayee(values, recordKey, running.keys);
      recorded.push({ eventId, payee: { kind: 'person', ...fields } });
      posted.set(name, [...(posted.get(name) ?? []), eventId]);
      return { eventId, recordKey, sealed, subject, region: '450124' };
    });
    expect((await running.putAll(entries)).stored).toHaveLength(names.length);
  }

  /** Where it was when it was killed with SIGKILL; null: there was nothing left to do. */
  async function killedAtItsFirstStep(): Promise<string | null> {
    const child = spawn(
      process.execPath,
      [
        ...['--import', join(ROOT, 'test/support/typescript.mjs')],
        ...[join(ROOT, 'test/faults/renaming.ts'), url, dataDirectory, String(BATCH)],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const said = new Promise<string | null>((resolve) => {
      child.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
      child.once('exit', () => resolve(null));
    });
    const where = await said;
    if (where !== null) child.kill('SIGKILL');
    const code = await ended;
    if (where === null && code !== 0) throw new Error(`it ended with ${code}`);
    return where;
  }

  const found = async (name: string): Promise<string[]> => {
    const result = await running.withIndexes((indexes) =>
      searchEntries(new ScopedReads(pool, EVERYTHING), indexes, {
        ...{ sought: { by: 'name', name }, regions: [''], limit: 100 },
      }),
    );
    if (result.outcome === 'refused') throw new Error(result.refusal);
    return result.entries.map(({ eventId }) => eventId).sort();
  };

  async function expectWhole(): Promise<void> {
    expect((await running.open(recorded)).size).toBe(recorded.length);
    for (const name of ['某0', '某7', `某${PEOPLE - 1}`]) {
      expect(await found(name)).toEqual([...(posted.get(name) ?? [])].sort());
    }
  }

  it('goes on after each step at which it was killed, beside payments to people known and new', async () => {
    const former = running.keys.index;
    const steps: string[] = [];
    for (let run = 1; !steps.includes('apart'); run += 1) {
      if (run > RUNS_MAX) throw new Error(`it does not come to an end: ${steps.join(' ')}`);
      const where = await killedAtItsFirstStep();
      if (where === null) throw new Error(`nothing was left to do after ${steps.join(' ')}`);
      steps.push(where);
      // Somebody new each time would be the first step of each run.
      await pay([run % 3 === 0 ? `新${run}` : '某1', '某0', '某7']);
      await expectWhole();
    }
    expect(steps.filter((step) => step === 'people').length).toBeGreaterThan(1);
    expect(steps.filter((step) => step === 'entries').length).toBeGreaterThan(3);

    const again = await rotateIndexKey({
      ...{ pool, source, elsewhere: heldNames },
      renameStaged: () => Promise.resolve(),
      keepApart: (key) => void keepIndexKeyInFile(dataDirectory, key),
    });
    expect(again.broken).toEqual([]);
    await expectWhole();
    const now = await openPostgresVault(pool, source);
    const { rows } = await pool.query<{ subject: string }>(
      `SELECT encode(subject, 'hex') AS subject FROM vault_subjects
        UNION SELECT encode(subject, 'hex') FROM vault_entries`,
    );
    const names = [...posted.keys()].map((name) => ({ name, code: null, account: null }));
    expect(new Set(rows.map(({ subject }) => subject))).toEqual(
      new Set(names.map((who) => subjectOf(who, now.keys.index).toString('hex'))),
    );
    expect(now.keys.index.equals(former)).toBe(false);
    const kept = readdirSync(folder).filter((name) => name.includes('.retired-index-'));
    expect(kept).toHaveLength(1);
    const { rows: keyRows } = await pool.query('SELECT other_index_key FROM vault_keys');
    expect(keyRows).toEqual([{ other_index_key: null }]);
  });
});
