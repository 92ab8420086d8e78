import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LOG_LEVELS, type LogLevel } from './json-logger.js';
import { readSecretFile, SecretFileOpen } from './secret-file.js';

export interface Configuration {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Absolute. */
  readonly dataDirectory: string;
  /** Null: the embedded database below the data directory. */
  readonly databaseUrl: string | null;
  /** Of the role that owns the tables of a server of one's own; null: `databaseUrl` owns them, or they are made. */
  readonly ownerDatabaseUrl: string | null;
  /** Whether a database role that can do too much keeps the program from starting; else it is logged. */
  readonly strictDatabaseRole: boolean;
  readonly demo: boolean;
  /** Whether a demonstration also loads the demonstration plan. */
  readonly demoData: boolean;
  /** Null: random ones, printed once. */
  readonly demoPassword: string | null;
  /** The key that seals personal data, 32 bytes; null: the data directory's own. */
  readonly vaultKey: Buffer | null;
  /** A further region table (CSV), absolute. */
  readonly regionsFile: string | null;
  /** The administrator of the very first start. */
  readonly admin: { readonly user: string; readonly password: string } | null;
  /** Where browsers reach us through a proxy, such as `https://fund.example.gov.cn`. */
  readonly publicOrigin: string | null;
  /** The bureau's own identity provider (OpenID Connect); null: passwords alone. */
  readonly oidc: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  } | null;
  readonly uploadBytesMax: number;
  /** How long any body but an upload may take. */
  readonly bodyTimeoutMs: number;
  /** Costly questions a person may have under way at once. */
  readonly questionsAtOnce: number;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Every bad value at once, each with its name, what it was and what it should be (zh-CN). */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly string[]) {
    super(`配置有误：\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

interface Reader {
  readonly environment: Environment;
  readonly problems: string[];
}

/** An empty variable is an unset one: compose files write `NAME=` for it. */
function textOf(reader: Reader, name: string): string | null {
  const value = reader.environment[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

function wholeNumber(
  reader: Reader,
  name: string,
  limits: { readonly min: number; readonly max: number; readonly otherwise: number },
): number {
  const text = textOf(reader, name);
  if (text === null) return limits.otherwise;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= limits.min && value <= limits.max) return value;
  reader.problems.push(`${name} 须为 ${limits.min} 至 ${limits.max} 的整数，现为“${text}”`);
  return limits.otherwise;
}

function flag(reader: Reader, name: string, otherwise: boolean): boolean {
  const text = textOf(reader, name)?.toLowerCase();
  if (text === undefined) return otherwise;
  if (text === '1' || text === 'true') return true;
  if (text === '0' || text === 'false') return false;
  reader.problems.push(`${name} 须为 1 或 0，现为“${text}”`);
  return otherwise;
}

function databaseUrl(reader: Reader, name: string): string | null {
  const text = textOf(reader, name);
  if (text === null) return null;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol === 'postgres:' || protocol === 'postgresql:') return text;
  // The value may hold a password, so it is not repeated.
  reader.problems.push(
    `${name} 须形如 postgres://用户:密码@主机:端口/库名（密码中的特殊字符须转义）`,
  );
  return null;
}

const KEY_BYTES = 32;

/** One key, or, while it is changed, two apart by a comma or on lines of their own: their bytes one after the other. */
function keysOf(text: string): Buffer | null {
  const keys = text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map(keyOf);
  return keys.length > 0 && keys.every((key) => key !== null) ? Buffer.concat(keys) : null;
}

function keyOf(text: string): Buffer | null {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const key = Buffer.from(text, 'base64');
  const plain = text.replace(/=+$/, '');
  return key.length === KEY_BYTES && key.toString('base64').replace(/=+$/, '') === plain
    ? key
    : null;
}

/** What the file holds; null where there is none, also (with a problem) where others may read it. */
function secretOf(reader: Reader, name: string, path: string): string | null {
  try {
    return readSecretFile(resolve(path));
  } catch (error) {
    if (!(error instanceof SecretFileOpen)) throw error;
    reader.problems.push(`${name}：${error.message}`);
    return null;
  }
}

/** The key itself, or the path of a file that holds it, as container platforms hand secrets over. */
function vaultKey(reader: Reader): Buffer | null {
  const text = textOf(reader, 'FUNDFLOW_VAULT_KEY');
  if (text === null) return null;
  const inline = keysOf(text);
  if (inline !== null) return inline;
  const known = reader.problems.length;
  const held = secretOf(reader, 'FUNDFLOW_VAULT_KEY', text);
  const key = held === null ? null : keysOf(held);
  if (key === null && reader.problems.length === known) {
    reader.problems.push(
      'FUNDFLOW_VAULT_KEY 须为 32 字节密钥（64 位十六进制或 base64），或存有该密钥的文件路径',
    );
  }
  return key;
}

function existingFile(reader: Reader, name: string): string | null {
  const text = textOf(reader, name);
  if (text === null) return null;
  const file = resolve(text);
  if (!existsSync(file)) reader.problems.push(`${name} 指定的文件不存在：“${text}”`);
  return file;
}

function firstAdministrator(reader: Reader): Configuration['admin'] {
  const user = textOf(reader, 'FUNDFLOW_ADMIN_USER');
  // Not trimmed: a password may begin or end with a space.
  const password = reader.environment['FUNDFLOW_ADMIN_PASSWORD'] ?? '';
  if (user === null && password === '') return null;
  if (user !== null && password !== '') return { user, password };
  reader.problems.push('FUNDFLOW_ADMIN_USER 与 FUNDFLOW_ADMIN_PASSWORD 须同时设置');
  return null;
}

