import type { EventHead } from '../holding/events.js';
import type { RegionCode } from '../region.js';
import type {
  PersonalSettingApproved,
  PersonalSettingProposed,
  SettingChanged,
} from './personal-settings.js';
import type { SettingProposed } from './setting-proposals.js';

/**
 * Who looked, who was turned away, who changed what people may do: the audit of the auditors, in the same log as the
 * money. None of it holds personal data: actors are pseudonymous ids, persons are blind indexes or the ids of events that
 * name them by commitment, reasons in free words are commitments (`libs/oversight` keeps the words, and can forget them).
 *
 * `region` of each is the jurisdiction of the actor, so that those above can be shown it and those below cannot. Stream
 * `oversight-<day>-<writer>`: one a process and day, so that no two writers meet. Key `oversight:<uuid>`, index 0,
 * `occurredOn` null: what counts is when it was recorded.
 */
export type OversightEvent =
  | PersonalDataRead
  | PersonalDataUnmasked
  | PersonalDataSearched
  | DataExported
  | AccessDenied
  | AccountChanged
  | SignInRecorded
  | SettingProposed
  | SettingChanged
  | PersonalSettingProposed
  | PersonalSettingApproved
  | SubmissionCheckedFirst
  | GrantProposed
  | GrantApproved
  | GrantRevoked
  | ErasureProposed
  | SubjectErased
  | LegalHoldSet
  | LegalHoldLifted
  | ProcessingRestricted
  | RestrictionLifted;

export type OversightEventType = OversightEvent['type'];

/**
 * What personal data is looked at for: 案件核查, 12317 来电核对, 退票错付更正, 本人行使权利, 审计, and names as an answer shows
 * them by itself, masked.
 */
export const PURPOSES = [
  ...(['investigation', 'complaint', 'payment-correction', 'subject-request'] as const),
  ...(['audit', 'masked-answer'] as const),
] as const;
export type Purpose = (typeof PURPOSES)[number];

export type OversightField = 'name' | 'code' | 'account' | 'phone';

/** Why somebody looked. */
export interface Why {
  readonly purpose: Purpose;
  /** Number of the case or complaint; never a name. */
  readonly caseId: string | null;
  /** HMAC-SHA256 (hex) of the reason in free words under a random opening; null when none was given. */
  readonly reasonCommitment: string | null;
}

/** At most so many event ids stand in one record; `persons` counts all. */
export const NAMED_EVENTS_MAX = 200;

/** An answer showed data of persons. */
export interface PersonalDataRead extends EventHead<'PersonalDataRead'> {
  readonly data: Why & {
    /** The route, as declared: `GET /api/v1/counties/:code/trail`. */
    readonly question: string;
    /** What was asked about: a region code or the id of a record. */
    readonly about: string;
    readonly masked: boolean;
    readonly fields: readonly OversightField[];
    /** How many persons' entries the answer held. */
    readonly persons: number;
    /** Events that name the persons, at most `NAMED_EVENTS_MAX`. */
    readonly eventIds: readonly string[];
  };
}

/** One field of one person was shown in clear. */
export interface PersonalDataUnmasked extends EventHead<'PersonalDataUnmasked'> {
  readonly data: Why & {
    readonly field: OversightField;
    /** The event that names the person. */
    readonly subjectEventId: string;
    /** Blind index of the person (hex). */
    readonly subject: string;
    /** How many the actor has had shown on that day, this one included. */
    readonly ofTheDay: number;
    /** Whether that is more than is usual, so that somebody should look. */
    readonly aboveUsual: boolean;
  };
}

/** Somebody searched for a person. */
export interface PersonalDataSearched extends EventHead<'PersonalDataSearched'> {
  readonly data: Why & {
    readonly by: 'id' | 'account' | 'name' | 'phone';
    /** Blind index of what was searched for (hex). */
    readonly sought: string;
    /** The region the search was limited to; null = the whole jurisdiction. */
    readonly within: RegionCode | null;
    readonly found: number;
  };
}

/** Data left the system as a file. */
export interface DataExported extends EventHead<'DataExported'> {
  readonly data: {
    readonly question: string;
    readonly about: string;
    readonly format: string;
    /** Rows or records, where it is known beforehand. */
    readonly rows: number | null;
    /** SHA-256 (hex) of what was handed over, where it is known beforehand. */
    readonly sha256: string | null;
    readonly caseId: string | null;
  };
}

/** Somebody who is known was turned away. Repetitions at the same moment are counted, not repeated. */
export interface AccessDenied extends EventHead<'AccessDenied'> {
  readonly data: {
    readonly question: string;
    /** The problem's code: `not-allowed`, `out-of-jurisdiction`, … */
    readonly code: string;
    /** The region or record that was asked about, where there is one. */
    readonly about: string | null;
    readonly times: number;
  };
}

/** What can happen to an account. */
export type AccountChange =
  | 'user-created'
  | 'user-changed'
  | 'password-set'
  | 'token-issued'
  | 'token-revoked'
  | 'second-factor-set'
  | 'second-factor-removed'
  | 'recovery-code-used'
  | 'external-identity-linked'
  | 'external-identity-unlinked';

