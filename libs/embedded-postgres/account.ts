import { execFile, spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, parse } from 'node:path';
import { promisify } from 'node:util';
import { DataDirectoryUnreachable, EmbeddedPostgresFailed } from './errors.js';

/** The user of the operating system that the server runs as when this process is root. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const SERVER_USER = 'postgres';

/**
 * Who runs the server: null = the user of this process. PostgreSQL refuses to run as root, so as
 * root it is the owner of the existing cluster, else the user `postgres`, created when missing.
 */
export async function serverAccount(cluster: string): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await stat(cluster).catch(() => null);
  if (existing !== null && existing.uid !== 0) {
    return { name: `uid ${existing.uid}`, uid: existing.uid, gid: existing.gid };
  }
  return (await lookedUp(SERVER_USER)) ?? (await created(SERVER_USER));
}

/** The options that let a child process run as the account. */
export function runAs(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

async function lookedUp(name: string): Promise<Account | null> {
  try {
    const ask = async (flag: string) =>
      Number((await promisify(execFile)('id', [flag, name])).stdout);
    const [uid, gid] = [await ask('-u'), await ask('-g')];
    return Number.isInteger(uid) && Number.isInteger(gid) ? { name, uid, gid } : null;
  } catch {
    return null;
  }
}

async function created(name: string): Promise<Account> {
  let reason = '';
  try {
    await promisify(execFile)('useradd', [
      ...['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'],
      ...['--shell', '/usr/sbin/nologin', name],
    ]);
  } catch (error) {
    // Another process may have created it in this moment; the second look decides.
    reason = String(error);
  }
  const account = await lookedUp(name);
  if (account !== null) return account;
  throw new EmbeddedPostgresFailed(
    `PostgreSQL 不允许以 root 运行，且无法创建系统用户 ${name}。请以普通用户启动，或先创建该用户。`,
    reason,
  );
}

/** Asked of the kernel as that user: modes alone say nothing about access lists. */
export function canEnter(directory: string, account: Account): boolean {
  const script = 'cd -- "$1"';
  const child = spawnSync('/bin/sh', ['-c', script, 'sh', directory], {
    ...runAs(account),
    cwd: '/',
    stdio: 'ignore',
  });
  return child.status === 0;
}

/** @throws DataDirectoryUnreachable naming the outermost directory the account cannot enter. */
export function assertReachable(directory: string, account: Account | null): void {
  const blocked = unreachableParent(directory, account);
  if (blocked === null || account === null) return;
  throw new DataDirectoryUnreachable(directory, blocked, account.name);
}

/** The outermost of the directory and its parents that the account cannot enter, or null. */
function unreachableParent(directory: string, account: Account | null): string | null {
  if (account === null || canEnter(directory, account)) return null;
  const chain: string[] = [];
  for (let at = directory; at !== parse(at).root; at = dirname(at)) chain.unshift(at);
  return chain.find((at) => !canEnter(at, account)) ?? null;
}
