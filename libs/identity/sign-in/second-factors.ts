import { randomInt } from 'node:crypto';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { EntityManager } from 'typeorm';
import { recordAccess } from '../access-records.js';
import type { IdentityDatabase } from '../identity-database.js';
import { alreadyEnrolled, badSecondFactor, notEnrolled } from '../refusals.js';
import type { SecretBox } from './secret-box.js';
import { hashToken } from './secret-token.js';
import { newTotpSecret, totpEnrolment, totpStep } from './totp.js';

export interface Enrolment {
  /** Base32, to type in. */
  readonly secret: string;
  /** `otpauth://totp/…`, to scan. */
  readonly uri: string;
}

const RECOVERY_CODES = 10;
/**
 * Groups of four out of 32 letters and digits that are not mistaken for one another: six are 120 bits, so a plain hash will
 * do (ASVS 6.5.2 asks for 112). Those given before had four.
 */
const RECOVERY_GROUPS = 6;
const RECOVERY_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789x';
const RECOVERY = /^[a-z0-9]{4}(?:-[a-z0-9]{4}){3}(?:(?:-[a-z0-9]{4}){2})?$/;

function newRecoveryCode(): string {
  const group = (): string =>
    Array.from({ length: 4 }, () => RECOVERY_ALPHABET[randomInt(RECOVERY_ALPHABET.length)]).join(
      '',
    );
  return Array.from({ length: RECOVERY_GROUPS }, group).join('-');
}

/** Asks a database and gives its rows. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<unknown>;

/**
 * Seals the secrets anew that are under an older key than the one that seals now, each durable by itself, and leaves those
 * whose key is not at hand: the key may only go when `secretsUnder` finds none.
 *
 * @returns how many were sealed anew
 */
export async function resealSecrets(ask: Ask, box: SecretBox): Promise<number> {
  const rows = (await ask(
    'SELECT user_id AS "userId", sealed_secret AS sealed FROM identity_totp',
    [],
  )) as readonly { readonly userId: string; readonly sealed: Buffer }[];
  let resealed = 0;
  for (const { userId, sealed } of rows) {
    const opened = box.open(sealed, userId);
    if (!opened || opened.isCurrent) continue;
    await ask(
      'UPDATE identity_totp SET sealed_secret = $2 WHERE user_id = $1 AND sealed_secret = $3',
      [userId, box.seal(opened.plain, userId), sealed],
    );
    resealed += 1;
  }
  return resealed;
}

/** How many secrets are sealed under the key with these id bytes. */
export async function secretsUnder(ask: Ask, keyId: Buffer): Promise<number> {
  const [row] = (await ask(
    'SELECT count(*)::int AS n FROM identity_totp WHERE substr(sealed_secret, 1, $2) = $1',
    [keyId, keyId.length],
  )) as readonly [{ readonly n: number }];
  return row.n;
}

/**
 * Codes of an authenticator (RFC 6238) and, for the day it is lost, codes on paper. Secrets are sealed under a key that is
 * not in the database; each code counts once, also in two processes at once.
 */
