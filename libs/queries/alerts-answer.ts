import { addDays, type Day } from '@fundflow/domain/calendar';
import { toWire } from '@fundflow/domain/event-codec';
import { type AlertSpell, judgements } from '@fundflow/domain/rules/alerts';
import type { Facts } from '@fundflow/domain/rules/facts';
import type { LimitBook } from '@fundflow/domain/rules/limits';
import type { AlertAnswer } from './alerts-list.js';

/**
 * What a spell says on a day on or after its opening: as of that day while it is open, as of its last day once closed.
 *
 * @throws Error when the rule does not fire there: the spell was not computed from these facts
 */
export function alertAnswer(
  spell: Omit<AlertSpell, 'since'>,
  asOf: Day,
  facts: Facts,
  limits: LimitBook,
): AlertAnswer {
  const { id, rule, subjectId, subjectKind, region, opensOn, closesOn } = spell;
  const closedOn = closesOn !== null && closesOn <= asOf ? closesOn : null;
  const day = closedOn === null ? asOf : addDays(closedOn, -1);
  const judgement = judgements(facts, limits).find(
    (one) => one.rule.id === rule && one.subjectId === subjectId,
  );
  const outcome = judgement?.evaluate(day);
  if (!judgement || outcome?.outcome !== 'fires') {
    throw new Error(`alert ${id} does not follow from the facts on ${day}`);
  }
  const { title, legalBasis } = judgement.rule;
  const { severity, amountFen, since, days, evidence } = outcome;
  return {
    ...{ id, rule, title, legalBasis, severity, subjectId, subjectKind, county: region },
    ...{ amountFen: amountFen.toString(), since, days },
    ...(closedOn === null ? { status: 'open' } : { status: 'closed', closedOn }),
    openedOn: opensOn,
    evidence: toWire(evidence) as AlertAnswer['evidence'],
  };
}
