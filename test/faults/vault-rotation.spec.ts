import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { addKeyToFile, loadVaultKeys, retireKeyInFile } from '@fundflow/vault/key-file';
import { singleKey, type VaultKeySource } from '@fundflow/vault/postgres/keyring';
import { openPostgresVault, type PostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { ROTATION_BATCH, type Rotation, rotateVaultKey } from '@fundflow/vault/postgres/rotate';
import { type SealedEntry, sealPayee, unseal } from '@fundflow/vault/seal';
import { VaultKeyWrong } from '@fundflow/vault/vault-key';
import type { RecordedPayee } from '@fundflow/vault/vault';
import pg from 'pg';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PEOPLE = 2 * ROTATION_BATCH + 500;

describe('changing the key of the vault', () => {
  let folder: string;
  let dataDirectory: string;
  let url: string;
  let pool: pg.Pool;
  let source: VaultKeySource;
  /** Opened before anything is changed, as a process that goes on posting. */
  let running: PostgresVault;
  const recorded: RecordedPayee[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fundflow-rotation-'));
    dataDirectory = join(folder, 'data');
    url = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString: url, max: 4 });
    loadVaultKeys({ configured: null, dataDirectory, vaultExists: false });
    source = { read: () => loadVaultKeys({ configured: null, dataDirectory, vaultExists: true }) };
    running = await openPostgresVault(pool, source);
    await put(PEOPLE);
  });
  afterAll(async () => {
    await pool.end();
    rmSync(folder, { recursive: true, force: true });
  });

  /** So many people nobody has seen before. */
  async function put(count: number): Promise<void> {
    const entries = Array.from({ length: count }, () => {
      const eventId = randomUUID();
      const recordKey = `record:${eventId}`;
      const values = { name: `某${eventId}`, code: null, account: null };
      const { sealed, subject, ...fields } = sealPayee(values, recordKey, running.keys);
      recorded.push({ eventId, payee: { kind: 'person', ...fields } });
      return { eventId, recordKey, sealed, subject, region: '450124' };
    });
    expect((await running.putAll(entries)).stored).toHaveLength(count);
  }

  const rotate = (staged: SealedEntry[] = []): Promise<Rotation> =>
    rotateVaultKey({
      ...{ pool, source },
      addKey: () => addKeyToFile(dataDirectory),
      rewrapStaged: (starts, reseal) => {
        const isUnder = ({ sealed }: SealedEntry): boolean =>
          starts.some((start) => sealed.subarray(0, start.length).equals(start));
        staged.forEach((row, at) => {
          if (isUnder(row)) staged[at] = { ...row, sealed: reseal(row) };
        });
        return Promise.resolve(staged.filter(isUnder).length);
      },
    });

  /** Killed with SIGKILL once so many keys are wrapped anew. */
  async function killedAt(stopAt: number): Promise<void> {
    const child = spawn(
      process.execPath,
      [
        ...['--import', join(ROOT, 'test/support/typescript.mjs')],
        ...[join(ROOT, 'test/faults/rotating.ts'), url, dataDirectory, String(stopAt)],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    child.kill('SIGKILL');
    await ended;
  }

  const wrappedBy = async (): Promise<Record<string, number>> => {
    const { rows } = await pool.query<{ id: string; n: string }>(
      `SELECT encode(substr(held_key, 1, 8), 'hex') AS id, count(*) AS n FROM vault_subjects
        GROUP BY 1`,
    );
    return Object.fromEntries(rows.map(({ id, n }) => [id, Number(n)]));
  };

  it('goes on where it was killed, opens everything meanwhile, and retires the old key', async () => {
    const old = running.keys.current;
    const values = { name: '韦某', code: null, account: null };
    const waiting = sealPayee(values, 'record:waiting', running.keys);
    const { sealed, subject } = waiting;
    const staged: SealedEntry[] = [{ recordKey: 'record:waiting', sealed, subject }];

    await killedAt(ROTATION_BATCH);
    const keys = source.read();
    expect(keys).toHaveLength(2);
    const fresh = keys.find(({ id }) => id !== old.id)?.id ?? '';
    expect(await wrappedBy()).toEqual({
      [old.id]: PEOPLE - ROTATION_BATCH,
      [fresh]: ROTATION_BATCH,
    });
    // The process that knew the old key alone opens both, and makes new people's keys under the new one.
    expect((await running.open(recorded)).size).toBe(PEOPLE);
    await put(10);
    expect(running.keys.current.id).toBe(fresh);

    await killedAt(ROTATION_BATCH);
    expect(source.read()).toHaveLength(2);
    const result = await rotate(staged);
    expect(result).toMatchObject({ current: fresh, retired: [old.id], wrapped: 500 });
    expect(await wrappedBy()).toEqual({ [fresh]: PEOPLE + 10 });

    retireKeyInFile(dataDirectory, old.id);
    const now = await openPostgresVault(pool, source);
    expect((await now.open(recorded)).size).toBe(PEOPLE + 10);
    expect(staged.map((row) => unseal(row, now.keys).name?.value)).toEqual([values.name]);
    await expect(openPostgresVault(pool, singleKey(old))).rejects.toThrow(VaultKeyWrong);
    expect(readdirSync(folder).sort()).toEqual([
      'data.vault-key',
      `data.vault-key.retired-${old.id}`,
    ]);
  });

  it('keeps the old key as long as something waits for certification under it', async () => {
    const old = running.keys.current;
    const result = await rotateVaultKey({
      ...{ pool, source },
      addKey: () => addKeyToFile(dataDirectory),
      rewrapStaged: () => Promise.resolve(1),
    });
    expect(result.retired).toEqual([]);
    expect(result.waiting).toEqual(new Map([[old.id, 1]]));
    expect(result.current).not.toBe(old.id);
    expect(await rotate()).toMatchObject({ retired: [old.id], wrapped: 0 });
  });

  it('waits for keys that are being made under the old one, and wraps them before it goes', async () => {
    // It takes up the key that is current now.
    await put(1);
    const old = running.keys.current.id;
    const eventId = randomUUID();
    const recordKey = `record:${eventId}`;
    const values = { name: `某${eventId}`, code: null, account: null };
    const { sealed, subject, ...fields } = sealPayee(values, recordKey, running.keys);
    const begun = running.beginPut([{ eventId, recordKey, sealed, subject, region: '450124' }]);
    const isMade = `SELECT FROM pg_stat_activity WHERE datname = current_database()
      AND state = 'idle in transaction' AND query LIKE '%vault_put%'`;
    while ((await pool.query(isMade)).rows.length === 0);
    const rotated = rotate();
    const isWaiting = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    while ((await pool.query(isWaiting)).rows.length === 0);
    expect((await begun.keep()).stored).toEqual([eventId]);
    expect((await rotated).retired).toEqual([old]);
    expect(Object.keys(await wrappedBy())).toEqual([source.read().at(-1)?.id]);
    const recordedNow = { eventId, payee: { kind: 'person', ...fields } as const };
    expect((await running.open([recordedNow])).get(eventId)).toEqual(values);
  });

  it('finds people by the same blind index before and after', async () => {
    const before = running.keys.index;
    await rotate();
    const now = await openPostgresVault(pool, source);
    expect(now.keys.index.equals(before)).toBe(true);
  });
});
