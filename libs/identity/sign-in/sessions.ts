import type { DataSource, EntityManager } from 'typeorm';
import { recordAccess } from '../access-records.js';
import type { Verified } from '../accounts/user.js';
import type { Principal } from '../principal.js';
import type { PrincipalCache } from './principal-cache.js';
import { hashToken, newToken, tokenKey } from './secret-token.js';
import { principalColumns, recognised, type RecognisedRow } from './user-principal.js';

/** Domain, people and privacy: idle 15 minutes, 8 hours at most. */
const SESSION_IDLE_MS = 15 * 60_000;
const SESSION_LIFE_MS = 8 * 3_600_000;

export interface OpenedSession {
  /** Given to the browser as a cookie and kept nowhere. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** A session of a person, as they see it themselves. */
export interface OwnSession {
  readonly openedAt: Date;
  /** As far as the database knows: up to `BELIEVED_MS` ago it may have been used again. */
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly secondFactor: boolean;
  /** The one that asks. */
  readonly isThis: boolean;
}

/** Of one person, newest first. */
const SESSIONS_SHOWN_MAX = 200;

// Recognising and noting the use are one statement: a session that idled out between the two cannot be revived.
const RECOGNISE = `
  UPDATE identity_sessions s SET last_seen_at = GREATEST(s.last_seen_at, $2)
  FROM identity_users u
  WHERE s.token_hash = $1 AND u.id = s.user_id AND NOT u.disabled
    AND s.expires_at > $2 AND GREATEST(s.last_seen_at, $3) > $4
  RETURNING ${principalColumns('s.second_factor')}, s.expires_at AS "expiresAt"`;

/** Holds the account as it is until the session is there: who sets a password waits, and then ends that session too. */
const STILL_THE_PASSWORD = `
  SELECT FROM identity_users WHERE id = $1 AND password_hash = $2 AND NOT disabled FOR SHARE`;

/**
 * Sessions of persons: opaque tokens, idle 15 minutes, 8 hours at most. The database is asked every few seconds a session
 * (`BELIEVED_MS`); in between this process remembers, also when the session was last used.
 */
export class Sessions {
  constructor(
    private readonly database: DataSource,
    private readonly cache: PrincipalCache,
    private readonly now: () => Date,
  ) {}

  /**
   * Also sweeps the user's sessions that ended by themselves.
   *
   * @param secondFactor whether one was shown
   */
  async open(userId: string, address: string, secondFactor = false): Promise<OpenedSession> {
    const opened = await this.#open(userId, address, { secondFactor });
    if (opened === null) throw new Error('a session was not opened');
    return opened;
  }

  /**
   * As `open`, for somebody who has shown a password.
   *
   * @returns null when it is the account's password no more, or the account was disabled meanwhile
   */
  async openWith(
    { user, passwordHash }: Verified,
    address: string,
    secondFactor: boolean,
  ): Promise<OpenedSession | null> {
    return this.#open(user.id, address, { secondFactor, passwordHash });
  }

  async #open(
    userId: string,
    address: string,
    shown: { readonly secondFactor: boolean; readonly passwordHash?: string },
  ): Promise<OpenedSession | null> {
    const { secondFactor, passwordHash } = shown;
    const token = newToken();
    const at = this.now();
    const expiresAt = new Date(at.getTime() + SESSION_LIFE_MS);
    const isOpen = await this.database.transaction(async (manager) => {
      // Before the account's sessions: in the order of whoever changes a password and ends them.
      if (passwordHash !== undefined) {
        const held = await manager.query<unknown[]>(STILL_THE_PASSWORD, [userId, passwordHash]);
        if (held.length === 0) return false;
      }
      await manager.query(
        `DELETE FROM identity_sessions
         WHERE user_id = $1 AND (expires_at <= $2 OR last_seen_at <= $3)`,
        [userId, at, new Date(at.getTime() - SESSION_IDLE_MS)],
      );
      await manager.query(
        `INSERT INTO identity_sessions (token_hash, user_id, created_at, last_seen_at, expires_at, second_factor)
         VALUES ($1, $2, $3, $3, $4, $5)`,
        [hashToken(token), userId, at, expiresAt, secondFactor],
      );
      const record = { at, actorId: userId, subjectId: userId, address } as const;
      await recordAccess(manager, { ...record, action: 'session-opened' });
      return true;
    });
    return isOpen ? { token, expiresAt } : null;
  }

  /** Ends the session, if it is one; in this process at once, in others within `BELIEVED_MS`. */
  async end(token: string, address: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      const [rows] = await manager.query<[{ userId: string }[], number]>(
        'DELETE FROM identity_sessions WHERE token_hash = $1 RETURNING user_id AS "userId"',
        [hashToken(token)],
      );
      const userId = rows[0]?.userId;
      if (userId === undefined) return;
      const record = { at: this.now(), actorId: userId, subjectId: userId, address } as const;
      await recordAccess(manager, { ...record, action: 'session-ended' });
    });
    this.cache.forgetKey(tokenKey(token));
  }

  /** What is open of a person at the moment. @param token of the session that asks; null: none does */
  async of(userId: string, token: string | null): Promise<OwnSession[]> {
    const at = this.now();
    return this.database.query<OwnSession[]>(
      `SELECT created_at AS "openedAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt",
         second_factor AS "secondFactor", coalesce(token_hash = $4, false) AS "isThis"
       FROM identity_sessions WHERE user_id = $1 AND expires_at > $2 AND last_seen_at > $3
       ORDER BY created_at DESC LIMIT ${SESSIONS_SHOWN_MAX}`,
      [
        userId,
        at,
        new Date(at.getTime() - SESSION_IDLE_MS),
        token === null ? null : hashToken(token),
      ],
    );
  }

  /** Ends every session of the person but the one that asks; in other processes within `BELIEVED_MS`. */
  async endOthersOf(userId: string, token: string | null, address: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      const [, ended] = await manager.query<[unknown[], number]>(
        'DELETE FROM identity_sessions WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2',
        [userId, token === null ? null : hashToken(token)],
      );
      if (ended === 0) return;
      const record = { at: this.now(), actorId: userId, subjectId: userId, address } as const;
      await recordAccess(manager, {
        ...record,
        action: 'session-ended',
        detail: `others:${ended}`,
      });
    });
    this.cache.forgetUser(userId);
  }

  /** Part of a change to the account; call `forget` once its transaction is through. */
  async endAllOf(manager: EntityManager, userId: string): Promise<void> {
    await manager.query('DELETE FROM identity_sessions WHERE user_id = $1', [userId]);
  }

  /** Makes a change to the account count at once in this process, for sessions and bearer tokens. */
  forget(userId: string): void {
    this.cache.forgetUser(userId);
  }

  /** Whose session this is; null when it is none, has ended, or its user is disabled. Immediate when remembered. */
  recognise(token: string): Principal | null | Promise<Principal | null> {
    const key = tokenKey(token);
    const nowMs = this.now().getTime();
    const entry = this.cache.get(key);
    if (entry !== undefined && this.cache.isFresh(entry, nowMs)) {
      entry.lastSeenMs = nowMs;
      return entry.principal;
    }
    return this.cache.ask(key, nowMs, async () => {
      const [rows] = await this.database.query<[RecognisedRow[], number]>(RECOGNISE, [
        hashToken(token),
        new Date(nowMs),
        new Date(entry?.lastSeenMs ?? 0),
        new Date(nowMs - SESSION_IDLE_MS),
      ]);
      return recognised(rows[0]);
    });
  }
}
