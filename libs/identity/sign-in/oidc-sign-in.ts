import type { DataSource } from 'typeorm';
import * as oidc from 'openid-client';
import { recordAccess } from '../access-records.js';
import { identityTaken, oidcRefused, oidcUnavailable, unknownSignIn } from '../refusals.js';
import { hashToken, newToken } from './secret-token.js';

export interface OidcSettings {
  /** The identity provider of the bureau: its issuer identifier. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where browsers reach us: the redirect address is registered below it. */
  readonly origin: () => string;
}

export const OIDC_CALLBACK = '/api/v1/session/oidc/callback';

/** Whoever comes back later begins again. */
export const SIGN_IN_MS_MAX = 10 * 60_000;

/** Methods that are, or stand for, a second factor (RFC 8176). */
const SECOND_FACTORS = ['mfa', 'otp', 'hwk', 'sc'];

export interface Begun {
  /** Where the browser goes. */
  readonly url: string;
  /** Stays with the browser, so that nobody else comes back with the answer. */
  readonly browserToken: string;
}

export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** The provider says that a second factor was shown. */
  readonly secondFactor: boolean;
  /** Set when somebody who is signed in connects the account. */
  readonly linkUserId: string | null;
}

interface Waiting {
  readonly browserHash: Buffer;
  readonly nonce: string;
  readonly verifier: string;
  readonly linkUserId: string | null;
}

/**
 * Sign-in by a bureau's own identity provider: OpenID Connect, code flow with PKCE, state and nonce; each begun sign-in
 * counts once, for the browser that began it. The provider says who somebody is and never what he may do: an identity is
 * connected to an account that exists, by its owner, and roles come from nowhere else.
 */
export class OidcSignIn {
  #configuration: Promise<oidc.Configuration> | null = null;

  constructor(
    private readonly database: DataSource,
    private readonly settings: OidcSettings,
    private readonly now: () => Date,
  ) {}

  /** @throws Problem 503 `identity-provider-unavailable` */
  async begin(linkUserId: string | null): Promise<Begun> {
    const configuration = await this.#discovered();
    const [state, browserToken] = [newToken(), newToken()];
    const nonce = oidc.randomNonce();
    const verifier = oidc.randomPKCECodeVerifier();
    const at = this.now();
    await this.database.query('DELETE FROM identity_oidc_sign_ins WHERE expires_at <= $1', [at]);
    await this.database.query(
      `INSERT INTO identity_oidc_sign_ins
         (state_hash, browser_hash, nonce, verifier, link_user_id, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        ...[hashToken(state), hashToken(browserToken), nonce, verifier, linkUserId],
        new Date(at.getTime() + SIGN_IN_MS_MAX),
      ],
    );
    const url = oidc.buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: this.settings.origin() + OIDC_CALLBACK, scope: 'openid', state, nonce },
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return { url: url.href, browserToken };
  }

  /**
   * @param search the query the provider sent the browser back with
   * @param browserToken what the browser kept
   * @throws Problem, first match wins: 400 `unknown-sign-in` (never begun, used, too late, or another browser's), 401
   * `oidc-refused`
   */
  async complete(search: string, browserToken: string | null): Promise<ExternalIdentity> {
    const url = new URL(this.settings.origin() + OIDC_CALLBACK + search);
    const state = url.searchParams.get('state') ?? '';
    const waiting = await this.#take(state);
    if (!waiting || !browserToken || !hashToken(browserToken).equals(waiting.browserHash)) {
      throw unknownSignIn();
    }
    const { nonce, verifier, linkUserId } = waiting;
    try {
      const tokens = await oidc.authorizationCodeGrant(await this.#discovered(), url, {
        ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims) throw oidcRefused();
      const methods = Array.isArray(claims['amr']) ? (claims['amr'] as unknown[]) : [];
      const secondFactor = methods.some((method) => SECOND_FACTORS.includes(String(method)));
      return { issuer: claims.iss, subject: claims.sub, secondFactor, linkUserId };
    } catch (error) {
      throw oidcRefused(error);
    }
  }

  /** The account the identity is connected to; null when there is none. */
  async userOf({ issuer, subject }: ExternalIdentity): Promise<string | null> {
    const [row] = await this.database.query<{ userId: string }[]>(
      `SELECT user_id AS "userId" FROM identity_external_identities
       WHERE issuer = $1 AND subject = $2`,
      [issuer, subject],
    );
    return row?.userId ?? null;
  }

  /** @throws Problem 409 `identity-taken` when it belongs to another account, or the account has another identity */
  async link(userId: string, { issuer, subject }: ExternalIdentity): Promise<void> {
    await this.database.transaction(async (manager) => {
      const at = this.now();
      const linked = await manager.query<unknown[]>(
        `INSERT INTO identity_external_identities (issuer, subject, user_id, linked_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING user_id`,
        [issuer, subject, userId, at],
      );
      if (linked.length === 0) throw identityTaken();
      const record = { at, actorId: userId, subjectId: userId } as const;
      await recordAccess(manager, { ...record, action: 'external-identity-linked' });
    });
  }

  async unlink(userId: string): Promise<void> {
    await this.database.transaction(async (manager) => {
      const [, removed] = await manager.query<[unknown[], number]>(
        'DELETE FROM identity_external_identities WHERE user_id = $1 AND issuer = $2',
        [userId, this.settings.issuer],
      );
      if (removed === 0) return;
      const record = { at: this.now(), actorId: userId, subjectId: userId } as const;
      await recordAccess(manager, { ...record, action: 'external-identity-unlinked' });
    });
  }

  /** A state counts once, however often the browser comes back with it. */
  async #take(state: string): Promise<Waiting | null> {
    const [rows] = await this.database.query<[Waiting[], number]>(
      `DELETE FROM identity_oidc_sign_ins WHERE state_hash = $1 AND expires_at > $2
       RETURNING browser_hash AS "browserHash", nonce, verifier, link_user_id AS "linkUserId"`,
      [hashToken(state), this.now()],
    );
    return rows[0] ?? null;
  }

  async #discovered(): Promise<oidc.Configuration> {
    this.#configuration ??= this.#discover();
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = null;
      throw oidcUnavailable(error);
    }
  }

  #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const server = new URL(issuer);
    // Configuration admits plain HTTP on loopback alone, where nobody listens in between.
    const execute = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
    return oidc.discovery(server, clientId, clientSecret, undefined, { execute });
  }
}
