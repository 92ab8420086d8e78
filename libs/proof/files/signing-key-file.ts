import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { generateSigningKey, parseSigningKey, type SigningKey } from '../ed25519.js';
import { Malformed } from '../malformed.js';
import type { ED25519, ED25519_COSIGNATURE } from '../note-key.js';
import { createDurably } from './durable-file.js';

export interface SigningKeySource {
  /** The text of the key (of several, apart by commas or lines) as a container platform hands it over; null: the file's. */
  readonly configured: string | null;
  readonly file: string;
  /** For a key that is made now. */
  readonly name: string;
  readonly type: typeof ED25519 | typeof ED25519_COSIGNATURE;
  /** It has signed before: a missing key is an error and never a new key. */
  readonly mustExist: boolean;
}

/** The signing key is missing, or is none, or others may read it; the message (zh-CN) never shows it. */
export class SigningKeyUnusable extends Error {
  override readonly name = 'SigningKeyUnusable';
}

/** One key, or two of one name while the first is being exchanged for the second. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

/** The key that signs notes, where there is one and no exchange: see `loadSigningKeys`. */
export async function loadSigningKey(source: SigningKeySource): Promise<SigningKey> {
  return (await loadSigningKeys(source))[0];
}

/**
 * The keys that sign notes: those configured, else the file's, else, at the very first start, a new one written to the
 * file (mode 0600, durable before this returns; of two processes at once one wins and both get its key).
 *
 * @throws SigningKeyUnusable
 */
export async function loadSigningKeys(source: SigningKeySource): Promise<SigningKeys> {
  const { configured, file, name, type } = source;
  if (configured !== null) return keysOf(configured, '所配置的签名密钥');
  const known = await readKeys(file);
  if (known !== null) return known;
  if (source.mustExist) {
    throw new SigningKeyUnusable(
      `日志已有签名，但找不到签名密钥 ${file}。请放回原密钥；系统不会另建新密钥。`,
    );
  }
  return createKey(file, generateSigningKey(name, type));
}

function keysOf(text: string, what: string): SigningKeys {
  try {
    const [first, ...others] = text.trim().split(APART).map(parseSigningKey);
    if (others.some(({ key }) => key.name !== first!.key.name)) {
      throw new SigningKeyUnusable(`${what}不属于同一个日志。`);
    }
    return [first!, ...others];
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new SigningKeyUnusable(`${what}不是有效的签名密钥（PRIVATE+KEY+…）。`);
  }
}

/** Between the texts of two keys. */
const APART = /[\s,]+(?=PRIVATE\+KEY\+)/;

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Null when there is no such file. @throws SigningKeyUnusable when it cannot be read, or others can read it */
export async function readKeys(file: string): Promise<SigningKeys | null> {
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new SigningKeyUnusable(`签名密钥文件无法读取：${file}（${String(codeOf(error))}）`);
  }
  try {
    // Windows has no such bits; there the folder's access list decides.
    if (process.platform !== 'win32' && ((await handle.stat()).mode & 0o077) !== 0) {
      throw new SigningKeyUnusable(`签名密钥文件可被其他用户读取，请先执行：chmod 600 ${file}`);
    }
    return keysOf(await handle.readFile('utf8'), `文件 ${file} 的内容`);
  } finally {
    await handle.close();
  }
}

/** A crash leaves no half key, and no key is ever overwritten. */
async function createKey(file: string, text: string): Promise<SigningKeys> {
  await makeDirectory(dirname(file), { mode: 0o700 });
  await createDurably(file, `${text}\n`);
  const keys = await readKeys(file);
  if (keys === null) throw new SigningKeyUnusable(`签名密钥文件刚写入又不见了：${file}`);
  return keys;
}
