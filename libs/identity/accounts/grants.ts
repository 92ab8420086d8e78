import { randomUUID } from 'node:crypto';
import { liesIn, type RegionCode } from '@fundflow/domain/region';
import type { OversightLog } from '@fundflow/oversight/oversight-log';
import type { ReadScope } from '@fundflow/row-security/read-scope';
import type { EntityManager } from 'typeorm';
import type { AccountChange } from './account-values.js';
import { type Grant, type GrantState, type Proposal, termsOf } from './grant.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { BearerTokens, IssuedToken } from '../sign-in/bearer-tokens.js';
import { randomPassword } from '../sign-in/password.js';
import { officerOf, type Principal } from '../principal.js';
import { recordedFirst } from '../recorded-first.js';
import { alreadyDecided, noSuchGrant, proposalLapsed, secondPersonNeeded } from '../refusals.js';
import type { Sessions } from '../sign-in/sessions.js';
import type { User } from './user.js';
import type { UserDirectory } from './user-directory.js';

/** What an approval brought about. A password nobody chose, and a token, are shown to whoever approved, once. */
export interface Approved {
  readonly grant: Grant;
  readonly user: User | null;
  readonly password: string | null;
  readonly token: IssuedToken | null;
}

/** What most changes leave to be shown. */
const NOTHING = { user: null, password: null, token: null };

const COLUMNS = `
  g.id, g.kind, g.state, g.account_id AS "accountId", g.region, g.terms, g.case_id AS "caseId",
  g.until, g.proposed_by AS "proposedBy", g.proposed_at AS "proposedAt",
  g.decided_by AS "decidedBy", g.decided_at AS "decidedAt", g.alone`;

export const GRANTS_PAGE = 100;
const DAY_MS = 24 * 3_600_000;
/** Who proposed may have gone since, and why may be forgotten: then it is proposed anew. As settings. */
const PROPOSAL_MS_MAX = 30 * DAY_MS;

/** Where a page of grants ended: several may be proposed within one millisecond. */
export type GrantPlace = Readonly<{ proposedAt: string; id: string }>;

/**
 * What needs two persons: an administrator proposes, a second person decides. Accounts, roles, regions, passwords, tokens
 * of systems and whatever is done to an administrator are decided by another administrator of the jurisdiction; a region opened to an inspector for
 * a case by an inspector above him, who knows the case, where administrators do not.
 *
 * Where no second administrator could decide, the only one acts alone and the log says so: the first start and the
 * demonstration begin like that, and it ends with the second administrator. Nobody gets back there alone, since also
 * disabling an administrator, and setting his password, need two.
 */
export class Grants {
  constructor(
    private readonly database: IdentityDatabase,
    private readonly users: UserDirectory,
    private readonly tokens: BearerTokens,
    private readonly sessions: Sessions,
    private readonly oversight: Pick<OversightLog, 'record'>,
    private readonly now: () => Date,
  ) {}

  /** The same proposals and accounts as far as they lie in a scope. */
  within(scope: ReadScope): Grants {
    const [database, users] = [this.database.within(scope), this.users.within(scope)];
    const tokens = this.tokens.within(scope);
    return new Grants(database, users, tokens, this.sessions, this.oversight, this.now);
  }

  /** Keeps the proposal and records it, or neither. */
  async propose(asker: Principal, proposal: Proposal): Promise<Grant> {
    const id = randomUUID();
    await this.database.transaction(async (manager) => {
      await this.#insert(manager, id, asker, proposal);
      const data = { ...termsOf(proposal), grantId: id };
      const reason = proposal.reason ?? null;
      await this.#record(asker, { type: 'GrantProposed', data, reason });
    });
    return this.find(id);
  }

