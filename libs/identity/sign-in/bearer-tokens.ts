import { randomUUID } from 'node:crypto';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { EntityManager } from 'typeorm';
import { recordAccess } from '../access-records.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { Principal } from '../principal.js';
import type { PrincipalCache } from './principal-cache.js';
import { noSuchToken } from '../refusals.js';
import { hashToken, newToken, tokenKey } from './secret-token.js';
import { principalColumns, recognised, type RecognisedRow } from './user-principal.js';

export interface TokenSummary {
  readonly id: string;
  readonly userId: string;
  readonly login: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

export interface IssuedToken {
  readonly id: string;
  /** Shown once and kept nowhere. */
  readonly token: string;
  readonly expiresAt: Date;
}

export interface IssueToken {
  /** A system's account; the caller has made sure. */
  readonly userId: string;
  readonly name: string;
  readonly lifeMs: number;
  /** Who issues it; null for the process itself. */
  readonly by: string | null;
  /** Revoke the user's earlier tokens of this name in the same moment. */
  readonly replace?: boolean;
}

const RECOGNISE = `
  UPDATE identity_bearer_tokens t SET last_used_at = $2
  FROM identity_users u
  WHERE t.token_hash = $1 AND u.id = t.user_id AND NOT u.disabled
    AND t.revoked_at IS NULL AND t.expires_at > $2
  RETURNING ${principalColumns('true')}, t.expires_at AS "expiresAt"`;

const LIST_MAX = 1_000;

/** Bearer tokens of systems: named, hashed, with an expiry. */
export class BearerTokens {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly cache: PrincipalCache,
    private readonly now: () => Date,
  ) {}

  /** The same tokens as far as their accounts lie in a scope. */
  within(scope: ReadScope): BearerTokens {
    return new BearerTokens(this.database.within(scope), this.cache, this.now);
  }

  /** @param within the transaction it is part of; else one of its own */
  async issue(command: IssueToken, within?: EntityManager): Promise<IssuedToken> {
    const id = randomUUID();
    const token = newToken();
    const at = this.now();
    const expiresAt = new Date(at.getTime() + command.lifeMs);
    const keep = async (manager: EntityManager): Promise<void> => {
      if (command.replace) {
        await manager.query(
          `UPDATE identity_bearer_tokens SET revoked_at = $3
           WHERE user_id = $1 AND name = $2 AND revoked_at IS NULL`,
          [command.userId, command.name, at],
        );
      }
      await manager.query(
        `INSERT INTO identity_bearer_tokens
           (id, token_hash, user_id, name, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, hashToken(token), command.userId, command.name, at, expiresAt],
      );
      const subject = { actorId: command.by, subjectId: command.userId, detail: id };
      await recordAccess(manager, { at, action: 'token-issued', ...subject });
    };
    await (within ? keep(within) : this.database.transaction(keep));
    if (command.replace) this.cache.forgetUser(command.userId);
    return { id, token, expiresAt };
  }

  /** @throws Problem 404 `no-such-token` when it is unknown or revoked already */
  async revoke(id: string, by: string): Promise<void> {
    const userId = await this.database.transaction(async (manager) => {
      const at = this.now();
      const [rows] = await manager.query<[{ userId: string }[], number]>(
        `UPDATE identity_bearer_tokens SET revoked_at = $2
         WHERE id = $1 AND revoked_at IS NULL RETURNING user_id AS "userId"`,
        [id, at],
      );
      const owner = rows[0]?.userId;
      if (owner === undefined) throw noSuchToken();
      const subject = { actorId: by, subjectId: owner, detail: id };
      await recordAccess(manager, { at, action: 'token-revoked', ...subject });
      return owner;
    });
    this.cache.forgetUser(userId);
  }

  /** Whose token this is; null when it is unknown. Also of one that was revoked or has expired. */
  async ownerOf(id: string): Promise<string | null> {
    const rows = await this.database.query<{ userId: string }[]>(
      'SELECT user_id AS "userId" FROM identity_bearer_tokens WHERE id = $1',
      [id],
    );
    return rows[0]?.userId ?? null;
  }

  /** Tokens in force of users whose region lies in `region`, newest first, at most 1,000. */
  async inForce(regionPrefix: string): Promise<TokenSummary[]> {
    return this.database.query<TokenSummary[]>(
      `SELECT t.id, t.user_id AS "userId", u.login, t.name, t.created_at AS "createdAt",
              t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt"
       FROM identity_bearer_tokens t JOIN identity_users u ON u.id = t.user_id
       WHERE t.revoked_at IS NULL AND t.expires_at > $1 AND starts_with(u.region, $2)
       ORDER BY t.created_at DESC, t.id LIMIT ${LIST_MAX}`,
      [this.now(), regionPrefix],
    );
  }

  /** Whose token this is; null when it is none, revoked, expired, or its user is disabled. */
  recognise(token: string): Principal | null | Promise<Principal | null> {
    const key = tokenKey(token);
    const nowMs = this.now().getTime();
    const entry = this.cache.get(key);
    if (entry !== undefined && this.cache.isFresh(entry, nowMs)) return entry.principal;
    return this.cache.ask(key, nowMs, async () => {
      const values = [hashToken(token), new Date(nowMs)];
      const [rows] = await this.database.query<[RecognisedRow[], number]>(RECOGNISE, values);
      return recognised(rows[0]);
    });
  }
}
