import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  VAULT_KEY_BYTES,
  type VaultKey,
  VaultKeyMalformed,
  VaultKeyMissing,
  deriveVaultKey,
  parseVaultKey,
} from './vault-key.js';

export interface VaultKeySource {
  /** Of `FUNDFLOW_VAULT_KEY`: the text, or its 32 bytes; null or empty: the file beside the data directory. */
  readonly configured: string | Buffer | null;
  readonly dataDirectory: string;
  /** Whether something is sealed already: then a missing key is an error and never a new key. */
  readonly vaultExists: boolean;
}

/** Beside the data directory and not in it, so that a copy of the data alone opens nothing. */
export const vaultKeyFile = (dataDirectory: string): string =>
  `${resolve(dataDirectory)}.vault-key`;

/**
 * The key of this vault: the configured one, else the file's, else, at the very first start, a new
 * one written to the file (mode 0600, durable before this returns; of two processes at once one wins
 * and both get its key).
 *
 * @throws VaultKeyMalformed when the setting or the file is no key, or others may read the file
 * @throws VaultKeyMissing when the vault exists and there is no key
 */
export function loadVaultKey(source: VaultKeySource): VaultKey {
  const { configured } = source;
  if (configured !== null && configured.length > 0) return deriveVaultKey(bytesOf(configured));
  const file = vaultKeyFile(source.dataDirectory);
  const known = readKeyFile(file);
  if (known !== null) return deriveVaultKey(known);
  if (source.vaultExists) {
    throw new VaultKeyMissing(
      `个人信息保险库已有数据，但找不到密钥：请设置 FUNDFLOW_VAULT_KEY，或将密钥文件放回 ${file}。` +
        '没有密钥，已封存的姓名、证件号码和账号无法读取；系统不会另建新密钥。',
    );
  }
  return deriveVaultKey(createKeyFile(file));
}

function bytesOf(configured: string | Buffer): Buffer {
  const key = typeof configured === 'string' ? parseVaultKey(configured) : configured;
  if (key === null || key.length !== VAULT_KEY_BYTES) {
    throw new VaultKeyMalformed(
      'FUNDFLOW_VAULT_KEY 格式有误：须为 32 字节密钥，写作 64 位十六进制或 base64。',
    );
  }
  return key;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

function readKeyFile(file: string): Buffer | null {
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
    const key = parseVaultKey(readFileSync(descriptor, 'utf8'));
    if (key !== null) return key;
    throw new VaultKeyMalformed(
      `密钥文件内容有误：${file} 须为 32 字节密钥（64 位十六进制或 base64）。请从备份恢复，不要删除。`,
    );
  } finally {
    closeSync(descriptor);
  }
}

/** Written whole under another name and then linked: a crash leaves no half key, and no key is ever overwritten. */
function createKeyFile(file: string): Buffer {
  const key = randomBytes(VAULT_KEY_BYTES);
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const descriptor = openSync(fresh, 'wx', 0o600);
  try {
    writeFileSync(descriptor, `${key.toString('base64')}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
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
  return key;
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
