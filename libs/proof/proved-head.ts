import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { proveInclusion } from './inclusion.js';
import { parseNote } from './note.js';
import { judgeCheckpoint, type Policy } from './policy.js';
import type { ProofCrypto } from './proof-crypto.js';
import { openTiles, type TileFetch } from './tile-reader.js';
import { formatTlogProof } from './tlog-proof.js';
import type { TreeHash } from './tree-hash.js';

/** The policy of a log: its own line, and whatever else stands in the text; a line of another log goes. */
export function policyOfLog(vkey: string | null, policy: string): string {
  const others = policy.split('\n').filter((line) => !/^\s*log\s/.test(line));
  return `${vkey === null ? '' : `log ${vkey}\n`}${others.join('\n')}`;
}

/**
 * The head a signed checkpoint stands for; null when it does not meet the policy. It may have met the policy of its day:
 * what counts for who is given a proof is the one of today.
 *
 * @throws Malformed
 */
export function acceptedHead(
  checkpointText: string,
  policy: Policy,
  crypto: ProofCrypto,
): Checkpoint | null {
  const note = parseNote(checkpointText);
  const isMet = judgeCheckpoint(note, policy, crypto).outcome === 'accepted';
  return isMet ? parseCheckpoint(note.text) : null;
}

/**
 * Makes `.tlog-proof` texts against one checkpoint, for indexes from 0 below its size.
 *
 * @throws TamperedTile, here and later, and whatever `fetch` throws, when the tiles are not those of that checkpoint
 */
export async function openProver(
  log: { readonly tree: TreeHash; readonly fetch: TileFetch },
  head: Pick<Checkpoint, 'size' | 'root'>,
  checkpointText: string,
): Promise<(index: number) => Promise<string>> {
  const reader = await openTiles(log.tree, head, log.fetch);
  return async (index) => {
    const inclusion = await proveInclusion(log.tree, index, head.size, reader.read);
    return formatTlogProof({ extra: null, index, inclusion, checkpointText });
  };
}
