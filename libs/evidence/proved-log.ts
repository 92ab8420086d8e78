import type { Pool } from 'pg';
import { formatKeys } from '@fundflow/proof/bundle';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { proveInclusion } from '@fundflow/proof/inclusion';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { judgeCheckpoint, parsePolicy } from '@fundflow/proof/policy';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles, type TileReader } from '@fundflow/proof/tile-reader';
import { formatTlogProof } from '@fundflow/proof/tlog-proof';

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
  const policyText = `log ${tree.vkey}\n${withoutLog(policy)}`;
  const rules = parsePolicy(policyText, nodeCrypto);
  const note = parseNote(published.note);
  if (judgeCheckpoint(note, rules, nodeCrypto).outcome !== 'accepted') return null;
  const { origin, size, root } = parseCheckpoint(note.text);
  const reader = await openTiles(sha256Tree, { size, root }, tiles.fetch);
  const checkpointText = published.note;
  const keysText = formatKeys(rules, nodeCrypto);
  const prove = (position: number): Promise<string> =>
    proofText({ reader, size, checkpointText }, position);
  return { origin, size, checkpointText, policyText, keysText, prove };
}

const withoutLog = (policy: string): string =>
  policy
    .split('\n')
    .filter((line) => !/^\s*log\s/.test(line))
    .join('\n');

async function proofText(
  log: { readonly reader: TileReader; readonly size: number; readonly checkpointText: string },
  position: number,
): Promise<string> {
  const { reader, size, checkpointText } = log;
  const index = position - 1;
  const inclusion = await proveInclusion(sha256Tree, index, size, reader.read);
  return formatTlogProof({ extra: null, index, inclusion, checkpointText });
}
