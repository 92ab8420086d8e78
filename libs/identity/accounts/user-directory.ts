import { randomUUID } from 'node:crypto';
import type { RegionCode } from '@fundflow/domain/region';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { EntityManager, FindOneOptions } from 'typeorm';
import { recordAccess } from '../access-records.js';
import {
  type AccountChange,
  checkedValues,
  type NewAccount,
  normalisedLogin,
  regionPrefix,
} from './account-values.js';
import { type User, userOf, type Verified } from './user.js';
import type { IdentityDatabase } from '../identity-database.js';
import {
  assertStrong,
  FULL_COST,
  hashPassword,
  isOutdated,
  type ScryptCost,
  verifyPassword,
} from '../sign-in/password.js';
import type { Role } from '../policy.js';
import { kindFixed, loginTaken, noSuchUser, notASystem } from '../refusals.js';
import type { Sessions } from '../sign-in/sessions.js';
import { userEntity, type UserRow } from '../tables.js';

const isSystem = (account: { readonly roles: readonly Role[] }) => account.roles.includes('system');

/** @throws Problem 404 `no-such-user` */
async function existing(manager: EntityManager, which: FindOneOptions<UserRow>): Promise<User> {
  const row = await manager.findOne(userEntity, which);
  if (row === null) throw noSuchUser();
  return userOf(row);
}

/** One row whether there is such an account or not, all null when there is none: reading it is the same work. */
const ROW_OF_LOGIN = `
  SELECT u.id, u.login, u.roles, u.region, u.unit, u.password_hash AS "passwordHash",
         u.must_change_password AS "mustChangePassword", u.disabled, u.origin,
         u.created_at AS "createdAt"
  FROM (VALUES (1)) one LEFT JOIN identity_users u ON u.login = $1`;

const TRIES_MAX = 2;

const UNIQUE_VIOLATION = '23505';

/** Two processes that both find no account must not both create the first. */
const FIRST_ACCOUNT_LOCK = 12317_0002;

