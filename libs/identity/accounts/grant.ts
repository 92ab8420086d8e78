import type { GrantKind, GrantTerms } from '@fundflow/domain/oversight/events';
import type { RegionCode } from '@fundflow/domain/region';
import type { Role } from '../policy.js';

export type GrantState = 'proposed' | 'in-force' | 'done' | 'revoked';

/** What is to be done to an account, as kept until a second person decides; never a password or a token. */
export interface KeptTerms {
  readonly login?: string;
  readonly roles?: readonly Role[];
  readonly region?: string;
  readonly unit?: string;
  readonly disabled?: boolean;
  /** What a token is for, and for how many days from its approval it is good. */
  readonly name?: string;
  readonly days?: number;
}

export interface Grant {
  readonly id: string;
  readonly kind: GrantKind;
  readonly state: GrantState;
  /** The account it is for; null while it is to be created. */
  readonly accountId: string | null;
  /** Of an account: where it is or will be. Of a case: what is opened. */
  readonly region: RegionCode;
  readonly terms: KeptTerms;
  readonly caseId: string | null;
  readonly until: Date | null;
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  /** There was no second administrator who could have decided. */
  readonly alone: boolean;
}

export interface Proposal {
  readonly kind: GrantKind;
  readonly accountId: string | null;
  readonly region: RegionCode;
  readonly terms: KeptTerms;
  readonly caseId?: string;
  readonly until?: Date;
  readonly reason?: string;
}

/** The terms as the log keeps them: no login, no unit, no free words. */
export function termsOf(grant: {
  readonly kind: GrantKind;
  readonly accountId: string | null;
  readonly region: RegionCode;
  readonly terms: KeptTerms;
  readonly caseId?: string | null;
  readonly until?: Date | null;
}): GrantTerms {
  const { kind, accountId, region, terms, caseId, until } = grant;
  return {
    ...{ kind, accountId, region, roles: terms.roles ?? null, caseId: caseId ?? null },
    until: until?.toISOString() ?? null,
    tokenDays: terms.days ?? null,
  };
}
