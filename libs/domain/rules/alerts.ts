import type { Day } from '../calendar.js';
import type { RegionCode } from '../region.js';
import type { Facts, HoldingFacts, LineFacts, ProjectFacts } from './facts.js';
import type { LimitBook } from './limits.js';
import { RULES } from './registry.js';
import type { Outcome, Rule } from './rule.js';
import { type Spell, spellsOf } from './spells.js';

export type AlertSubjectKind = 'holding' | 'supplement' | 'project';

/** One rule asked about one subject. */
export interface Judgement {
  readonly rule: Rule;
  readonly subjectId: string;
  readonly subjectKind: AlertSubjectKind;
  /** The subject's own region; for a project its county. */
  readonly region: RegionCode;
  readonly candidateDays: () => readonly Day[];
  readonly evaluate: (day: Day) => Outcome;
}

/** One crossing: a spell of a rule on a subject, with the id it keeps as long as the facts behind its opening stand. */
export interface AlertSpell extends Spell {
  readonly id: string;
  readonly rule: string;
  readonly subjectId: string;
  readonly subjectKind: AlertSubjectKind;
  readonly region: RegionCode;
}

function onHolding(rule: Rule, holding: HoldingFacts, limits: LimitBook): Judgement[] {
  const { region } = holding;
  const steps = limits.stepsFor(rule, holding);
  if (rule.subject === 'holding') {
    return [
      {
        rule,
        subjectId: holding.id,
        subjectKind: 'holding',
        region,
        candidateDays: () => rule.candidateDays(holding, steps),
        evaluate: (day) => rule.evaluate(holding, day, steps),
      },
    ];
  }
  if (rule.subject !== 'line') return [];
  return [holding.firstLine, ...holding.supplements].map((line: LineFacts, index): Judgement => {
    return {
      rule,
      subjectId: line.id,
      subjectKind: index === 0 ? 'holding' : 'supplement',
      region,
      candidateDays: () => rule.candidateDays({ holding, line }, steps),
      evaluate: (day) => rule.evaluate({ holding, line }, day, steps),
    };
  });
}

function onProject(rule: Rule, project: ProjectFacts, limits: LimitBook): Judgement[] {
  if (rule.subject !== 'project') return [];
  const steps = limits.stepsFor(rule, { region: project.county, fundType: null });
  return [
    {
      rule,
      subjectId: project.id,
      subjectKind: 'project',
      region: project.county,
      candidateDays: () => rule.candidateDays(project, steps),
      evaluate: (day) => rule.evaluate(project, day, steps),
    },
  ];
}

/** Every rule that has something to say about these facts. */
export const judgements = (facts: Facts, limits: LimitBook): Judgement[] =>
  RULES.flatMap((rule) =>
    facts.subject === 'holding' ? onHolding(rule, facts, limits) : onProject(rule, facts, limits),
  );

/** All spells of all rules on a holding (and its supplements) or a project, past and to come. */
export function alertSpells(facts: Facts, limits: LimitBook): AlertSpell[] {
  return judgements(facts, limits).flatMap((judgement) => {
    const { rule, subjectId, subjectKind, region } = judgement;
    const candidates = judgement.candidateDays();
    if (candidates.length === 0) return [];
    return spellsOf(candidates, judgement.evaluate).map((spell) => ({
      id: alertId({ rule: rule.id, subjectId, opensOn: spell.opensOn }),
      rule: rule.id,
      subjectId,
      subjectKind,
      region,
      ...spell,
    }));
  });
}

export interface AlertKey {
  readonly rule: string;
  readonly subjectId: string;
  readonly opensOn: Day;
}

const escaped = (text: string): string =>
  text.replace(/[^A-Za-z0-9-]/g, (c) => `_${c.charCodeAt(0).toString(16)}_`);

/**
 * `<rule>~<opens on>~<subject>`, only letters, digits, `-`, `_` and `~`: safe in a URL as it is. Two alerts never share one:
 * characters of the subject's id outside letters, digits and `-` stand as `_<hex>_`, so nothing is lost as in a hash.
 */
export const alertId = ({ rule, subjectId, opensOn }: AlertKey): string =>
  `${rule}~${opensOn}~${escaped(subjectId)}`;

/** What an alert id says; null when it is none. */
export function parseAlertId(id: string): AlertKey | null {
  const match = /^([a-z0-9-]+)~(\d{4}-\d{2}-\d{2})~([A-Za-z0-9_-]+)$/.exec(id);
  if (!match) return null;
  const [, rule = '', opensOn = '', subject = ''] = match;
  const subjectId = subject.replace(/_([0-9a-f]+)_/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  const key = { rule, subjectId, opensOn: opensOn as Day };
  return alertId(key) === id ? key : null;
}
