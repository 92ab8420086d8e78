import type { PostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import type { LeafFile } from '@fundflow/proof/files/leaf-file';
import { Malformed } from '@fundflow/proof/malformed';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { checkNote } from '@fundflow/proof/note-check';
import { parseVerifierKey } from '@fundflow/proof/note-key';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import type { Pool } from 'pg';
import { differencesFromKept } from './kept-leaves.js';
import type { LeafHasher } from './leaf-hasher.js';
import { type KnownHead, type LogProblem, verifyLog } from './verify-log.js';

/** A checkpoint that is not what it is said to be. */
export interface ForgedCheckpoint {
  readonly kind: 'checkpoint-forged';
  readonly source: string;
}

export type ProofProblem = LogProblem | ForgedCheckpoint;

/** What hangs on a record that is not the one it should be. */
export interface Dependents {
  readonly position: number;
  /** Of the record that stands there now; null when there is none. */
  readonly type: string | null;
  readonly stream: string | null;
  readonly submission: string | null;
  readonly region: string | null;
}

export interface ProofVerdict {
  readonly records: number;
  readonly tiles: number;
  /** Heads the log was held against. */
  readonly heads: readonly KnownHead[];
  readonly problems: readonly ProofProblem[];
  /** Of the first problem that names an index. */
  readonly dependents: Dependents | null;
}

/** The head a signer remembers, and the leaf hashes it kept. */
export interface Remembered {
  readonly size: number;
  readonly root: Uint8Array;
  readonly leaves: Pick<LeafFile, 'pages'>;
}

export interface VerifyProofParts {
  readonly store: PostgresEventStore;
  readonly pool: Pool;
  /** Signed checkpoints from elsewhere: a witness, a receipt, the last audit. */
  readonly pinned: readonly { readonly source: string; readonly note: string }[];
  /** The keys to go by; none: the one the database names, which an attacker may have replaced. */
  readonly vkeys: readonly string[];
  /** Keys the log had before: checkpoints that are brought along may be theirs. */
  readonly formerVkeys: readonly string[];
  /** What the signer keeps on this machine, apart from the database. */
  readonly remembered: Remembered | null;
  /** Hashes the records in a thread of its own; without it they are hashed here. */
  readonly hasher?: Pick<LeafHasher, 'hash'>;
  readonly onProgress?: (records: number) => void;
}

/**
 * The log against its published checkpoints, those brought along and what the signer remembers, and its tiles against the
 * log. Where the tiles were rewritten too, the leaves that the signer kept name the place.
 */
export async function verifyProof(parts: VerifyProofParts): Promise<ProofVerdict> {
  const { store, pool, pinned, remembered, hasher, onProgress } = parts;
  const table = new TileTable(pool, LOG_NAME);
  const checkpoints = new CheckpointTable(pool, LOG_NAME);
  const shown = parts.vkeys.length > 0 ? null : (await table.tree())?.vkey;
  const vkeys = shown ? [shown] : parts.vkeys;
  const [signed, witnessed] = await Promise.all([
    checkpoints.newest('signed'),
    checkpoints.newest('witnessed'),
  ]);
  const notes = [
    ...(signed ? [{ source: 'signed', note: signed.note, vkeys }] : []),
    ...(witnessed && witnessed.size !== signed?.size
      ? [{ source: 'witnessed', note: witnessed.note, vkeys }]
      : []),
    ...pinned.map((one) => ({ ...one, vkeys: [...vkeys, ...parts.formerVkeys] })),
  ];
  const heads: KnownHead[] = [];
  const forged: ForgedCheckpoint[] = [];
  for (const { source, note, vkeys: accepted } of notes) {
    const head = headOf(note, accepted);
    if (head === null) forged.push({ kind: 'checkpoint-forged', source });
    else heads.push({ source, ...head });
  }
  if (remembered !== null) {
    const { size, root } = remembered;
    heads.push({ source: 'remembered', size, root });
  }
  const verdict = await verifyLog({
    ...{ log: store, table, tree: sha256Tree, heads },
    ...(hasher ? { hasher } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  const found = await located(verdict.problems, store, remembered);
  const problems = [...forged, ...found];
  const named = problems.find((problem) => 'index' in problem && problem.index !== null);
  const index = named && 'index' in named ? named.index : null;
  const dependents = index === null ? null : await dependentsOf(store, index);
  return { records: verdict.records, tiles: verdict.tiles, heads, problems, dependents };
}

/** The problems with their places, where only the leaves that were kept apart know them. */
async function located(
  problems: readonly LogProblem[],
  log: PostgresEventStore,
  remembered: Remembered | null,
): Promise<readonly LogProblem[]> {
  const heads = problems.flatMap((problem) => (isWithoutPlace(problem) ? [problem.head] : []));
  if (remembered === null || heads.length === 0) return problems;
  const { leaves } = remembered;
  const differenceOf = await differencesFromKept({ log, tree: sha256Tree, leaves }, heads);
  return problems.map((problem) => {
    if (!isWithoutPlace(problem)) return problem;
    const { head } = problem;
    const index = differenceOf(head);
    if (index === null) return problem;
    const isGone = problem.kind === 'log-is-shorter' && index >= problem.index;
    return { kind: isGone ? 'log-is-shorter' : 'record-changed', index, head };
  });
}

type WithoutPlace = Extract<LogProblem, { readonly kind: 'log-differs' | 'log-is-shorter' }>;

const isWithoutPlace = (problem: LogProblem): problem is WithoutPlace =>
  problem.kind === 'log-differs' || problem.kind === 'log-is-shorter';

/** Null unless one of the keys signed it. */
function headOf(text: string, vkeys: readonly string[]): { size: number; root: Uint8Array } | null {
  try {
    const note = parseNote(text);
    const { origin, size, root } = parseCheckpoint(note.text);
    const keys = vkeys.map((vkey) => parseVerifierKey(vkey, nodeCrypto));
    const { valid } = checkNote(note, keys, nodeCrypto);
    return valid.some(({ key }) => key.name === origin) ? { size, root } : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

async function dependentsOf(store: PostgresEventStore, index: number): Promise<Dependents> {
  const nothing = { type: null, stream: null, submission: null, region: null };
  const position = index + 1;
  const record = await store
    .readRecords(BigInt(index), 1)
    .then(([found]) => found)
    // Where the record is missing nothing can be said of it.
    .catch(() => undefined);
  if (record === undefined) return { position, ...nothing };
  try {
    const envelope = JSON.parse(record) as Readonly<Record<string, unknown>>;
    const text = (name: string): string | null =>
      typeof envelope[name] === 'string' ? envelope[name] : null;
    const cause = text('cause');
    const submission = cause?.startsWith('submission:') ? cause.slice('submission:'.length) : null;
    return {
      position,
      ...{ type: text('type'), stream: text('stream'), submission, region: text('region') },
    };
  } catch {
    return { position, ...nothing };
  }
}
