import { randomBytes, randomUUID } from 'node:crypto';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import type { Random } from '@fundflow/generator/random';
import { checkVault, type VaultFinding } from '@fundflow/vault/postgres/check-vault';
import { singleKey } from '@fundflow/vault/postgres/keyring';
import { openPostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { sealPayee } from '@fundflow/vault/seal';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import type { VaultEntry } from '@fundflow/vault/vault';
import pg from 'pg';
import { loadLog } from '../bench/load-log.js';
import type { Seen } from './tamper-kinds.js';

/** Rows deleted before one reading of the log: each must be named, and nothing else. */
const ROWS_A_CHECK = 20;
const PEOPLE_MAX = 1_000;

/** Deletes rows of a real vault beside a real log, and holds one against the other; one answer a row. */
export async function tamperVault(
  connectionString: string,
  places: number,
  random: Random,
): Promise<{ readonly seen: readonly Seen[]; readonly falseAlarms: number }> {
  const pool = new pg.Pool({ connectionString, max: 4 });
  const vault = await openPostgresVault(pool, singleKey(deriveVaultKey(randomBytes(32))));
  const entries: VaultEntry[] = [];
  const events: StoredEvent[] = [];
  const people = Math.min(PEOPLE_MAX, Math.max(places, ROWS_A_CHECK * 2));
  for (let n = 0; n < people; n += 1) {
    const { event, entry } = payment(n, vault.keys);
    events.push(event);
    entries.push(entry);
  }
  await loadLog(connectionString, events);
  await vault.putAll(entries);
  const log = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  const check = async (): Promise<readonly VaultFinding[]> => {
    const underWay = () => Promise.resolve(new Set<string>());
    return (await checkVault({ log, pool, keys: vault.keys, underWay })).findings;
  };
  const seen: Seen[] = [];
  try {
    let falseAlarms = (await check()).length;
    for (let done = 0; done < places; done += ROWS_A_CHECK) {
      const wanted = new Set<number>();
      while (wanted.size < Math.min(ROWS_A_CHECK, places - done)) wanted.add(random.below(people));
      const ids = [...wanted].map((n) => entries[n]!.eventId);
      const { rows } = await pool.query<Record<string, unknown>>(
        'DELETE FROM vault_entries WHERE event_id = ANY ($1::uuid[]) RETURNING *',
        [ids],
      );
      const findings = await check();
      const named = new Map(findings.map(({ eventId, position }) => [eventId, position]));
      for (const n of wanted) {
        const position = named.get(entries[n]!.eventId);
        const found = position !== undefined;
        seen.push({
          found,
          named: position === BigInt(n + 1),
          by: ['vault check: opening-missing'],
        });
      }
      falseAlarms += findings.length - rows.length;
      await putBack(pool, rows);
    }
    falseAlarms += (await check()).length;
    return { seen, falseAlarms };
  } finally {
    await log.close();
    await pool.end();
  }
}

async function putBack(pool: pg.Pool, rows: readonly Record<string, unknown>[]): Promise<void> {
  for (const row of rows) {
    const columns = Object.keys(row);
    const values = columns.map((_, i) => `$${i + 1}`).join(', ');
    await pool.query(
      `INSERT INTO vault_entries (${columns.join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${values})`,
      Object.values(row),
    );
  }
}

function payment(
  n: number,
  keys: Parameters<typeof sealPayee>[2],
): { readonly event: StoredEvent; readonly entry: VaultEntry } {
  const eventId = randomUUID();
  const key = `record:P-${n}`;
  const values = { name: `甲例${n}`, code: null, account: `9999${n}` };
  const { sealed, subject, name, code, account } = sealPayee(values, key, keys);
  const payee = { kind: 'person', name, code, account };
  const record = JSON.stringify({ key, cause: 'submission:1', data: { row: { payee } } });
  const recordedAt = '2020-01-01T00:00:00.000Z';
  const stream = { streamId: `holding-${n}`, version: 1 };
  return {
    event: { position: BigInt(n + 1), ...stream, eventId, type: 'PaymentMade', recordedAt, record },
    entry: { eventId, recordKey: key, sealed, subject, region: '450124' },
  };
}