  /** Does at once what the only administrator decides; recorded as such. */
  async actAlone(asker: Principal, proposal: Proposal, password?: string): Promise<Approved> {
    const id = randomUUID();
    return this.#concluding(async (manager) => {
      await this.#insert(manager, id, asker, proposal);
      const grant = await this.#locked(manager, id);
      return this.#carryOut(manager, asker, grant, { alone: true, password });
    });
  }

  /**
   * @throws Problem, first match wins: 404 `no-such-grant` (also beyond the asker's reach), 409 `already-decided`,
   * `proposal-lapsed`, 403 `second-person-needed`; and what the change itself is refused for
   */
  async approve(asker: Principal, id: string): Promise<Approved> {
    await this.#assertMayDecide(asker, await this.#anywhere(id));
    return this.#concluding(async (manager) => {
      const grant = await this.#locked(manager, id);
      if (grant.state !== 'proposed') throw alreadyDecided();
      if (this.now().getTime() - grant.proposedAt.getTime() > PROPOSAL_MS_MAX) {
        throw proposalLapsed();
      }
      // Whoever it is about may agree to lose a right, never to get one.
      const forOneself = grant.accountId === asker.actorId && grant.terms.disabled !== true;
      if (grant.proposedBy === asker.actorId || forOneself) throw secondPersonNeeded();
      return this.#carryOut(manager, asker, grant, { alone: false });
    });
  }

  /** Turns a proposal down, withdraws it, or ends a case grant before its time. @throws as `approve` */
  async revoke(asker: Principal, id: string): Promise<Grant> {
    const found = await this.#anywhere(id);
    if (found.proposedBy !== asker.actorId) await this.#assertMayDecide(asker, found);
    const accountId = await this.database.transaction(async (manager) => {
      const grant = await this.#locked(manager, id);
      if (grant.state !== 'proposed' && grant.state !== 'in-force') throw alreadyDecided();
      await this.#mark(manager, id, { state: 'revoked', by: asker, alone: grant.alone });
      const data = { ...termsOf(grant), grantId: id, was: grant.state };
      await this.#record(asker, { type: 'GrantRevoked', data });
      return grant.accountId;
    });
    if (accountId !== null) this.sessions.forget(accountId);
    return this.find(id);
  }

  /** @throws Problem 404 `no-such-grant` */
  async find(id: string, among = this.database): Promise<Grant> {
    const [row] = await among.query<Grant[]>(
      `SELECT ${COLUMNS} FROM identity_grants g WHERE g.id = $1`,
      [id],
    );
    if (!row) throw noSuchGrant();
    return row;
  }

  /** Those the asker may decide or has proposed, the newest first. */
  async list(asker: Principal, after: GrantPlace | null): Promise<Grant[]> {
    return this.database.query<Grant[]>(
      `SELECT ${COLUMNS} FROM identity_grants g
       LEFT JOIN identity_users a ON a.id = g.account_id
       WHERE ($1::timestamptz IS NULL OR g.proposed_at < $1 OR (g.proposed_at = $1 AND g.id > $6))
         AND (g.proposed_by = $2
           OR ($3 AND ($4 = '000000' OR starts_with(coalesce(a.region, g.region), $4)))
           OR ($5 AND g.kind = 'case' AND a.region <> $4
               AND ($4 = '000000' OR starts_with(a.region, $4) AND starts_with(g.region, $4))))
       ORDER BY g.proposed_at DESC, g.id LIMIT ${GRANTS_PAGE}`,
      [
        ...[after?.proposedAt ?? null, asker.actorId, asker.roles.includes('admin'), asker.region],
        asker.roles.includes('inspector'),
        after?.id ?? null,
      ],
    );
  }

  /** Accounts by administrators of their region; cases by inspectors above who answer for what is opened. */
  mayDecide(asker: Principal, { kind, region }: Grant, accountRegion: RegionCode | null): boolean {
    const lies = (place: RegionCode): boolean => liesIn(place, asker.region);
    if (kind !== 'case') {
      return asker.roles.includes('admin') && lies(accountRegion ?? region) && lies(region);
    }
    const isAbove = accountRegion !== null && lies(accountRegion) && accountRegion !== asker.region;
    return asker.roles.includes('inspector') && isAbove && lies(region);
  }

  /** Also beyond the scope: whoever asks for it there is refused, and that is recorded. */
  #anywhere(id: string): Promise<Grant> {
    return this.find(id, this.database.within(null));
  }

  async #assertMayDecide(asker: Principal, grant: Grant): Promise<void> {
    const everywhere = this.users.within(null);
    const account = grant.accountId === null ? null : await everywhere.find(grant.accountId);
    if (this.mayDecide(asker, grant, account?.region ?? null)) return;
    throw noSuchGrant().denying({ code: 'out-of-jurisdiction', about: grant.region });
  }

  async #concluding(work: (manager: EntityManager) => Promise<Concluded>): Promise<Approved> {
    const { id, ...shown } = await this.database.transaction(work);
    const grant = await this.find(id);
    const accountId = grant.accountId ?? shown.user?.id ?? null;
    if (accountId !== null) this.sessions.forget(accountId);
    return { grant, ...shown };
  }

  async #carryOut(
    manager: EntityManager,
    asker: Principal,
    grant: Grant,
    { alone, password }: { readonly alone: boolean; readonly password?: string | undefined },
  ): Promise<Concluded> {
    const { id, kind, accountId, terms } = grant;
    const done = await this.#change(manager, asker, grant, password ?? randomPassword());
    const state = kind === 'case' ? 'in-force' : 'done';
    const account = accountId ?? done.user?.id ?? null;
    await this.#mark(manager, id, { state, by: asker, alone, account });
    const { proposedBy } = grant;
    const data = { ...termsOf({ ...grant, terms, accountId: account }), grantId: id };
    await this.#record(asker, { type: 'GrantApproved', data: { ...data, proposedBy, alone } });
    return { id, ...done };
  }

  async #change(
    manager: EntityManager,
    asker: Principal,
    { kind, accountId, terms }: Grant,
    fresh: string,
  ): Promise<Omit<Concluded, 'id'>> {
    const by = asker.actorId;
    switch (kind) {
      case 'create-account': {
        const { login = '', roles = [], region = '', unit = '' } = terms;
        const isSystem = roles.includes('system');
        const password = isSystem ? null : fresh;
        const account = { login, roles, region, unit, password, origin: 'admin' as const, by };
        const mustChangePassword = !isSystem;
        const [user] = await this.users.createAll([{ ...account, mustChangePassword }], manager);
        return { ...NOTHING, user: user ?? null, password };
      }
      case 'change-account': {
        const change: AccountChange = terms;
        const user = await this.users.change(accountId ?? '', change, by, manager);
        return { ...NOTHING, user };
      }
      case 'set-password': {
        await this.users.setPassword(accountId ?? '', fresh, by, manager);
        return { ...NOTHING, password: fresh };
      }
      case 'issue-token': {
        const { name = '', days = 0 } = terms;
        const token = { userId: accountId ?? '', name, lifeMs: days * DAY_MS, by };
        return { ...NOTHING, token: await this.tokens.issue(token, manager) };
      }
      case 'case':
        return NOTHING;
    }
  }

  async #insert(
    manager: EntityManager,
    id: string,
    asker: Principal,
    { kind, accountId, region, terms, caseId, until }: Proposal,
  ): Promise<void> {
    await manager.query(
      `INSERT INTO identity_grants
         (id, kind, state, account_id, region, terms, case_id, until, proposed_by, proposed_at)
       VALUES ($1, $2, 'proposed', $3, $4, $5, $6, $7, $8, $9)`,
      [
        ...[id, kind, accountId, region, JSON.stringify(terms), caseId ?? null, until ?? null],
        ...[asker.actorId, this.now()],
      ],
    );
  }

  async #locked(manager: EntityManager, id: string): Promise<Grant> {
    const [row] = await manager.query<Grant[]>(
      `SELECT ${COLUMNS} FROM identity_grants g WHERE g.id = $1 FOR UPDATE`,
      [id],
    );
    if (!row) throw noSuchGrant();
    return row;
  }

  async #mark(
    manager: EntityManager,
    id: string,
    mark: { state: GrantState; by: Principal; alone: boolean; account?: string | null },
  ): Promise<void> {
    await manager.query(
      `UPDATE identity_grants SET state = $2, decided_by = $3, decided_at = $4, alone = $5,
         account_id = coalesce(account_id, $6) WHERE id = $1`,
      [id, mark.state, mark.by.actorId, this.now(), mark.alone, mark.account ?? null],
    );
  }

  async #record(asker: Principal, fact: Parameters<OversightLog['record']>[1]): Promise<void> {
    await recordedFirst(this.oversight.record(officerOf(asker), fact));
  }
}

type Concluded = Omit<Approved, 'grant'> & { readonly id: string };
