import type { Pool } from 'pg';
import { formatKeys } from '@fundflow/proof/bundle';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { parsePolicy } from '@fundflow/proof/policy';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { acceptedHead, openProver, policyOfLog } from '@fundflow/proof/proved-head';

/** One checkpoint that meets the policy, and proofs against it: what all records of a bundle stand on. */
export interface ProvedLog {
  readonly origin: string;
  /** Records it has. */
  readonly size: number;
  readonly checkpointText: string;
  readonly policyText: string;
  /** The member `keys` of a bundle. */
  readonly keysText: string;
  /** The `.tlog-proof` of the record at this position, 1 ≤ position ≤ size. */
  readonly prove: (position: number) => Promise<string>;
}

/**
 * Opens the largest checkpoint that meets the policy of today.
 *
 * @param policy a C2SP tlog-policy without the line of the log
 * @returns null when there is none yet
 * @throws TamperedTile, TileMissing when the tiles are not those of that checkpoint
 */
export async function openProvedLog(
  pool: Pool,
  name: string,
  policy: string,
): Promise<ProvedLog | null> {
  const tiles = new TileTable(pool, name);
  const [tree, published] = await Promise.all([
    tiles.tree(),
    new CheckpointTable(pool, name).newest('witnessed'),
  ]);
  if (tree === null || published === null) return null;
  const checkpointText = published.note;
  const policyText = policyOfLog(tree.vkey, policy);
  const rules = parsePolicy(policyText, nodeCrypto);
  const head = acceptedHead(checkpointText, rules, nodeCrypto);
  if (head === null) return null;
  const { origin, size } = head;
  const proveIndex = await openProver(
    { tree: sha256Tree, fetch: tiles.fetch },
    head,
    checkpointText,
  );
  const prove = (position: number): Promise<string> => proveIndex(position - 1);
  const keysText = formatKeys(rules, nodeCrypto);
  return { origin, size, checkpointText, policyText, keysText, prove };
}
