import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { proveInclusion } from '@fundflow/proof/inclusion';
import { parseNote } from '@fundflow/proof/note';
import { judgeCheckpoint, type Policy } from '@fundflow/proof/policy';
import { openTiles } from '@fundflow/proof/tile-reader';
import { formatTlogProof } from '@fundflow/proof/tlog-proof';
import type { ShownLog } from './log-shelf.js';

export type EventProof =
  | { readonly outcome: 'proved'; readonly text: string; readonly size: number }
  /** No checkpoint that meets the policy has it yet; the largest one that does has `size` leaves. */
  | { readonly outcome: 'not-witnessed'; readonly size: number };

/**
 * The `.tlog-proof` of the record at this index, against the largest checkpoint that meets the policy of today.
 *
 * @throws TamperedTile, TileMissing when the tiles are not those of that checkpoint
 */
export async function proveEvent(
  log: ShownLog,
  index: number,
  policy: Policy,
): Promise<EventProof> {
  const witnessed = await log.checkpoints.newest('witnessed');
  if (witnessed === null) return { outcome: 'not-witnessed', size: 0 };
  const note = parseNote(witnessed.note);
  // It met the policy of its day; what counts for who is given the proof is the one of today.
  const isMet = judgeCheckpoint(note, policy, nodeCrypto).outcome === 'accepted';
  const { size, root } = parseCheckpoint(note.text);
  if (!isMet) return { outcome: 'not-witnessed', size: 0 };
  if (index >= size) return { outcome: 'not-witnessed', size };
  const reader = await openTiles(log.tree, { size, root }, log.tiles.fetch);
  const inclusion = await proveInclusion(log.tree, index, size, reader.read);
  const text = formatTlogProof({ extra: null, index, inclusion, checkpointText: witnessed.note });
  return { outcome: 'proved', text, size };
}
