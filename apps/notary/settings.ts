import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Configuration, ConfigurationError } from '@fundflow/nest-edge/configuration';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { isKeyName } from '@fundflow/proof/note';
import { parsePolicy } from '@fundflow/proof/policy';
import { LOG_NAME, readWitnessPolicy } from '@fundflow/runtime/public-log';

/** What the notary is told; plain values, so that it passes to a thread. */
export interface NotarySettings {
  /** Key and memory, beside the data directory and not in it: a backup brought back brings neither back. */
  readonly directory: string;
  /** For a key that is made now; afterwards the key says it. */
  readonly origin: string;
  /** The operator named the origin, so the key must have it. */
  readonly originIsGiven: boolean;
  /** Text of the log's private key; null: the file in `directory`. */
  readonly key: string | null;
  /** A C2SP tlog-policy without the log's own line. */
  readonly policy: string;
  /** A second tree in SM3 under an origin of its own. */
  readonly sm3: boolean;
}

export type NotaryEnvironment = Readonly<Record<string, string | undefined>>;

/** Name of the second log in addresses and tables. */
export const SM3_LOG_NAME = 'fund-plan-sm3';
const PORT_DEFAULT = 12_317;

const textOf = (environment: NotaryEnvironment, name: string): string | null =>
  environment[name]?.trim() || null;

/** A secret itself, or the file that holds it, as container platforms hand secrets over. */
function secretOf(text: string | null, name: string, problems: string[]): string | null {
  if (text === null || text.startsWith('PRIVATE+KEY+')) return text;
  const file = resolve(text);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  problems.push(`${name} 须为 PRIVATE+KEY+… 形式的密钥，或存有该密钥的文件路径`);
  return null;
}

function flagOf(environment: NotaryEnvironment, name: string, problems: string[]): boolean | null {
  const text = textOf(environment, name)?.toLowerCase();
  if (text === undefined) return null;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  problems.push(`${name} 须为 1 或 0，现为“${text}”`);
  return null;
}

/**
 * Where the log is reached, without the scheme: given, or under the public address, or on this machine. Behind it the
 * port is the configured one, so that a key made today fits tomorrow.
 */
function originOf(
  given: string | null,
  { publicOrigin, port }: Pick<Configuration, 'publicOrigin' | 'port'>,
  problems: string[],
): string {
  const host = publicOrigin
    ? new URL(publicOrigin).host
    : `127.0.0.1:${port === 0 ? PORT_DEFAULT : port}`;
  const origin = given ?? `${host}/tlog/${LOG_NAME}`;
  if (isKeyName(origin) && !origin.includes('://') && !origin.endsWith('/')) return origin;
  problems.push(
    `FUNDFLOW_LOG_ORIGIN 须形如 fund.example.gov.cn/tlog/${LOG_NAME}（不含协议、空格和加号），现为“${origin}”`,
  );
  return `${host}/tlog/${LOG_NAME}`;
}

/**
 * The notary's settings from the environment: FUNDFLOW_NOTARY (0 turns it off), FUNDFLOW_NOTARY_DIR, FUNDFLOW_NOTARY_KEY,
 * FUNDFLOW_LOG_ORIGIN, FUNDFLOW_WITNESS_POLICY, FUNDFLOW_LOG_SM3.
 *
 * @returns null when it is turned off
 * @throws ConfigurationError naming every bad value
 */
export function readNotarySettings(
  environment: NotaryEnvironment,
  configuration: Pick<Configuration, 'dataDirectory' | 'publicOrigin' | 'port'>,
): NotarySettings | null {
  const problems: string[] = [];
  const text = (name: string): string | null => textOf(environment, name);
  const given = text('FUNDFLOW_LOG_ORIGIN');
  const settings: NotarySettings = {
    directory: resolve(text('FUNDFLOW_NOTARY_DIR') ?? `${configuration.dataDirectory}.notary`),
    origin: originOf(given, configuration, problems),
    originIsGiven: given !== null,
    key: secretOf(text('FUNDFLOW_NOTARY_KEY'), 'FUNDFLOW_NOTARY_KEY', problems),
    policy: readWitnessPolicy(environment, problems),
    sm3: flagOf(environment, 'FUNDFLOW_LOG_SM3', problems) ?? false,
  };
  const isOn = flagOf(environment, 'FUNDFLOW_NOTARY', problems) ?? true;
  if (problems.length > 0) throw new ConfigurationError(problems);
  return isOn ? settings : null;
}

/** Where the private key of a log lies when none is configured. */
export const logKeyFile = ({ directory }: NotarySettings, log: string): string =>
  join(directory, `${log}.key`);

/** Nobody but the log's own key vouches for its checkpoints. */
export const isSelfRun = ({ policy }: Pick<NotarySettings, 'policy'>): boolean =>
  parsePolicy(policy, nodeCrypto).quorum.kind === 'none';