export class SecondFactors {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly box: SecretBox,
    private readonly now: () => Date,
  ) {}

  /** The same factors as far as their accounts lie in a scope. */
  within(scope: ReadScope): SecondFactors {
    return new SecondFactors(this.database.within(scope), this.box, this.now);
  }

  async isEnrolled(userId: string): Promise<boolean> {
    return (await this.#row(userId))?.confirmed ?? false;
  }

  /** A secret to be confirmed with its first code. @throws Problem 409 `second-factor-enrolled` */
  async begin(userId: string, login: string): Promise<Enrolment> {
    const secret = newTotpSecret();
    const rows = await this.database.query<unknown[]>(
      `INSERT INTO identity_totp (user_id, sealed_secret, created_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret,
         created_at = excluded.created_at, last_step = -1
       WHERE identity_totp.confirmed_at IS NULL RETURNING user_id`,
      [userId, this.box.seal(secret, userId), this.now()],
    );
    if (rows.length === 0) throw alreadyEnrolled();
    return totpEnrolment(secret, login);
  }

  /**
   * The first code shows that the authenticator has the secret.
   *
   * @param besides what changes in the same moment
   * @returns recovery codes, shown once and kept as hashes
   * @throws Problem 409 `second-factor-enrolled`, 409 `second-factor-not-begun`, 401 `bad-second-factor`
   */
  async confirm(
    userId: string,
    code: string,
    besides: (manager: EntityManager) => Promise<void> = () => Promise.resolve(),
  ): Promise<string[]> {
    const row = await this.#row(userId);
    if (!row) throw notEnrolled();
    if (row.confirmed) throw alreadyEnrolled();
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    await this.database.transaction(async (manager) => {
      if (!(await this.#useStep(manager, userId, row.sealed, code))) throw badSecondFactor();
      const at = this.now();
      await manager.query('UPDATE identity_totp SET confirmed_at = $2 WHERE user_id = $1', [
        userId,
        at,
      ]);
      await manager.query(
        `INSERT INTO identity_recovery_codes (user_id, code_hash)
         SELECT $1, unnest($2::bytea[])`,
        [userId, codes.map(hashToken)],
      );
      const record = { at, actorId: userId, subjectId: userId } as const;
      await recordAccess(manager, { ...record, action: 'second-factor-set' });
      await besides(manager);
    });
    return codes;
  }

  /** Uses a code up: of the authenticator or on paper. False when it is none, or was used before. */
  async verify(userId: string, code: string): Promise<boolean> {
    const row = await this.#row(userId);
    if (!row?.confirmed) return false;
    const typed = code.trim().toLowerCase();
    if (RECOVERY.test(typed)) return this.#useRecoveryCode(userId, typed);
    return this.database.transaction((manager) =>
      this.#useStep(manager, userId, row.sealed, typed),
    );
  }

  /** @param by the user, or the administrator who helps somebody who lost both */
  async remove(userId: string, by: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      await manager.query('DELETE FROM identity_recovery_codes WHERE user_id = $1', [userId]);
      const [, removed] = await manager.query<[unknown[], number]>(
        'DELETE FROM identity_totp WHERE user_id = $1',
        [userId],
      );
      if (removed === 0) throw notEnrolled();
      const record = { at: this.now(), actorId: by, subjectId: userId } as const;
      await recordAccess(manager, { ...record, action: 'second-factor-removed' });
    });
  }

  /** Seals anew what is sealed under an older key, while that is still at hand. */
  async reseal(): Promise<number> {
    return resealSecrets((text, values) => this.database.query(text, [...values]), this.box);
  }

  async #row(userId: string): Promise<{ sealed: Buffer; confirmed: boolean } | null> {
    const [row] = await this.database.query<{ sealed: Buffer; confirmed: boolean }[]>(
      `SELECT sealed_secret AS sealed, confirmed_at IS NOT NULL AS confirmed
       FROM identity_totp WHERE user_id = $1`,
      [userId],
    );
    return row ?? null;
  }

  async #useStep(
    manager: EntityManager,
    userId: string,
    sealed: Buffer,
    code: string,
  ): Promise<boolean> {
    const secret = this.box.open(sealed, userId)?.plain;
    const step = secret ? totpStep(secret, code, this.now().getTime()) : null;
    if (step === null) return false;
    const [, used] = await manager.query<[unknown[], number]>(
      'UPDATE identity_totp SET last_step = $2 WHERE user_id = $1 AND last_step < $2',
      [userId, step],
    );
    return used === 1;
  }

  async #useRecoveryCode(userId: string, code: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const at = this.now();
      const [, used] = await manager.query<[unknown[], number]>(
        `UPDATE identity_recovery_codes SET used_at = $3
         WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL`,
        [userId, hashToken(code), at],
      );
      if (used !== 1) return false;
      const record = { at, actorId: userId, subjectId: userId } as const;
      await recordAccess(manager, { ...record, action: 'recovery-code-used' });
      return true;
    });
  }
}