function publicOrigin(reader: Reader): string | null {
  const text = textOf(reader, 'FUNDFLOW_PUBLIC_ORIGIN');
  if (text === null) return null;
  if (/^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text) return text;
  reader.problems.push(
    `FUNDFLOW_PUBLIC_ORIGIN 须形如 https://fund.example.gov.cn（不含路径），现为“${text}”`,
  );
  return null;
}

/** All three or none. The secret may be a file, as container platforms hand secrets over. */
function oidc(reader: Reader): Configuration['oidc'] {
  const names = ['FUNDFLOW_OIDC_ISSUER', 'FUNDFLOW_OIDC_CLIENT_ID', 'FUNDFLOW_OIDC_CLIENT_SECRET'];
  const [issuer = null, clientId = null, secret = null] = names.map((name) => textOf(reader, name));
  if (issuer === null && clientId === null && secret === null) return null;
  if (issuer === null || clientId === null || secret === null) {
    reader.problems.push(`${names.join('、')} 须同时设置`);
    return null;
  }
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isLoopback(url.hostname))) {
    reader.problems.push('FUNDFLOW_OIDC_ISSUER 须为 https 地址（本机回环地址可用 http）');
    return null;
  }
  const clientSecret = secretOf(reader, 'FUNDFLOW_OIDC_CLIENT_SECRET', secret)?.trim() ?? secret;
  return { issuer, clientId, clientSecret };
}

function logLevel(reader: Reader): LogLevel {
  const text = textOf(reader, 'FUNDFLOW_LOG_LEVEL');
  const found = LOG_LEVELS.find((level) => level === text);
  if (text !== null && found === undefined) {
    reader.problems.push(`FUNDFLOW_LOG_LEVEL 须为 ${LOG_LEVELS.join('、')} 之一，现为“${text}”`);
  }
  return found ?? 'info';
}

/** Reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

const MIB = 1_048_576;
const QUESTIONS_AT_ONCE = { min: 1, max: 1_000, otherwise: 16 };
/** The largest JSON body, 16 MiB, takes 30 s at 4.5 Mbit/s; an office with a slower line sets more. */
const BODY_SECONDS = { min: 1, max: 1_800, otherwise: 30 };

function fromEnvironment(reader: Reader): Configuration {
  return {
    host: textOf(reader, 'FUNDFLOW_HOST') ?? '127.0.0.1',
    port: wholeNumber(reader, 'FUNDFLOW_PORT', { min: 0, max: 65_535, otherwise: 12_317 }),
    dataDirectory: resolve(textOf(reader, 'FUNDFLOW_DATA') ?? './data'),
    databaseUrl: databaseUrl(reader, 'FUNDFLOW_DATABASE_URL'),
    ownerDatabaseUrl: databaseUrl(reader, 'FUNDFLOW_OWNER_DATABASE_URL'),
    strictDatabaseRole: flag(reader, 'FUNDFLOW_STRICT_DATABASE_ROLE', false),
    demo: flag(reader, 'FUNDFLOW_DEMO', false),
    demoData: flag(reader, 'FUNDFLOW_DEMO_DATA', true),
    demoPassword: reader.environment['FUNDFLOW_DEMO_PASSWORD'] || null,
    vaultKey: vaultKey(reader),
    regionsFile: existingFile(reader, 'FUNDFLOW_REGIONS'),
    admin: firstAdministrator(reader),
    publicOrigin: publicOrigin(reader),
    oidc: oidc(reader),
    uploadBytesMax:
      wholeNumber(reader, 'FUNDFLOW_UPLOAD_MIB', { min: 1, max: 65_536, otherwise: 512 }) * MIB,
    bodyTimeoutMs: wholeNumber(reader, 'FUNDFLOW_BODY_SECONDS', BODY_SECONDS) * 1_000,
    questionsAtOnce: wholeNumber(reader, 'FUNDFLOW_QUESTIONS_AT_ONCE', QUESTIONS_AT_ONCE),
    logLevel: logLevel(reader),
  };
}

/** What an environment said once and is a dated setting now: to leave it unread would leave its limit unkept. */
const SETTINGS_NOW = [
  ...['FUNDFLOW_UNMASK_PER_DAY', 'FUNDFLOW_UNMASK_USUAL', 'FUNDFLOW_RETENTION_YEARS'],
];

function refuseSettings(reader: Reader): void {
  for (const name of SETTINGS_NOW.filter((each) => textOf(reader, each) !== null)) {
    reader.problems.push(
      `${name} 已改为按地区、按日期的设置（POST /api/v1/settings/personal-data），请从环境中删去`,
    );
  }
}

/**
 * The configuration of a process: its environment, over which what the command line said wins.
 *
 * @throws ConfigurationError naming every bad value. A demonstration beyond loopback is one of them: its accounts are
 * known to whoever reads the manual (contract §5).
 */
export function readConfiguration(
  environment: Environment,
  overrides: Partial<Configuration> = {},
): Configuration {
  const reader: Reader = { environment, problems: [] };
  const configuration = { ...fromEnvironment(reader), ...overrides };
  refuseSettings(reader);
  if (configuration.demo && !isLoopback(configuration.host)) {
    reader.problems.push(
      `演示模式只能在本机回环地址上运行，FUNDFLOW_HOST 现为“${configuration.host}”`,
    );
  }
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return configuration;
}
