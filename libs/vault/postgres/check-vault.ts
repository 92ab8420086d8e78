import type { Pool } from 'pg';
import { matchingOpenings } from '../open-recorded.js';
import type { VaultKeys } from '../vault-key.js';
import type { PersonPayee } from '../vault.js';
import { findEntries } from './find.js';

/** What the check reads of the log: the event store's port has it. */
export interface LogForCheck {
  readAll(
    after: bigint,
    limit: number,
  ): Promise<
    readonly {
      readonly position: bigint;
      readonly eventId: string;
      readonly type: string;
      readonly record: string;
    }[]
  >;
  findEvents(eventIds: readonly string[]): Promise<readonly { readonly eventId: string }[]>;
}

export type VaultFindingKind =
  /** The record commits to a person and the vault holds nothing, and no erasure says why. */
  | 'opening-missing'
  /** The entry does not open, or is not what the record committed to. */
  | 'entry-altered'
  /** An erasure says it is gone, and it is there. */
  | 'not-erased'
  /** The vault holds an entry that belongs to no record. */
  | 'record-missing';

export interface VaultFinding {
  readonly kind: VaultFindingKind;
  readonly eventId: string;
  /** Of the record; null when there is none. */
  readonly position: bigint | null;
}

export interface VaultCheck {
  /** Last position looked at. */
  readonly position: bigint;
  /** Records that commit to a person. */
  readonly people: number;
  readonly erased: number;
  /** Records whose posting is under way: their openings are still staged. */
  readonly waiting: number;
  /** In the order of the log; at most `FINDINGS_MAX`. */
  readonly findings: readonly VaultFinding[];
  readonly findingsInAll: number;
}

export interface VaultCheckSettings {
  readonly log: LogForCheck;
  readonly pool: Pool;
  readonly keys: VaultKeys;
  /**
   * Of these causes (`submission:<id>`) those whose posting is under way: their openings are on their way into the vault.
   */
  underWay(causes: readonly string[]): Promise<ReadonlySet<string>>;
  onProgress?(position: bigint): void;
}

const FINDINGS_MAX = 1_000;
const PAGE = 5_000;

interface Recorded {
  readonly eventId: string;
  readonly position: bigint;
  readonly key: string;
  readonly cause: string;
  readonly payee: PersonPayee;
}

interface WireRecord {
  readonly key: string;
  readonly cause: string;
  readonly data: {
    readonly row?: { readonly payee?: { readonly kind: string } };
    readonly recordKeys?: readonly string[];
  };
}

/**
 * Holds the vault against the log: every commitment has its opening, or an erasure in the log says that it has none.
 * Reads the log once; names the first bad record first.
 */
export async function checkVault(settings: VaultCheckSettings): Promise<VaultCheck> {
  const check = new Check(settings);
  let position = 0n;
  for (;;) {
    const page = await settings.log.readAll(position, PAGE);
    const last = page[page.length - 1];
    if (!last) break;
    await check.page(page);
    position = last.position;
    settings.onProgress?.(position);
  }
  return check.finish(position);
}

class Check {
  readonly #missing: Recorded[] = [];
  readonly #erasedKeys = new Set<string>();
  readonly #findings: VaultFinding[] = [];
  #people = 0;
  #matched = 0;

  constructor(private readonly settings: VaultCheckSettings) {}

  async page(page: Awaited<ReturnType<LogForCheck['readAll']>>): Promise<void> {
    const recorded: Recorded[] = [];
    for (const { type, record, eventId, position } of page) {
      if (type !== 'PaymentMade' && type !== 'SubjectErased') continue;
      const { key, cause, data } = JSON.parse(record) as WireRecord;
      for (const erased of data.recordKeys ?? []) this.#erasedKeys.add(erased);
      const payee = data.row?.payee;
      if (payee?.kind !== 'person') continue;
      recorded.push({ eventId, position, key, cause, payee: payee as PersonPayee });
    }
    this.#people += recorded.length;
    const { pool, keys } = this.settings;
    const found = await findEntries(
      pool,
      recorded.map(({ eventId }) => eventId),
    );
    for (const each of recorded) {
      const { eventId, position, key, payee } = each;
      const entry = found.get(eventId);
      if (!entry) {
        this.#missing.push(each);
        continue;
      }
      this.#matched += 1;
      if (entry.recordKey !== key || matchingOpenings(entry, payee, keys) === null) {
        this.#findings.push({ kind: 'entry-altered', eventId, position });
      }
    }
  }

  async finish(position: bigint): Promise<VaultCheck> {
    const open = this.#missing.filter(({ key }) => !this.#erasedKeys.has(key));
    const underWay = await this.settings.underWay([...new Set(open.map(({ cause }) => cause))]);
    const waiting = open.filter(({ cause }) => underWay.has(cause));
    for (const { eventId, cause, position: at } of open) {
      if (underWay.has(cause)) continue;
      this.#findings.push({ kind: 'opening-missing', eventId, position: at });
    }
    await this.#addNotErased();
    await this.#addStrangers();
    const order = (a: VaultFinding, b: VaultFinding): number =>
      Number((a.position ?? position + 1n) - (b.position ?? position + 1n));
    const findings = this.#findings.sort(order);
    return {
      position,
      people: this.#people,
      erased: this.#missing.length - open.length,
      waiting: waiting.length,
      findings: findings.slice(0, FINDINGS_MAX),
      findingsInAll: findings.length,
    };
  }

  async #addNotErased(): Promise<void> {
    const { pool } = this.settings;
    // Approved and recorded, and about to be destroyed.
    const going = await pool.query<{ key: string }>(
      `SELECT unnest(record_keys) AS key FROM vault_erasures WHERE state = 'approved'`,
    );
    const isGoing = new Set(going.rows.map(({ key }) => key));
    const keys = [...this.#erasedKeys].filter((key) => !isGoing.has(key));
    for (let at = 0; at < keys.length; at += PAGE) {
      const { rows } = await pool.query<{ event_id: string }>(
        'SELECT event_id FROM vault_entries WHERE record_key = ANY ($1::text[])',
        [keys.slice(at, at + PAGE)],
      );
      for (const { event_id: eventId } of rows) {
        this.#findings.push({ kind: 'not-erased', eventId, position: null });
      }
    }
  }

  /** Only when the vault holds more than the records of people: then every entry is looked up in the log. */
  async #addStrangers(): Promise<void> {
    const { pool, log } = this.settings;
    const counted = await pool.query<{ n: string }>('SELECT count(*) AS n FROM vault_entries');
    if (Number(counted.rows[0]?.n) <= this.#matched) return;
    for (let after = '0'; ;) {
      const { rows } = await pool.query<{ event_id: string; entry_no: string }>(
        `SELECT event_id, entry_no::text FROM vault_entries WHERE entry_no > $1
          ORDER BY vault_entries.entry_no LIMIT ${PAGE}`,
        [after],
      );
      const last = rows[rows.length - 1];
      if (!last) return;
      after = last.entry_no;
      const ids = rows.map((row) => row.event_id);
      const known = new Set((await log.findEvents(ids)).map(({ eventId }) => eventId));
      for (const eventId of ids) {
        if (known.has(eventId)) continue;
        this.#findings.push({ kind: 'record-missing', eventId, position: null });
      }
    }
  }
}
