import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CENTRE } from '@fundflow/domain/region';
import type { BearerTokens } from '../sign-in/bearer-tokens.js';
import type { UserDirectory } from './user-directory.js';

export const LOCAL_TOKEN_FILE = 'cli-token';
const LOCAL_LOGIN = 'local-cli';
const LIFE_MS = 366 * 24 * 3_600_000;

/**
 * Lets the command line ask on the machine the ledger runs on, without a password: writes a bearer token into
 * `<dataDirectory>/cli-token`, readable by its owner alone, anew at each start; the one before is revoked. Whoever can
 * read that file can read the database beside it anyway. It may ask about every region and do nothing else.
 *
 * @returns the path of the file
 */
export async function issueLocalToken(
  identity: { readonly users: UserDirectory; readonly tokens: BearerTokens },
  dataDirectory: string,
): Promise<string> {
  const { users, tokens } = identity;
  const user =
    (await users.findByLogin(LOCAL_LOGIN)) ??
    (await users.create({
      login: LOCAL_LOGIN,
      roles: ['system', 'inspector'],
      region: CENTRE,
      unit: '本机命令行',
      password: null,
      origin: 'built-in',
      mustChangePassword: false,
      by: null,
    }));
  const issued = await tokens.issue({
    userId: user.id,
    name: LOCAL_TOKEN_FILE,
    lifeMs: LIFE_MS,
    by: null,
    replace: true,
  });
  await mkdir(dataDirectory, { recursive: true });
  const file = join(dataDirectory, LOCAL_TOKEN_FILE);
  const fresh = `${file}.new`;
  // The mode of writeFile counts only for a file that did not exist.
  await writeFile(fresh, '', { mode: 0o600 });
  await chmod(fresh, 0o600);
  await writeFile(fresh, `${issued.token}\n`);
  await rename(fresh, file);
  return file;
}
