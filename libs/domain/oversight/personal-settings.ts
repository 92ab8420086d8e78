import type { EventHead } from '../holding/events.js';
import type { RegionCode } from '../region.js';

interface Described {
  /** Counts where no jurisdiction has set another value. */
  readonly otherwise: number;
  readonly min: number;
  readonly max: number;
  /** zh-CN. */
  readonly name: string;
  /** Where the value comes from that counts otherwise, zh-CN. */
  readonly source: string;
}

/**
 * How much may be looked at and how long it is kept: whole numbers, dated, of a jurisdiction. The longest region that
 * contains a place wins, of several the latest one in force on the day, of those the one approved last.
 */
export const PERSONAL_SETTINGS = {
  /** Fields one person may be shown in clear in a day. */
  'unmask-per-day': {
    ...{ otherwise: 50, min: 0, max: 10_000, name: '每人每日可明文查看的个人信息项数' },
    source: '系统缺省值（个人信息保护法第六条：限于实现处理目的的最小范围）',
  },
  /** Beyond so many a day the event says so and a line is logged. */
  'unmask-usual': {
    ...{ otherwise: 20, min: 0, max: 10_000, name: '每人每日明文查看超过此数即告警' },
    source: '系统缺省值（个人信息保护法第五十四条：定期合规审计）',
  },
  /** Whole years records with personal data are kept after the year they belong to. */
  'retention-years': {
    ...{ otherwise: 30, min: 10, max: 100, name: '支付凭证及其个人信息的保管年限' },
    source: '会计档案管理办法（财政部、国家档案局令第79号）附表：会计凭证三十年',
  },
} as const satisfies Readonly<Record<string, Described>>;

export type PersonalSetting = keyof typeof PERSONAL_SETTINGS;
export const PERSONAL_SETTING_NAMES = Object.keys(PERSONAL_SETTINGS) as readonly PersonalSetting[];

/** A setting that is no limit of a rule (`RuleLimitSet`) was set for a region from a day on. */
export interface SettingChanged extends EventHead<'SettingChanged'> {
  readonly data: {
    readonly setting: string;
    /** Applies to what lies in it. */
    readonly appliesTo: RegionCode;
    readonly value: string;
    /** YYYY-MM-DD, or null when it counts from the moment it was recorded. */
    readonly validFrom: string | null;
    readonly basis: string;
  };
}

interface PersonalTerms {
  /** UUID; the same in the proposal and in its approval. */
  readonly proposalId: string;
  /** A `PersonalSetting`. */
  readonly setting: string;
  /** Applies to what lies in it. */
  readonly appliesTo: RegionCode;
  /** A whole number. */
  readonly value: string;
  /** YYYY-MM-DD. */
  readonly validFrom: string;
  readonly basis: string;
}

/** What is to count for personal data from a day on; nothing changes before another administrator approves. */
export interface PersonalSettingProposed extends EventHead<'PersonalSettingProposed'> {
  readonly data: PersonalTerms;
}

/** The actor is the second administrator; or the only one there is, and then it says so. */
export interface PersonalSettingApproved extends EventHead<'PersonalSettingApproved'> {
  readonly data: PersonalTerms & { readonly proposedBy: string; readonly alone: boolean };
}
