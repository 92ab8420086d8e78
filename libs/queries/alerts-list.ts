import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import type { Severity } from '@fundflow/domain/rules/rule';

/** One alert of `GET /api/v1/alerts`: a lead, never a verdict. Fen as decimal text. */
export interface AlertAnswer {
  readonly id: string;
  readonly rule: string;
  /** zh-CN. */
  readonly title: string;
  readonly legalBasis: string;
  readonly severity: Severity;
  readonly subjectId: string;
  readonly subjectKind: 'holding' | 'supplement' | 'project';
  /** The subject's own region; for a project its county. */
  readonly county: string;
  /** Of a closed alert: as of the last day its condition held; `days` and `severity` likewise. */
  readonly amountFen: string;
  /** The start the days are counted from. */
  readonly since: string;
  readonly days: number;
  readonly status: 'open' | 'closed';
  readonly openedOn: string;
  /** The first day on which the condition no longer held. */
  readonly closedOn?: string;
  /** The numbers behind it, by name; amounts as decimal text. */
  readonly evidence: Readonly<Record<string, string | number | null>>;
}

/** Which alerts; null = any. */
export type AlertFilter = {
  /** The subject lies in it. */
  readonly county: RegionCode | null;
  readonly rule: string | null;
  /** Open on the day, closed on or before it, or both. */
  readonly status: 'open' | 'closed' | 'all';
  /** A holding, supplement or project. */
  readonly subjectId: string | null;
};

/** Lists are ordered by the start as of the opening, then by id. */
export type AlertPlace = {
  readonly since: string;
  readonly id: string;
};

/** What both ways of answering need. */
export interface AlertsAsked {
  readonly filter: AlertFilter;
  readonly asOf: Day;
  readonly after: AlertPlace | null;
  /** How many to find. */
  readonly count: number;
  readonly upTo: bigint;
  readonly recordedUpTo: string | null;
}

/** An alert with its place in the list. */
export interface PlacedAlert {
  readonly place: AlertPlace;
  readonly alert: AlertAnswer;
}

export const byPlace = (a: PlacedAlert, b: PlacedAlert): number => comparePlaces(a.place, b.place);

/** Days and ids are ASCII: this is the order of "C" as well. */
export function comparePlaces(a: AlertPlace, b: AlertPlace): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