export interface AccountChanged extends EventHead<'AccountChanged'> {
  readonly data: {
    readonly change: AccountChange;
    readonly accountId: string;
    /** What it is now, in codes. */
    readonly detail: string | null;
  };
}

export interface SignInRecorded extends EventHead<'SignInRecorded'> {
  readonly data: {
    readonly outcome: 'opened' | 'refused' | 'ended';
    readonly accountId: string;
  };
}

/** The first of two checkers agreed; nothing is posted before the second. Amounts in fen, as decimal text. */
export interface SubmissionCheckedFirst extends EventHead<'SubmissionCheckedFirst'> {
  readonly data: {
    readonly submissionId: string;
    readonly maker: string;
    readonly rows: 'all' | 'valid';
    readonly amount: string;
    readonly threshold: string;
  };
}

/** What is asked for, and needs a second person. */
export type GrantKind =
  'create-account' | 'change-account' | 'set-password' | 'issue-token' | 'case';

export interface GrantTerms {
  readonly kind: GrantKind;
  /** The account it is for; null when it is created by the grant. */
  readonly accountId: string | null;
  readonly roles: readonly string[] | null;
  readonly region: RegionCode | null;
  readonly caseId: string | null;
  /** RFC 3339; null = no end. */
  readonly until: string | null;
  /** For how many days from its approval a token is good; null where none is issued. Since schema 2. */
  readonly tokenDays: number | null;
}

export interface GrantProposed extends EventHead<'GrantProposed'> {
  readonly data: GrantTerms & {
    readonly grantId: string;
    readonly reasonCommitment: string | null;
  };
}

/** The actor is the second person; or the only administrator there is, and then it says so. */
export interface GrantApproved extends EventHead<'GrantApproved'> {
  readonly data: GrantTerms & {
    readonly grantId: string;
    readonly proposedBy: string;
    readonly alone: boolean;
  };
}

/** Withdrawn, turned down, or ended before its time. */
export interface GrantRevoked extends EventHead<'GrantRevoked'> {
  readonly data: GrantTerms & { readonly grantId: string; readonly was: 'proposed' | 'in-force' };
}

export interface ErasureProposed extends EventHead<'ErasureProposed'> {
  readonly data: {
    readonly erasureId: string;
    readonly subject: string;
    /** Code of the legal basis. */
    readonly basis: string;
    readonly reasonCommitment: string | null;
  };
}

/** Key and sealed data of a person are destroyed; the commitments stay and open no more. */
export interface SubjectErased extends EventHead<'SubjectErased'> {
  readonly data: {
    readonly erasureId: string;
    /** Blind index of the person (hex). */
    readonly subject: string;
    readonly basis: string;
    /** Two different pseudonymous ids. */
    readonly approvers: readonly [string, string];
    /** Keys of the records whose openings are gone; more than fit stand in further events of the same erasure. */
    readonly recordKeys: readonly string[];
  };
}

/** Data of a person must not be erased. */
export interface LegalHoldSet extends EventHead<'LegalHoldSet'> {
  readonly data: {
    readonly holdId: string;
    readonly subject: string;
    readonly caseId: string | null;
    readonly reasonCommitment: string | null;
    /** RFC 3339; null = until lifted. */
    readonly until: string | null;
  };
}

export interface LegalHoldLifted extends EventHead<'LegalHoldLifted'> {
  readonly data: { readonly holdId: string; readonly subject: string };
}

/** Data of a person is kept and no longer shown, except for what it is held for. */
export interface ProcessingRestricted extends EventHead<'ProcessingRestricted'> {
  readonly data: {
    readonly restrictionId: string;
    readonly subject: string;
    readonly basis: string;
    readonly reasonCommitment: string | null;
    readonly until: string | null;
  };
}

export interface RestrictionLifted extends EventHead<'RestrictionLifted'> {
  readonly data: { readonly restrictionId: string; readonly subject: string };
}

const TYPES: Readonly<Record<OversightEventType, true>> = {
  PersonalDataRead: true,
  PersonalDataUnmasked: true,
  PersonalDataSearched: true,
  DataExported: true,
  AccessDenied: true,
  AccountChanged: true,
  SignInRecorded: true,
  SettingProposed: true,
  SettingChanged: true,
  PersonalSettingProposed: true,
  PersonalSettingApproved: true,
  SubmissionCheckedFirst: true,
  GrantProposed: true,
  GrantApproved: true,
  GrantRevoked: true,
  ErasureProposed: true,
  SubjectErased: true,
  LegalHoldSet: true,
  LegalHoldLifted: true,
  ProcessingRestricted: true,
  RestrictionLifted: true,
};

/** Every type, in the order of the union. */
export const OVERSIGHT_TYPES = Object.keys(TYPES) as readonly OversightEventType[];

/** Whether an event is about those who look, and moves no money: what folds money leaves it out by this. */
export const isOversight = <T extends { readonly type: string }>(
  event: T,
): event is Extract<T, { readonly type: OversightEventType }> => Object.hasOwn(TYPES, event.type);
