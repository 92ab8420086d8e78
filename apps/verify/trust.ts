import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Found, reading } from '@fundflow/proof/findings';
import { accepted, type Accepted } from '@fundflow/proof/judged';
import { judgeCheckpoint, parsePolicy, type Policy } from '@fundflow/proof/policy';
import { sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import { readText } from './input-files.js';

/** The policy to go by. @throws Found */
export async function readPolicy(path: string): Promise<Policy> {
  const text = await readText(path);
  return reading(path, () => parsePolicy(text, nodeCrypto));
}

/** A signed checkpoint in a file that the policy accepts. @throws Found */
export async function readCheckpoint(
  path: string,
  policy: Policy,
): Promise<{ readonly head: Accepted; readonly note: string }> {
  const note = await readText(path);
  const judged = reading(path, () => judgeCheckpoint(note, policy, nodeCrypto));
  return { head: accepted(judged), note };
}

/** The tree hash of `--tree`. @throws Found for a name that is none */
export function treeOf(name: string | undefined): TreeHash {
  if (name === undefined || name === 'sha256') return sha256Tree;
  if (name === 'sm3') return sm3Tree;
  throw new Found({ code: 'unsupported', what: name });
}

/** `甲、乙` or what stands for nobody. */
export function witnessNames(head: Accepted, nobody: string, separator: string): string {
  return head.witnesses.map(({ name }) => name).join(separator) || nobody;
}
