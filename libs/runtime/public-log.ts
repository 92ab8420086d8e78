import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigurationError } from '@fundflow/nest-edge/configuration';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Malformed } from '@fundflow/proof/malformed';
import { parsePolicy } from '@fundflow/proof/policy';

/** Name of the transparency log in addresses and tables. */
export const LOG_NAME = 'fund-plan';
/** Nobody has to agree: a checkpoint counts as soon as the log has signed it. */
export const POLICY_OF_NOBODY = 'quorum none\n';

/**
 * Whom a checkpoint must have convinced: the file FUNDFLOW_WITNESS_POLICY names (C2SP tlog-policy, without the line of the
 * log), else nobody.
 *
 * @param problems what is wrong with it is added here (zh-CN), and the answer is then nobody
 */
export function readWitnessPolicy(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string {
  const file = environment['FUNDFLOW_WITNESS_POLICY']?.trim() || null;
  if (file === null) return POLICY_OF_NOBODY;
  const path = resolve(file);
  if (!existsSync(path)) {
    problems.push(`FUNDFLOW_WITNESS_POLICY 指定的文件不存在：“${file}”`);
    return POLICY_OF_NOBODY;
  }
  const text = readFileSync(path, 'utf8');
  try {
    parsePolicy(text, nodeCrypto);
    return text;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    problems.push(`FUNDFLOW_WITNESS_POLICY 有误（C2SP tlog-policy 格式）：${error.message}`);
    return POLICY_OF_NOBODY;
  }
}

/** The same for a process that has no other setting of the log. @throws ConfigurationError naming what is wrong with it */
export function witnessPolicyOf(environment: Readonly<Record<string, string | undefined>>): string {
  const problems: string[] = [];
  const policy = readWitnessPolicy(environment, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return policy;
}
