import type { Role } from '../policy.js';
import { randomPassword } from '../sign-in/password.js';
import type { NewAccount } from './account-values.js';
import type { User } from './user.js';
import type { UserDirectory } from './user-directory.js';

interface DemoUser {
  readonly login: string;
  readonly roles: readonly Role[];
  readonly region: string;
  readonly unit: string;
}

/** Contract §5. */
const DEMO_USERS: readonly DemoUser[] = [
  { login: 'maker', roles: ['finance-maker'], region: '450000', unit: '自治区财政厅' },
  { login: 'checker', roles: ['finance-checker'], region: '450000', unit: '自治区财政厅' },
  { login: 'inspector', roles: ['inspector'], region: '450000', unit: '自治区纪委监委' },
  { login: 'hotline', roles: ['hotline'], region: '450000', unit: '12317 热线' },
  { login: 'admin', roles: ['admin'], region: '450000', unit: '信息中心' },
  { login: 'county-maker', roles: ['finance-maker'], region: '450124', unit: '马山县财政局' },
  { login: 'centre-maker', roles: ['finance-maker'], region: '000000', unit: '财政部' },
  { login: 'centre-checker', roles: ['finance-checker'], region: '000000', unit: '财政部' },
];

export interface DemoLogin {
  readonly login: string;
  /** To be printed once; null when it is the one from an earlier start. */
  readonly password: string | null;
}

/** Accounts exist that no demonstration made: it must not mix with them. */
export class DemoRefused extends Error {
  override readonly name = 'DemoRefused';
}

async function createAll(
  users: UserDirectory,
  password: string | null,
): Promise<DemoLogin[] | null> {
  return users.whileEmpty(async (manager) => {
    const accounts = DEMO_USERS.map((user): NewAccount & { password: string } => ({
      ...user,
      password: password ?? randomPassword(),
      origin: 'demo',
      mustChangePassword: false,
      by: null,
    }));
    await users.createAll(accounts, manager);
    return accounts.map((account) => ({ login: account.login, password: account.password }));
  });
}

/** Makes the given password the user's own; one that is already is left alone, and so are the sessions. */
async function keepPassword(users: UserDirectory, user: User, password: string): Promise<void> {
  if ((await users.verify(user.login, password)) !== null) return;
  await users.setPassword(user.id, password, null);
}

/**
 * The users of the demonstration (contract §5): with random passwords, or all with the given one. Started again on the
 * same data, the users are kept; a given password is set again, so that the one on the command line always works.
 *
 * The caller makes sure of loopback and an empty store.
 *
 * @throws DemoRefused when there are persons of another origin and no demonstration ones (zh-CN)
 */
export async function createDemoUsers(
  users: UserDirectory,
  options: { readonly password: string | null },
): Promise<DemoLogin[]> {
  const created = await createAll(users, options.password);
  if (created !== null) return created;
  const known = await Promise.all(DEMO_USERS.map(({ login }) => users.findByLogin(login)));
  const kept = known.filter((user) => user?.origin === 'demo') as User[];
  if (kept.length < DEMO_USERS.length) {
    throw new DemoRefused('数据目录中已有正式用户，不能以演示模式启动；请另设 FUNDFLOW_DATA。');
  }
  const { password } = options;
  if (password !== null) {
    await Promise.all(kept.map((user) => keepPassword(users, user, password)));
  }
  return kept.map(({ login }) => ({ login, password }));
}

/** Whether a demonstration has been here: its accounts must not go public. */
export async function hasDemoUsers(users: UserDirectory): Promise<boolean> {
  const known = await Promise.all(DEMO_USERS.map(({ login }) => users.findByLogin(login)));
  return known.some((user) => user?.origin === 'demo' && !user.disabled);
}
