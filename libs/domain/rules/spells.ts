import type { Day } from '../calendar.js';
import type { Outcome } from './rule.js';

/** A run of days on which a rule fires. */
export interface Spell {
  /** The start the days are counted from, as of the day the spell opens. */
  readonly since: Day;
  /** The first day it fires. */
  readonly opensOn: Day;
  /** The first day it no longer fires; null: it lasts until a further fact ends it. */
  readonly closesOn: Day | null;
}

/**
 * All spells of a rule on a subject, past and still to come, ascending. Needs no clock: between two candidate days the
 * outcome cannot change, so looking at the candidates alone is looking at every day. Before the first candidate nothing
 * fires; `cannot-be-judged` does not fire.
 */
export function spellsOf(candidates: readonly Day[], evaluate: (day: Day) => Outcome): Spell[] {
  const spells: Spell[] = [];
  let open: { since: Day; opensOn: Day } | null = null;
  for (const day of [...new Set(candidates)].sort()) {
    const outcome = evaluate(day);
    if (outcome.outcome === 'fires') {
      open ??= { since: outcome.since, opensOn: day };
    } else if (open) {
      spells.push({ ...open, closesOn: day });
      open = null;
    }
  }
  if (open) spells.push({ ...open, closesOn: null });
  return spells;
}
