import { nodeCrypto } from '@fundflow/proof/ed25519';
import type { Policy } from '@fundflow/proof/policy';
import { acceptedHead, openProver } from '@fundflow/proof/proved-head';
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
  const head = acceptedHead(witnessed.note, policy, nodeCrypto);
  if (head === null) return { outcome: 'not-witnessed', size: 0 };
  const { size } = head;
  if (index >= size) return { outcome: 'not-witnessed', size };
  const { tree, tiles } = log;
  const prove = await openProver({ tree, fetch: tiles.fetch }, head, witnessed.note);
  return { outcome: 'proved', text: await prove(index), size };
}
