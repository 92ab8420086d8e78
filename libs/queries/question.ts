import { type Day, dayInShanghai, isDate } from '@fundflow/domain/calendar';

/** The books as of a day, as known at a moment (contract §4). */
export interface Question {
  /** Business date, inclusive. */
  readonly asOf: Day;
  /** Moment of record, inclusive, RFC 3339 UTC with milliseconds; null: everything posted counts. */
  readonly knownAt: string | null;
}

/**
 * @param asked.asOf null: today in Asia/Shanghai
 * @param asked.knownAt epoch milliseconds; null: everything posted
 * @param asked.now epoch milliseconds
 */
export function questionOf(asked: {
  readonly asOf: Day | null;
  readonly knownAt: number | null;
  readonly now: number;
}): Question {
  const { asOf, knownAt, now } = asked;
  return {
    asOf: asOf ?? dayInShanghai(now),
    knownAt: knownAt === null ? null : new Date(knownAt).toISOString(),
  };
}

const MOMENT = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/**
 * RFC 3339 as epoch milliseconds; null for anything else. Moments of record have milliseconds, so what is finer is cut
 * off: a question about .1239 sees what was recorded at .123 and nothing of .124.
 */
export function parseMoment(text: string): number | null {
  // What JavaScript makes of 30 February is a day in March.
  if (!MOMENT.test(text) || !isDate(text.slice(0, 10))) return null;
  const cut = text.replace(/(\.\d{3})\d+/, '$1').toUpperCase();
  const ms = Date.parse(cut);
  return Number.isNaN(ms) ? null : ms;
}
