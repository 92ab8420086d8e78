import { readFileSync } from 'node:fs';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { parsePolicy } from '@fundflow/proof/policy';

/** Nobody has to agree: a checkpoint counts as soon as the log has signed it. */
const OF_NOBODY = 'quorum none\n';

/**
 * Whom a checkpoint must have convinced, for a process that runs without the notary: the file FUNDFLOW_WITNESS_POLICY
 * names (C2SP tlog-policy, without the line of the log), else nobody.
 *
 * @throws Error (ENOENT), Malformed when the file is not there or is no policy
 */
export function readWitnessPolicy(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const file = environment['FUNDFLOW_WITNESS_POLICY']?.trim();
  if (!file) return OF_NOBODY;
  const text = readFileSync(file, 'utf8');
  parsePolicy(text, nodeCrypto);
  return text;
}
