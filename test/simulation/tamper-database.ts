import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import type { Random } from '@fundflow/generator/random';
import { generateSigningKey, parseSigningKey, type SigningKey } from '@fundflow/proof/ed25519';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { ED25519, formatVerifierKey } from '@fundflow/proof/note-key';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { HASH_BYTES } from '@fundflow/proof/tree-hash';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import pg from 'pg';
import { TileFollower } from '../../apps/notary/log/tile-follower.js';
import { type ProofProblem, verifyProof } from '../../apps/notary/verify/verify-proof.js';
import { edited, type Seen, type StreamKind } from './tamper-kinds.js';
import { type HonestLog, ORIGIN, signed, tree } from './tamper-log.js';

const SIGNED_AT = new Date('2021-01-01T00:00:00.000Z');

/** Ways to change the leaf hashes that a signer keeps. */
export const leafChanges = ['edited', 'cut'] as const;
export type LeafChange = (typeof leafChanges)[number];

/** What is wanted of `fundflow verify`: kinds of findings, and the index where one must be named. */
interface Expected {
  readonly kinds: readonly ProofProblem['kind'][];
  readonly index: number | null;
}

/** A database with a log and all that the notary made of it, for copies to be tampered with. */
export class LedgerDatabase {
  private constructor(
    private readonly admin: pg.Client,
    private readonly url: URL,
    private readonly log: HonestLog,
    private readonly notaryFolder: string,
  ) {}

  /** @param connectionString of a superuser, to a database that has the records already */
  static async prepare(connectionString: string, log: HonestLog): Promise<LedgerDatabase> {
    const pool = new pg.Pool({ connectionString, max: 4 });
    await createTlogSchema(pool);
    await follow(connectionString, pool, log.keys.log);
    await publish(pool, signed(log, log.keys.log, []), log.size, false);
    await pool.end();
    const folder = await mkdtemp(join(tmpdir(), 'fundflow-tamper-'));
    const leaves = log.records.map((record) => tree.leaf(record));
    await new LeafFile(folder, LOG_NAME).write(0, leaves);
    const url = new URL(connectionString);
    const maintenance = new URL(connectionString);
    maintenance.pathname = '/postgres';
    const admin = new pg.Client({ connectionString: maintenance.href });
    await admin.connect();
    return new LedgerDatabase(admin, url, log, folder);
  }

  /** Tampers with a copy of the database as its superuser, and runs what `fundflow verify` runs. */
  async seen(kind: StreamKind, place: number, random: Random): Promise<Seen> {
    return this.onCopy(async (url, pool) => {
      const expected = await tamper({ url, pool, log: this.log, place, random }, kind);
      const problems = await this.#verify(url, pool);
      const [first] = problems;
      const found = first !== undefined && expected.kinds.includes(first.kind);
      const placed = problems.find((problem) => 'index' in problem && problem.index !== null);
      const index = placed && 'index' in placed ? placed.index : null;
      const named = expected.index === null ? null : index === expected.index;
      return { found, named, by: [`verify: ${first?.kind ?? 'nothing'}`] };
    });
  }

