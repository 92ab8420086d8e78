import { CONSISTENCY_MAX } from './consistency.js';
import { fromBase64, fromDecimal, toBase64 } from './encoding.js';
import { verifyInclusion } from './inclusion.js';
import { Malformed } from './malformed.js';
import { NOTE_LENGTH_MAX, parseNote, type Note } from './note.js';
import { judgeCheckpoint, type JudgedCheckpoint, type Policy } from './policy.js';
import type { ProofCrypto } from './proof-crypto.js';
import { HASH_BYTES, type Hash, type TreeHash } from './tree-hash.js';

const HEADER = 'c2sp.org/tlog-proof@v1';
/** Bytes of the extra data of a proof; nobody vouches for them. */
const EXTRA_BYTES_MAX = 65_536;
const TEXT_MAX = NOTE_LENGTH_MAX + 2 * EXTRA_BYTES_MAX;

/** That a record stands in a log and witnesses saw it (C2SP tlog-proof): a receipt as a file. */
export interface TlogProof {
  /** Opaque and not authenticated; null when there is none. */
  readonly extra: Uint8Array | null;
  /** From 0. */
  readonly index: number;
  readonly inclusion: readonly Hash[];
  readonly checkpoint: Note;
  /** The signed checkpoint word for word. */
  readonly checkpointText: string;
}

/** The text of a `.tlog-proof` file. @param checkpointText a signed checkpoint, see `formatNote` */
export function formatTlogProof(
  proof: Pick<TlogProof, 'extra' | 'index' | 'inclusion' | 'checkpointText'>,
): string {
  const { extra, index, inclusion, checkpointText } = proof;
  const extraLine = extra === null ? '' : `extra ${toBase64(extra)}\n`;
  const hashes = inclusion.map((hash) => `${toBase64(hash)}\n`).join('');
  return `${HEADER}\n${extraLine}index ${index}\n${hashes}\n${checkpointText}`;
}

/** Takes a `.tlog-proof` apart, strictly. @throws Malformed */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > TEXT_MAX) throw new Malformed('the proof is too long');
  const end = text.indexOf('\n\n');
  if (end < 0) throw new Malformed('the proof has no checkpoint');
  const [header, ...lines] = text.slice(0, end).split('\n');
  if (header !== HEADER) throw new Malformed(`the proof does not begin with ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()!.slice('extra '.length) : null;
  const index = lines.shift();
  if (!index?.startsWith('index ')) throw new Malformed('the proof names no index');
  if (lines.length > CONSISTENCY_MAX) throw new Malformed('the proof has too many hashes');
  const checkpointText = text.slice(end + 2);
  return {
    extra: extra === null ? null : extraOf(extra),
    index: fromDecimal(index.slice('index '.length), 'the index of the proof'),
    inclusion: lines.map(hashOf),
    checkpoint: parseNote(checkpointText),
    checkpointText,
  };
}

function extraOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64, 'the extra data of the proof');
  if (bytes.length > EXTRA_BYTES_MAX) throw new Malformed('the proof has too much extra data');
  return bytes;
}

/** One base64 line as a hash. @throws Malformed */
export function hashOf(line: string): Hash {
  const hash = fromBase64(line, 'a line of the proof');
  if (hash.length !== HASH_BYTES) throw new Malformed('a line of the proof is no hash');
  return hash;
}

/** What a proof says of a record, to somebody with this policy. */
export type JudgedProof =
  | JudgedCheckpoint
  /** The checkpoint is good, and the record is not what the log has at that index. */
  | {
      readonly outcome: 'refused';
      readonly reason: 'not-included';
      readonly checkpoint: JudgedCheckpoint['checkpoint'];
      readonly names: readonly string[];
    };

/**
 * Judges a proof: the checkpoint by the policy, then the place of the record in its tree.
 *
 * @param leaf the leaf hash of the record, see `TreeHash`
 * @throws Malformed
 */
export function judgeProof(
  proof: TlogProof,
  leaf: Hash,
  policy: Policy,
  { tree, crypto }: { readonly tree: TreeHash; readonly crypto: ProofCrypto },
): JudgedProof {
  const judged = judgeCheckpoint(proof.checkpoint, policy, crypto);
  if (judged.outcome === 'refused') return judged;
  const { checkpoint } = judged;
  const { size, root } = checkpoint;
  const { index, inclusion } = proof;
  if (verifyInclusion(tree, { index, size, leaf, root }, inclusion)) return judged;
  return { outcome: 'refused', reason: 'not-included', checkpoint, names: [checkpoint.origin] };
}
