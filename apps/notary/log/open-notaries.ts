import pg from 'pg';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import {
  loadSigningKeys,
  type SigningKeys,
  SigningKeyUnusable,
} from '@fundflow/proof/files/signing-key-file';
import { type NodeTreeHash, sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import { ED25519, formatVerifierKey } from '@fundflow/proof/note-key';
import { parsePolicy, type Policy } from '@fundflow/proof/policy';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import type { Connection } from '@fundflow/row-security/roles';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { logKeyFile, type NotarySettings, SM3_LOG_NAME } from '../settings.js';
import { Notary, type NotaryState } from './notary.js';
import { Signer } from './signer.js';
import { type RecordSource, TileFollower } from './tile-follower.js';
import { WitnessRounds, type WitnessState } from './witness-rounds.js';

/** How one log stands: its notary, and the witnesses of its policy. */
export interface LogState extends NotaryState {
  readonly witnesses: readonly WitnessState[];
}

export interface RunningNotaries {
  /** Settles when none runs any more; never rejects. */
  readonly done: Promise<void>;
  /** Ends after what is under way. */
  stop(): Promise<void>;
}

/** One connection follows, one writes, one listens. */
const POOL_MAX = 4;
const READING_MAX = 2;

/**
 * Opens the notary of every log on connections of its own, and runs it.
 *
 * @param database of the program's own work
 * @param onState told whenever the state of a log changes
 * @throws SigningKeyUnusable, EventStoreUnavailable, …: with a message for whoever starts the process
 */
export async function runNotaries(
  database: Connection,
  settings: NotarySettings,
  onState: (state: LogState) => void,
): Promise<RunningNotaries> {
  const connection = { ...database, application_name: 'fundflow-notary' };
  const pool = new pg.Pool({ ...connection, max: POOL_MAX });
  // A broken idle connection leaves the pool by itself; the round that needs it says what is wrong.
  pool.on('error', () => undefined);
  const ending = new AbortController();
  let store: PostgresEventStore | null = null;
  try {
    await createTlogSchema(pool);
    store = await openPostgresEventStore({ ...connection, readingConnectionsMax: READING_MAX });
    const logs: [string, NodeTreeHash][] = [[LOG_NAME, sha256Tree]];
    if (settings.sm3) logs.push([SM3_LOG_NAME, sm3Tree]);
    const source = store;
    const opened = [];
    for (const [log, tree] of logs) {
      opened.push(await openNotary({ log, tree, settings, pool, source, onState }));
    }
    const running = opened.flatMap(({ notary, rounds }) => [
      notary.run(ending.signal),
      rounds.run(ending.signal),
    ]);
    const done = Promise.all(running).then(() => undefined);
    const stop = async (): Promise<void> => {
      ending.abort();
      await done;
      await source.close();
      await pool.end();
    };
    return { done, stop };
  } catch (error) {
    await store?.close();
    await pool.end();
    throw error;
  }
}

/** One log to be looked after. */
export interface Opening {
  readonly log: string;
  readonly tree: NodeTreeHash;
  readonly settings: NotarySettings;
  readonly pool: pg.Pool;
  readonly source: RecordSource;
  readonly onState: (state: LogState) => void;
}

/** A notary and the rounds of its witnesses, both to be run. */
export async function openNotary({ log, tree, settings, pool, source, onState }: Opening): Promise<{
  readonly notary: Notary;
  readonly rounds: WitnessRounds;
}> {
  const table = new TileTable(pool, log);
  const checkpoints = new CheckpointTable(pool, log);
  const keys = await logKeys(settings, log, (await checkpoints.newest('signed')) !== null);
  const { name: origin } = keys[0].key;
  const named = { origin, vkey: formatVerifierKey(keys[0].key) };
  const memory = new MemoryFile(settings.directory, log);
  const leaves = new LeafFile(settings.directory, log);
  const policy = policyWith(settings.policy, keys);
  let state: LogState | null = null;
  let witnesses: readonly WitnessState[] = [];
  const say = (): void => {
    if (state !== null) onState({ ...state, witnesses });
  };
  const rounds = new WitnessRounds({
    ...{ policy, tree, table, checkpoints, now: () => new Date() },
    onState: (states) => {
      witnesses = states;
      say();
    },
  });
  const notary = new Notary({
    ...{ source, table, checkpoints, named, now: () => new Date() },
    follower: new TileFollower({ log: source, table, tree }),
    signer: new Signer({ origin, keys, tree, memory, leaves, log: source }),
    needsNoWitness: policy.quorum.kind === 'none',
    onSigned: (checkpoint, signedAt) => rounds.offer(checkpoint, signedAt),
    onState: (changed) => {
      state = { ...changed, witnesses };
      say();
    },
  });
  return { notary, rounds };
}

async function logKeys(
  settings: NotarySettings,
  log: string,
  mustExist: boolean,
): Promise<SigningKeys> {
  const isSecond = log !== LOG_NAME;
  const name = isSecond ? `${settings.origin}-sm3` : settings.origin;
  const configured = isSecond ? null : settings.key;
  const file = logKeyFile(settings, log);
  const keys = await loadSigningKeys({ configured, file, name, type: ED25519, mustExist });
  if (settings.originIsGiven && keys[0].key.name !== name) {
    throw new SigningKeyUnusable(
      `签名密钥属于 ${keys[0].key.name}，而 FUNDFLOW_LOG_ORIGIN 指定的日志为 ${name}。`,
    );
  }
  return keys;
}

/** The policy as a verifier needs it: with the log's own keys. */
function policyWith(text: string, keys: SigningKeys): Policy {
  const policy = parsePolicy(text, nodeCrypto);
  return { ...policy, logs: keys.map(({ key }) => ({ key, url: null })) };
}
