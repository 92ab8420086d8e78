import { fromBase64, fromDecimal, toBase64 } from './encoding.js';
import { Malformed } from './malformed.js';
import { HASH_BYTES, type Hash } from './tree-hash.js';
import { isTreeSize } from './tree-nodes.js';

/** The head of a log's tree (C2SP tlog-checkpoint): what is signed. */
export interface Checkpoint {
  /** The log's identity: its URL prefix without the scheme, and the name of its key. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Lines that other logs add; ours has none, since nobody can audit them. */
  readonly extensions: readonly string[];
}

/** The three lines of a checkpoint, to be signed. @throws RangeError for what is none */
export function formatCheckpoint(head: Omit<Checkpoint, 'extensions'>): string {
  const { origin, size, root } = head;
  if (origin === '' || origin.includes('\n')) throw new RangeError('a log has an origin');
  if (!isTreeSize(size) || root.length !== HASH_BYTES) {
    throw new RangeError(`a tree of ${size} leaves and a root of ${root.length} bytes is none`);
  }
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Reads the text of a note as a checkpoint.
 *
 * @throws Malformed, for a size beyond 2^53 − 1 too
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...extensions] = text.split('\n');
  if (extensions.pop() !== '') throw new Malformed('the checkpoint has fewer than three lines');
  if (origin === '') throw new Malformed('the checkpoint has no origin');
  if (extensions.includes('')) throw new Malformed('the checkpoint has an empty line');
  const hash = fromBase64(root!, 'the root of the checkpoint');
  if (hash.length !== HASH_BYTES) throw new Malformed('the root of the checkpoint is no hash');
  return {
    origin: origin!,
    size: fromDecimal(size!, 'the size of the checkpoint'),
    root: hash,
    extensions,
  };
}
