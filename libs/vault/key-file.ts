import { hash, type KeyObject, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  KEY_ID_BYTES,
  VAULT_KEY_BYTES,
  type VaultKey,
  VaultKeyMalformed,
  VaultKeyMissing,
  deriveVaultKey,
  parseVaultKeys,
} from './vault-key.js';

export interface VaultKeySettings {
  /** Of `FUNDFLOW_VAULT_KEY`: the text, or its bytes, 32 a key; null or empty: the file beside the data directory. */
  readonly configured: string | Buffer | null;
  readonly dataDirectory: string;
  /** Whether something is sealed already: then a missing key is an error and never a new key. */
  readonly vaultExists: boolean;
}

/** Beside the data directory and not in it, so that a copy of the data alone opens nothing. */
export const vaultKeyFile = (dataDirectory: string): string =>
  `${resolve(dataDirectory)}.vault-key`;

const retiredKeyFile = (dataDirectory: string, id: string): string =>
  `${vaultKeyFile(dataDirectory)}.retired-${id}`;

/**
 * The keys of this vault: the configured ones, else the file's, one a line, else, at the very first start, a new one
 * written to the file (mode 0600, durable before this returns; of two processes at once one wins and both get its key).
 * While a key is changed there are two.
 *
 * @throws VaultKeyMalformed when the setting or the file holds something else, or others may read the file
 * @throws VaultKeyMissing when the vault exists and there is no key
 */
export function loadVaultKeys(settings: VaultKeySettings): VaultKey[] {
  const { configured } = settings;
  if (configured !== null && configured.length > 0) return bytesOf(configured).map(deriveVaultKey);
  const file = vaultKeyFile(settings.dataDirectory);
  const known = readKeyFile(file);
  if (known !== null) return known.map(deriveVaultKey);
  if (settings.vaultExists) {
    throw new VaultKeyMissing(
      `个人信息保险库已有数据，但找不到密钥：请设置 FUNDFLOW_VAULT_KEY，或将密钥文件放回 ${file}。` +
        '没有密钥，已封存的姓名、证件号码和账号无法读取；系统不会另建新密钥。',
    );
  }
  return createKeyFile(file).map(deriveVaultKey);
}

/** Adds a new key to the file, durably; the keys that are there stay. */
export function addKeyToFile(dataDirectory: string): VaultKey {
  const file = vaultKeyFile(dataDirectory);
  const known = readKeyFile(file);
  if (known === null) throw new VaultKeyMissing(`找不到密钥文件 ${file}。`);
  const key = randomBytes(VAULT_KEY_BYTES);
  replaceFile(file, [...known, key]);
  return deriveVaultKey(key);
}

/**
 * Moves a key that opens nothing any more out of the file into one of its own, which backups made before may still need.
 * Answers that file; null when the key is not in the file.
 */
export function retireKeyInFile(dataDirectory: string, id: string): string | null {
  const file = vaultKeyFile(dataDirectory);
  const known = readKeyFile(file) ?? [];
  const isRetired = (key: Buffer): boolean => deriveVaultKey(key).id === id;
  if (!known.some(isRetired)) return null;
  const beside = retiredKeyFile(dataDirectory, id);
  replaceFile(beside, known.filter(isRetired));
  replaceFile(
    file,
    known.filter((key) => !isRetired(key)),
  );
  return beside;
}

/** Lays a former key of the blind indexes into a file of its own, and answers which: backups and the log name people by it. */
export function keepIndexKeyInFile(
  dataDirectory: string,
  { no, key }: { readonly no: number; readonly key: KeyObject },
): string {
  const id = hash('sha256', key.export(), 'hex').slice(0, KEY_ID_BYTES * 2);
  const beside = `${vaultKeyFile(dataDirectory)}.retired-index-${no}-${id}`;
  replaceFile(beside, [key.export()]);
  return beside;
}

function bytesOf(configured: string | Buffer): Buffer[] {
  const keys = typeof configured === 'string' ? parseVaultKeys(configured) : cut(configured);
  if (keys !== null) return keys;
  throw new VaultKeyMalformed(
    'FUNDFLOW_VAULT_KEY 格式有误：须为 32 字节密钥，写作 64 位十六进制或 base64；更换密钥期间为两个，以逗号分隔。',
  );
}

function cut(bytes: Buffer): Buffer[] | null {
  if (bytes.length % VAULT_KEY_BYTES !== 0) return null;
  return Array.from({ length: bytes.length / VAULT_KEY_BYTES }, (_, index) =>
    bytes.subarray(index * VAULT_KEY_BYTES, (index + 1) * VAULT_KEY_BYTES),
  );
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

function readKeyFile(file: string): Buffer[] | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new VaultKeyMalformed(`密钥文件无法读取：${file}（${String(codeOf(error))}）`);
  }
  try {
    // Windows has no such bits; there the folder's access list decides.
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
      throw new VaultKeyMalformed(`密钥文件可被其他用户读取，请先执行：chmod 600 ${file}`);
    }
    const keys = parseVaultKeys(readFileSync(descriptor, 'utf8'));
    if (keys !== null) return keys;
    throw new VaultKeyMalformed(
      `密钥文件内容有误：${file} 须为 32 字节密钥（64 位十六进制或 base64）。请从备份恢复，不要删除。`,
    );
  } finally {
    closeSync(descriptor);
  }
}

/** Written whole under another name and then linked: a crash leaves no half key, and no key is ever overwritten. */
function createKeyFile(file: string): Buffer[] {
  const keys = [randomBytes(VAULT_KEY_BYTES)];
  const fresh = writeFresh(file, keys);
  try {
    linkSync(fresh, file);
  } catch (error) {
    const others = codeOf(error) === 'EEXIST' ? readKeyFile(file) : null;
    if (others === null) throw error;
    return others;
  } finally {
    unlinkSync(fresh);
  }
  syncDirectory(dirname(file));
  return keys;
}

function replaceFile(file: string, keys: readonly Buffer[]): void {
  renameSync(writeFresh(file, keys), file);
  syncDirectory(dirname(file));
}

function writeFresh(file: string, keys: readonly Buffer[]): string {
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const descriptor = openSync(fresh, 'wx', 0o600);
  try {
    writeFileSync(descriptor, keys.map((key) => `${key.toString('base64')}\n`).join(''));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return fresh;
}

function syncDirectory(directory: string): void {
  // Windows cannot open a directory; its file system keeps the name durable by itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