/** The local accounts. Every change is recorded, and counts at once in this process. */
export class UserDirectory {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly sessions: Sessions,
    private readonly now: () => Date,
    /** One for all accounts of a process: else how long a refusal takes would tell one kind from another. */
    private readonly cost: ScryptCost = FULL_COST,
  ) {}

  /** The same accounts as far as they lie in a scope: others are not there, and cannot be made or changed. */
  within(scope: ReadScope | null): UserDirectory {
    return new UserDirectory(this.database.within(scope), this.sessions, this.now, this.cost);
  }

  /**
   * @throws Problem, first match wins: 400 `bad-value`, 409 `not-a-system` (a password for a system, or none for a
   * person), 409 `login-taken`
   */
  async create(account: NewAccount): Promise<User> {
    const [user] = await this.createAll([account]);
    if (user === undefined) throw new Error('an account that was created is missing');
    return user;
  }

  /** All or none, as `create`; passwords are hashed side by side. */
  async createAll(accounts: readonly NewAccount[], within?: EntityManager): Promise<User[]> {
    const rows = await Promise.all(accounts.map((account) => this.#rowFor(account)));
    try {
      await this.#inside(within, async (inner) => {
        for (const [index, row] of rows.entries()) {
          await inner.insert(userEntity, row);
          await recordAccess(inner, {
            at: row.createdAt,
            action: 'user-created',
            actorId: accounts[index]?.by ?? null,
            subjectId: row.id,
            detail: `roles=${row.roles.join(',')} region=${row.region}`,
          });
        }
      });
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) throw loginTaken();
      throw error;
    }
    return rows.map(userOf);
  }

  async #rowFor(account: NewAccount): Promise<UserRow> {
    const values = checkedValues(account);
    const { password, origin, mustChangePassword } = account;
    if (isSystem(values) !== (password === null)) throw notASystem();
    return {
      ...values,
      id: randomUUID(),
      roles: [...values.roles],
      passwordHash: password === null ? null : await hashPassword(password, this.cost),
      mustChangePassword,
      disabled: false,
      origin,
      createdAt: this.now(),
    };
  }

  /**
   * Runs `create` only while there is no person yet, in turns with other processes.
   *
   * @returns null when there are persons already
   */
  async whileEmpty<T>(create: (manager: EntityManager) => Promise<T>): Promise<T | null> {
    return this.database.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ACCOUNT_LOCK]);
      const persons = await manager.query<unknown[]>(
        `SELECT 1 FROM identity_users WHERE NOT 'system' = ANY(roles) LIMIT 1`,
      );
      return persons.length > 0 ? null : create(manager);
    });
  }

  async isEmpty(): Promise<boolean> {
    return (await this.whileEmpty(async () => true)) ?? false;
  }

  /** @throws Problem 404 `no-such-user` */
  async find(id: string): Promise<User> {
    return this.#inside(undefined, (manager) => existing(manager, { where: { id } }));
  }

  async findByLogin(login: string): Promise<User | null> {
    const where = { login: normalisedLogin(login) };
    const row = await this.#inside(undefined, (manager) => manager.findOneBy(userEntity, where));
    return row === null ? null : userOf(row);
  }

  /** Users whose region lies in `region`, by login, those after `afterLogin`. */
  async list(region: RegionCode, page: { afterLogin: string; limit: number }): Promise<User[]> {
    const rows = await this.#inside(undefined, (manager) =>
      manager
        .createQueryBuilder(userEntity, 'u')
        .where('u.login > :after', { after: page.afterLogin })
        .andWhere('starts_with(u.region, :prefix)', { prefix: regionPrefix(region) })
        .orderBy('u.login')
        .limit(page.limit)
        .getMany(),
    );
    return rows.map(userOf);
  }

  /**
   * Changes roles, region or unit, or disables and enables the account; its sessions end, so nobody goes on under old
   * rights.
   *
   * @throws Problem, first match wins: 404 `no-such-user`, 400 `bad-value` (also: a person becomes no system)
   */
  async change(
    id: string,
    change: AccountChange,
    by: string,
    within?: EntityManager,
  ): Promise<User> {
    const changed = await this.#inside(within, async (manager) => {
      // Held until the change is through: what another changes meanwhile is not undone by it.
      const lock = { mode: 'pessimistic_write' } as const;
      const before = await existing(manager, { where: { id }, lock });
      const values = checkedValues({
        login: before.login,
        roles: change.roles ?? before.roles,
        region: change.region ?? before.region,
        unit: change.unit ?? before.unit,
      });
      if (isSystem(values) !== isSystem(before)) throw kindFixed();
      const { region, unit } = values;
      const disabled = change.disabled ?? before.disabled;
      const roles = [...values.roles];
      await manager.update(userEntity, { id }, { roles, region, unit, disabled });
      await this.sessions.endAllOf(manager, id);
      const record = { at: this.now(), actorId: by, subjectId: id } as const;
      const detail = `roles=${roles.join(',')} region=${region} disabled=${disabled}`;
      await recordAccess(manager, { ...record, action: 'user-changed', detail });
      return { ...before, roles, region, unit, disabled };
    });
    this.sessions.forget(id);
    return changed;
  }

  /**
   * Sets the password and ends the user's sessions. Demonstration accounts alone may have a weak one.
   *
   * @param by who sets it; when it is somebody else, the user has to change it before doing anything
   * @throws Problem, first match wins: 404 `no-such-user`, 409 `not-a-system`, 400 `weak-password`
   */
  async setPassword(
    id: string,
    password: string,
    by: string | null,
    within?: EntityManager,
  ): Promise<void> {
    await this.#setPassword({ id }, password, by, within);
  }

  /**
   * Sets one's own password, as `setPassword`.
   *
   * @returns what it is verified by; null, and nothing is done, when another one was set since `verified`
   */
  async replacePassword(
    { user, passwordHash }: Verified,
    password: string,
  ): Promise<string | null> {
    return this.#setPassword({ id: user.id, passwordHash }, password, user.id);
  }

  async #setPassword(
    which: { readonly id: string; readonly passwordHash?: string },
    password: string,
    by: string | null,
    within?: EntityManager,
  ): Promise<string | null> {
    const { id } = which;
    const user = await this.find(id);
    if (isSystem(user)) throw notASystem();
    if (user.origin !== 'demo') assertStrong(password, user);
    const passwordHash = await hashPassword(password, this.cost);
    const mustChangePassword = by !== null && by !== id;
    const isSet = await this.#inside(within, async (manager) => {
      const change = { passwordHash, mustChangePassword };
      if ((await manager.update(userEntity, which, change)).affected === 0) return false;
      await this.sessions.endAllOf(manager, id);
      const record = { at: this.now(), actorId: by, subjectId: id } as const;
      await recordAccess(manager, { ...record, action: 'password-set' });
      return true;
    });
    this.sessions.forget(id);
    return isSet ? passwordHash : null;
  }

  /** Whoever acts under an account whose second factor changed signs in anew. */
  async endSessionsOf(id: string): Promise<void> {
    await this.database.transaction((manager) => this.sessions.endAllOf(manager, id));
    this.sessions.forget(id);
  }

  /**
   * The user whose login and password these are; null for anything else, after the same work: unknown, disabled and
   * wrong take the same statements and the same hashing.
   *
   * @param tries how often it is looked at while it changes
   * @throws Problem 503 `busy`
   */
  async verify(login: string, password: string, tries = TRIES_MAX): Promise<Verified | null> {
    const [row] = await this.database.query<[UserRow]>(ROW_OF_LOGIN, [normalisedLogin(login)]);
    const stored = row.disabled ? null : row.passwordHash;
    const matches = await verifyPassword(password, stored, this.cost);
    if (stored === null || !matches) return null;
    if (!isOutdated(stored, this.cost)) return { user: userOf(row), passwordHash: stored };
    const passwordHash = await hashPassword(password, this.cost);
    const change = `UPDATE identity_users SET password_hash = $2
                    WHERE id = $1 AND password_hash = $3`;
    const [, changed] = await this.database.query<[[], number]>(change, [
      ...[row.id, passwordHash, stored],
    ]);
    if (changed === 1) return { user: userOf(row), passwordHash };
    // Another password was set meanwhile, or this one hashed anew by another sign-in: what is stored now counts.
    return tries > 1 ? this.verify(login, password, tries - 1) : null;
  }

  /**
   * Keeps that somebody tried this account in vain, or one that does not exist: by the same statement, which looks the
   * account up itself. A login nobody has may be a password typed too early: it is not kept, only when and from where.
   */
  async recordRefusal(login: string, address: string): Promise<void> {
    await this.database.query(
      `INSERT INTO identity_access_records (at, action, subject_id, address)
       VALUES ($1, 'session-refused', (SELECT id FROM identity_users WHERE login = $2), $3)`,
      [this.now(), normalisedLogin(login), address],
    );
  }

  /** Part of a transaction that is under way, or one of its own. */
  #inside<T>(
    under: EntityManager | undefined,
    work: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    return under ? under.transaction(work) : this.database.transaction(work);
  }
}
