import { timingSafeEqual } from 'node:crypto';
import { CENTRE } from '@fundflow/domain/region';
import { assertStrong } from '../sign-in/password.js';
import { badSetupToken, setUpAlready } from '../refusals.js';
import { hashToken, newToken } from '../sign-in/secret-token.js';
import type { NewAccount } from './account-values.js';
import type { User } from './user.js';
import type { UserDirectory } from './user-directory.js';

export type FirstStartState =
  /** There are persons already; whatever the environment says changes nothing. */
  | { readonly state: 'ready' }
  /** The administrator the environment names was created. */
  | { readonly state: 'administrator-created'; readonly login: string }
  /** Print this once: it is good for one `POST /api/v1/setup`, until the process ends. */
  | { readonly state: 'setup-needed'; readonly setupToken: string };

export interface FirstAdministrator {
  readonly user: string;
  readonly password: string;
}

const UNIT = '系统管理';

/**
 * How the first account comes into being, without any built-in one: from the environment (unattended), or by a one-time
 * token that is printed at start and lives in this process's memory alone. A restart prints another; as soon as a person
 * exists, neither way is open.
 */
export class FirstStart {
  #tokenHash: Buffer | null = null;

  constructor(private readonly users: UserDirectory) {}

  /** @throws Problem 400 `bad-value` or `weak-password` when the environment's administrator is no good */
  async prepare(administrator: FirstAdministrator | null): Promise<FirstStartState> {
    if (!(await this.users.isEmpty())) return { state: 'ready' };
    if (administrator !== null) {
      const created = await this.#create(administrator);
      if (created === null) return { state: 'ready' };
      return { state: 'administrator-created', login: created.login };
    }
    const setupToken = newToken();
    this.#tokenHash = hashToken(setupToken);
    return { state: 'setup-needed', setupToken };
  }

  /**
   * @throws Problem, first match wins: 409 `set-up-already`, 401 `bad-setup-token`, 400 `bad-value`, 400 `weak-password`
   */
  async setUp(token: string, administrator: FirstAdministrator): Promise<User> {
    const expected = this.#tokenHash;
    if (expected === null) throw setUpAlready();
    if (!timingSafeEqual(hashToken(token), expected)) throw badSetupToken();
    const created = await this.#create(administrator);
    this.#tokenHash = null;
    if (created === null) throw setUpAlready();
    return created;
  }

  async #create({ user, password }: FirstAdministrator): Promise<User | null> {
    assertStrong(password, { login: user, unit: UNIT });
    const account: NewAccount = {
      login: user,
      roles: ['admin'],
      region: CENTRE,
      unit: UNIT,
      password,
      origin: 'setup',
      mustChangePassword: false,
      by: null,
    };
    const created = await this.users.whileEmpty((manager) =>
      this.users.createAll([account], manager),
    );
    return created?.[0] ?? null;
  }
}
