import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** A secret lies in a file that others may read. */
export class SecretFileOpen extends Error {
  override readonly name = 'SecretFileOpen';
}

/** Where container platforms lay secrets: readable for everybody in the container, which is nobody else. */
const CONTAINER_SECRETS = /^(?:\/var)?\/run\/secrets\//;
const GROUP_AND_OTHERS = 0o077;

/**
 * The text of a file that holds a secret; null where there is no such file. A file of our own user that group or others
 * may read or write is refused; another owner's, and one below /run/secrets, is the platform's business. Windows has no
 * such bits: there the folder's access list decides.
 *
 * @throws SecretFileOpen (zh-CN, with the path and what to do)
 */
export function readSecretFile(file: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return null;
  }
  try {
    const { mode, uid } = fstatSync(descriptor);
    const isOurs = process.getuid?.() === uid && !CONTAINER_SECRETS.test(file);
    if (isOurs && (mode & GROUP_AND_OTHERS) !== 0) {
      throw new SecretFileOpen(`密钥文件可被其他用户读取，请先执行：chmod 600 ${file}`);
    }
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