  /**
   * The table is replaced, and the leaves that the signer kept are changed too, in the same place or cut off before it.
   * They are not believed then: it is found that the log differs, and no index is named, least of all a wrong one.
   */
  async seenWithLeaves(how: LeafChange, place: number, random: Random): Promise<Seen> {
    const folder = await mkdtemp(join(tmpdir(), 'fundflow-tamper-leaves-'));
    try {
      await cp(this.notaryFolder, folder, { recursive: true });
      const [file] = await readdir(folder);
      const path = join(folder, file!);
      if (how === 'cut') await truncate(path, place * HASH_BYTES);
      else await new LeafFile(folder, LOG_NAME).write(place, [tree.leaf(String(place))]);
      return await this.onCopy(async (url, pool) => {
        await tamper({ url, pool, log: this.log, place, random }, 'replace-table');
        const [first] = await this.#verify(url, pool, folder);
        const found = first?.kind === 'log-differs' && first.index === null;
        return { found, named: null, by: [`verify: ${first?.kind ?? 'nothing'}`] };
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Findings where nothing was changed. */
  clean(): Promise<number> {
    return this.onCopy(async (url, pool) => (await this.#verify(url, pool)).length);
  }

  async close(): Promise<void> {
    await this.admin.end();
    await rm(this.notaryFolder, { recursive: true });
  }

  async #verify(
    connectionString: string,
    pool: pg.Pool,
    folder = this.notaryFolder,
  ): Promise<readonly ProofProblem[]> {
    const { keys } = this.log;
    const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
    try {
      // What a witness keeps: an attacker of the database does not reach it.
      const note = signed(this.log, keys.log, keys.witnesses);
      const pinned = [{ source: 'witness', note }];
      const vkeys = [formatVerifierKey(keys.log.key)];
      const { size, root } = this.log;
      // In a folder beside the database, which its superuser does not reach either.
      const leaves = new LeafFile(folder, LOG_NAME);
      const remembered = { size, root, leaves };
      return (await verifyProof({ store, pool, pinned, vkeys, formerVkeys: [], remembered }))
        .problems;
    } finally {
      await store.close();
    }
  }

  /** Works on a copy of the database as a superuser who switched the triggers off. */
  async onCopy<T>(work: (url: string, pool: pg.Pool) => Promise<T>): Promise<T> {
    const name = `tamper_${randomUUID().replaceAll('-', '')}`;
    const template = this.admin.escapeIdentifier(this.url.pathname.slice(1));
    await this.admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    // A superuser who switches the triggers off.
    const options = '-c session_replication_role=replica';
    const pool = new pg.Pool({ connectionString: url.href, max: 4, options });
    // Connections that are still closing when their database is dropped.
    pool.on('error', () => undefined);
    try {
      return await work(url.href, pool);
    } finally {
      await pool.end();
      await this.admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  }
}

interface Attack {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly log: HonestLog;
  readonly place: number;
  readonly random: Random;
}

const CHANGED = (index: number): Expected => ({ kinds: ['record-changed'], index });

const EDIT = 'UPDATE event_store.es_events SET record = $2::json WHERE position = $1';
const CUT = 'DELETE FROM event_store.es_events WHERE position > $1';
const LOWER_HEAD = 'UPDATE event_store.es_head SET position = $1';
const INSERT = `INSERT INTO event_store.es_events
  (position, stream_id, version, event_id, type, recorded_at, record)
  SELECT $1, stream_id || '-x', 1, gen_random_uuid(), type, recorded_at, $3::json
  FROM event_store.es_events WHERE position = $2`;

/** Changes the database of the attack in this way. */
export async function tamper(attack: Attack, kind: StreamKind): Promise<Expected> {
  const { pool, log, place, random } = attack;
  const position = place + 1;
  const other = edited(log.records[place]!, random);
  switch (kind) {
    case 'edit':
      await pool.query(EDIT, [position, other]);
      return CHANGED(place);
    case 'delete': {
      await pool.query('DELETE FROM event_store.es_events WHERE position = $1', [position]);
      const isLast = position === log.size;
      if (isLast) return { kinds: ['log-is-shorter'], index: place };
      if (random.chance(500_000)) return { kinds: ['record-missing'], index: place };
      await shift(pool, position, -1);
      return CHANGED(place);
    }
    case 'insert':
      await shift(pool, place, 1);
      await pool.query(INSERT, [position, position + 1, other]);
      return CHANGED(place);
    case 'swap': {
      const second = (place + 1 + random.below(log.size - 1)) % log.size;
      await pool.query(EDIT, [position, log.records[second]]);
      await pool.query(EDIT, [second + 1, log.records[place]]);
      return CHANGED(Math.min(place, second));
    }
    case 'cut':
      await cut(pool, place);
      return { kinds: ['log-is-shorter'], index: place };
    case 'tile':
      return editTile(attack);
    default:
      return rewrite(attack, kind, other);
  }
}

/** Those that write the tiles anew, or the checkpoint, so that the database agrees with itself. */
async function rewrite(attack: Attack, kind: StreamKind, other: string): Promise<Expected> {
  const { url, pool, log, place, random } = attack;
  const { keys, size } = log;
  switch (kind) {
    case 'old-backup': {
      await cut(pool, place);
      await follow(url, pool, log.keys.log);
      const root = await log.tiles.root(place);
      await publish(pool, signed({ size: place, root }, keys.log, []), place, true);
      return { kinds: ['log-is-shorter'], index: place };
    }
    case 'replace-table':
      await pool.query(EDIT, [place + 1, other]);
      await follow(url, pool, log.keys.log);
      return CHANGED(place);
    case 'fork':
    case 'stolen-key': {
      await pool.query(EDIT, [place + 1, other]);
      const { root } = await follow(url, pool, log.keys.log);
      const cosigners = kind === 'fork' ? keys.witnesses : keys.witnesses.slice(0, random.below(2));
      await publish(pool, signed({ size, root }, keys.log, cosigners), size, true);
      return CHANGED(place);
    }
    case 'key-exchange': {
      const forger = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
      await pool.query(EDIT, [place + 1, other]);
      const { root } = await follow(url, pool, forger);
      await publish(pool, signed({ size, root }, forger, keys.witnesses.slice(0, 1)), size, true);
      return { kinds: ['checkpoint-forged'], index: place };
    }
    default: {
      const forger = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
      const root = tree.leaf(other);
      await publish(pool, signed({ size, root }, forger, []), size, true);
      return { kinds: ['checkpoint-forged'], index: null };
    }
  }
}

async function editTile({ pool, log, random }: Attack): Promise<Expected> {
  const [level, index] = random.pick(log.tiles.names).split('/').map(Number) as [number, number];
  const at = random.below(log.tiles.get(level, index).length);
  await pool.query(
    `UPDATE tlog.tiles SET hashes = set_byte(hashes, $3, (get_byte(hashes, $3) + 1) % 256)
     WHERE level = $1 AND index = $2`,
    [level, index, at],
  );
  const leaf = index * 256 + Math.floor(at / 32);
  return { kinds: ['tile-changed'], index: level === 0 ? leaf : null };
}

/** Moves every record after a position by one place: the positions are dense again. */
async function shift(pool: pg.Pool, after: number, by: 1 | -1): Promise<void> {
  // Over the negative numbers, since two rows never have one position.
  await pool.query(
    'UPDATE event_store.es_events SET position = -position - $2 WHERE position > $1',
    [after, by],
  );
  await pool.query('UPDATE event_store.es_events SET position = -position WHERE position < 0');
  await pool.query('UPDATE event_store.es_head SET position = position + $1', [by]);
}

async function cut(pool: pg.Pool, length: number): Promise<void> {
  await pool.query(CUT, [length]);
  await pool.query(LOWER_HEAD, [length]);
}

/** Makes the tiles from nothing, as the notary does. */
async function follow(
  connectionString: string,
  pool: pg.Pool,
  { key }: SigningKey,
): Promise<{ readonly size: number; readonly root: Uint8Array }> {
  await pool.query('TRUNCATE tlog.trees, tlog.tiles');
  const table = new TileTable(pool, LOG_NAME);
  await table.begin({ origin: ORIGIN, vkey: formatVerifierKey(key) });
  const log = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  try {
    const follower = new TileFollower({ log, table, tree });
    await follower.load();
    while ((await follower.step()) !== 'caught-up');
    return await follower.load();
  } finally {
    await log.close();
  }
}

async function publish(pool: pg.Pool, note: string, size: number, isAlone: boolean): Promise<void> {
  if (isAlone) await pool.query('TRUNCATE tlog.checkpoints CASCADE');
  const checkpoints = new CheckpointTable(pool, LOG_NAME);
  await checkpoints.publish({ size, note, signedAt: SIGNED_AT, witnessed: false });
}
