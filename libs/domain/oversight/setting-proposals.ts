import type { EventHead } from '../holding/events.js';
import type { RegionCode } from '../region.js';
import { PERSONAL_SETTING_NAMES } from './personal-settings.js';

/** Every dated setting of a jurisdiction: one administrator proposes it, another one approves it. */
export const SETTING_NAMES = [
  ...PERSONAL_SETTING_NAMES,
  /** Days of a supervision rule, see rules/limits.ts. */
  'rule-limit',
  /** Fen from which on a submission needs two checkers, or `none`. */
  'second-checker-from-fen',
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

export interface SettingTerms {
  readonly setting: SettingName;
  /** Of a `rule-limit`: the id of the rule; else null. */
  readonly rule: string | null;
  /** Of a `rule-limit`: only these; null = all. */
  readonly fundTypes: readonly string[] | null;
  /** Applies to what lies in it. */
  readonly region: RegionCode;
  /** A whole number in decimal digits, or `none`. */
  readonly value: string;
  /** YYYY-MM-DD. */
  readonly validFrom: string;
  readonly basis: string;
}

/**
 * What is to count from a day on; nothing changes before another administrator approves. Key `setting:<proposalId>`.
 *
 * What approves it is the event that brings it into force, and its actor is the approver: `RuleLimitSet` under the key
 * `limit:<proposalId>`, `SettingChanged` under `setting:<proposalId>:approved`. Where both actors are the same there was
 * no other administrator. (`PersonalSettingProposed` and `PersonalSettingApproved` say the same of personal data.)
 */
export interface SettingProposed extends EventHead<'SettingProposed'> {
  readonly data: {
    /** UUID. */
    readonly proposalId: string;
    readonly setting: string;
    readonly rule: string | null;
    readonly fundTypes: readonly string[] | null;
    readonly appliesTo: RegionCode;
    readonly value: string;
    readonly validFrom: string;
    readonly basis: string;
  };
}
