import { type Day, daysBetween, fullYears, isDay } from '@fundflow/domain/calendar';
import type { Holding } from '@fundflow/domain/holding/holding';
import { isResidentId } from '@fundflow/domain/identifiers';
import { CENTRE, levelOf } from '@fundflow/domain/region';
import {
  type AgeLine,
  originalIssuedOn,
  type Origins,
  originsOf,
} from '@fundflow/domain/rules/age';
import { judgements } from '@fundflow/domain/rules/alerts';
import { RULES } from '@fundflow/domain/rules/registry';
import { MADE_UP_NAME } from '@fundflow/generator/people';
import { replayFacts, type ReplayedFacts } from '../support/rule-facts.js';
import { generateAndPost, post, type PostedPlan, readPlan, rowsOfKind } from './generator-plan.js';

const PLAN_END = '2020-12-31' as Day;
/** Long after the plan: what lies there then has been lying for more than two years. */
const YEARS_LATER = '2026-11-23' as Day;

const plans = new Map<string, PostedPlan>();
let demo: PostedPlan;
let demoFacts: ReplayedFacts;
beforeAll(async () => {
  demo = post(await readPlan('data/demo'));
  demoFacts = replayFacts(demo.events);
  plans.set('the demonstration plan', demo);
  plans.set('seed 1, 300 payments', await generateAndPost(1, 300));
  plans.set('seed 2, 1,000 payments', await generateAndPost(2, 1_000));
  plans.set('seed 7, 6,000 payments', await generateAndPost(7, 6_000));
});

const NAMES = [
  'the demonstration plan',
  'seed 1, 300 payments',
  'seed 2, 1,000 payments',
  'seed 7, 6,000 payments',
];
const planOf = (name: string): PostedPlan => plans.get(name) as PostedPlan;

describe.each(NAMES)('%s', (name) => {
  it('is taken row by row: nothing is refused, in the order of the files', () => {
    const plan = planOf(name);
    expect(plan.errors).toEqual([]);
    expect(plan.refused).toEqual([]);
  });

  it('has exactly the payments it should, and every kind of record', () => {
    const plan = planOf(name);
    const size = /([\d,]+) payments/.exec(name)?.[1]?.replace(',', '') ?? '3000';
    expect(rowsOfKind(plan, 'payments')).toHaveLength(Number(size));
    for (const kind of ['projects', 'allocations', 'supplements', 'disbursements'] as const) {
      expect(rowsOfKind(plan, kind).length).toBeGreaterThan(0);
    }
    const returned = new Set(rowsOfKind(plan, 'returns').map(({ returnKind }) => returnKind));
    expect(returned).toEqual(new Set(['bank-return', 'cash-return', 'recall']));
    expect(rowsOfKind(plan, 'reversals').length).toBeGreaterThan(1);
    expect(rowsOfKind(plan, 'notices').length).toBeGreaterThan(100);
  });

  it('names every place by the code of its year, and warns of unnamed documents only', () => {
    expect(new Set(planOf(name).warnings.map(({ code }) => code))).toEqual(
      new Set(['doc-not-stated']),
    );
  });

  it('pays nobody who could exist', () => {
    const payees = rowsOfKind(planOf(name), 'payments').map(({ payee }) => payee);
    const people = payees.filter((payee) => payee.kind === 'person');
    expect(people.length).toBeGreaterThan(100);
    const possible = people.filter(
      ({ name: person, code, account }) =>
        !MADE_UP_NAME.test(person) ||
        !isResidentId(code ?? '') ||
        Number((code ?? '').slice(6, 10)) < 2130 ||
        !/^999[79]\d{15}$/.test(account ?? ''),
    );
    expect(possible).toEqual([]);
    const units = payees.filter((payee) => payee.kind === 'unit');
    expect(units.filter((unit) => !unit.name.includes('示例'))).toEqual([]);
  });

  it('lies in Guangxi; only the centre gives from outside', () => {
    const plan = planOf(name);
    const rows = [...rowsOfKind(plan, 'allocations'), ...rowsOfKind(plan, 'supplements')];
    const issuers = new Set(rows.map(({ issuerRegion }) => issuerRegion.slice(0, 2)));
    expect(issuers).toEqual(new Set([CENTRE.slice(0, 2), '45']));
    const allocations = rowsOfKind(plan, 'allocations');
    const outside = allocations.filter(
      ({ receiverRegion, issuerRegion, parentId }) =>
        !receiverRegion.startsWith('45') || (issuerRegion === CENTRE && parentId !== null),
    );
    expect(outside).toEqual([]);
    const levels = new Set(allocations.map((row) => levelOf(row.receiverRegion)));
    expect(levels).toEqual(new Set(['province', 'city', 'county', 'township', 'village']));
  });

  it('happens within the plan', () => {
    const days = planOf(name).rows.flatMap((row) =>
      Object.entries(row).flatMap(([field, value]) =>
        row.kind !== 'notices' && field.endsWith('On') && typeof value === 'string' ? [value] : [],
      ),
    );
    expect(days.every(isDay)).toBe(true);
    expect(days.every((day) => day >= '2017-01-01' && day <= PLAN_END)).toBe(true);
  });
});

interface Idle {
  readonly one: number;
  readonly two: number;
}

/** Of all money that entered, in per cent: what lies at the end of the plan, by the age of contract §4. */
function idleMoney({ books, rows }: PostedPlan): Idle {
  const linesOf = (id: string): AgeLine[] | undefined =>
    books.holding(id)?.lines.map((line, index) => ({
      first: index === 0,
      giverId: line.parentId,
      issuedOn: line.issuedOn,
      receivedOn: line.receivedOn,
      reversedOn: null,
    }));
  const memo = new Map<string, Origins>();
  let total = 0n;
  const idle = { one: 0n, two: 0n };
  for (const { id } of rows) {
    const holding = books.holding(id);
    if (!holding) continue;
    const [line] = holding.lines as [Holding['lines'][number]];
    if (line.parentId === null) total += line.amountFen;
    const balance = holding.timeline.at(PLAN_END);
    const since = originalIssuedOn(originsOf(id, linesOf, memo), PLAN_END);
    if (balance <= 0n || since === null) continue;
    const years = fullYears(since, PLAN_END);
    if (years >= 2) idle.two += balance;
    else if (years === 1) idle.one += balance;
  }
  const percent = (part: bigint): number => Number((part * 10_000n) / total) / 100;
  return { one: percent(idle.one), two: percent(idle.two) };
}

describe('the base rates', () => {
  it.each(['the demonstration plan', 'seed 7, 6,000 payments'])(
    'of idle money are those of the audits in %s: 5.8 per cent, 1.9 of it for two years',
    (name) => {
      const { one, two } = idleMoney(planOf(name));
      expect(Math.abs(one + two - 5.8)).toBeLessThan(0.8);
      expect(Math.abs(two - 1.9)).toBeLessThan(0.4);
    },
  );

  it('of everything else are as stated', () => {
    const plan = planOf('seed 7, 6,000 payments');
    const payments = rowsOfKind(plan, 'payments');
    const byCard = payments.filter(({ method }) => method === 'card').length;
    const returns = rowsOfKind(plan, 'returns');
    const bounced = returns.filter(({ returnKind }) => returnKind === 'bank-return').length;
    expect(byCard / payments.length).toBeGreaterThan(0.85);
    expect(bounced / byCard).toBeGreaterThan(0.005);
    expect(bounced / byCard).toBeLessThan(0.012);
    const again = payments.filter(({ remark }) => remark === '退票后重新支付').length;
    expect(again / bounced).toBeGreaterThan(0.7);
    expect(again / bounced).toBeLessThan(1);

    const allocations = rowsOfKind(plan, 'allocations');
    const lost = allocations.filter(({ receivedOn }) => receivedOn === null).length;
    expect(lost / allocations.length).toBeGreaterThan(0.002);
    expect(lost / allocations.length).toBeLessThan(0.015);

    const noticed = new Set(rowsOfKind(plan, 'notices').map(({ subjectId }) => subjectId));
    const projects = rowsOfKind(plan, 'projects');
    const unseen = projects.filter(({ id }) => !noticed.has(id)).length / projects.length;
    expect(unseen).toBeLessThan(0.01);
    const perProject = rowsOfKind(plan, 'notices').filter((row) => row.subjectId.startsWith('XM'));
    expect(perProject.length / projects.length / 2).toBeGreaterThan(0.93);
    expect(perProject.length / projects.length / 2).toBeLessThan(0.98);

    const overdrawn = payments.filter(({ alreadyHappened }) => alreadyHappened).length;
    expect(overdrawn).toBeGreaterThan(0);
    expect(overdrawn).toBeLessThan(12);
  });

  it('of late passing on are as stated: most money moves on within thirty days', () => {
    const plan = planOf('seed 7, 6,000 payments');
    const rows = new Map(rowsOfKind(plan, 'allocations').map((row) => [row.id, row]));
    const waits = [...rows.values()].flatMap(({ parentId, issuedOn }) => {
      const parent = parentId === null ? undefined : rows.get(parentId);
      const above = parent && ['province', 'city'].includes(levelOf(parent.receiverRegion));
      return above && parent.receivedOn ? [daysBetween(parent.receivedOn, issuedOn)] : [];
    });
    const late = waits.filter((days) => days > 30).length / waits.length;
    expect(late).toBeGreaterThan(0.03);
    expect(late).toBeLessThan(0.1);
  });
});

/** The rules that fire somewhere in a region on a day. */
function fired({ facts, limits }: ReplayedFacts, day: Day, region: string): Set<string> {
  const found = facts
    .flatMap((fact) => judgements(fact, limits))
    .filter((one) => one.region.startsWith(region) && one.evaluate(day).outcome === 'fires');
  return new Set(found.map(({ rule }) => rule.id));
}

describe('马山县 in the demonstration plan', () => {
  const ids = RULES.map(({ id }) => id);
  // Only a bureau of region or city is asked to pass on: 马山's is 南宁市.
  const ofCounty = ids.filter((id) => id !== 'passed-on-late');

  it('shows every rule at the end of the plan, beside one of its city', () => {
    expect([...fired(demoFacts, PLAN_END, '450124')].sort()).toEqual([...ofCounty].sort());
    expect(fired(demoFacts, PLAN_END, '4501')).toContain('passed-on-late');
  });

  it('shows money sent back and records put right, each with its consequence', () => {
    const of = (id: string): boolean => id.includes('450124');
    const returns = rowsOfKind(demo, 'returns').filter(({ ofId }) => of(ofId));
    expect(new Set(returns.map(({ returnKind }) => returnKind)).size).toBe(3);
    const bounced = returns.filter(({ returnKind }) => returnKind === 'bank-return');
    const again = rowsOfKind(demo, 'payments').filter(
      ({ id, remark }) => of(id) && remark === '退票后重新支付',
    );
    expect(bounced.length).toBeGreaterThan(again.length);
    expect(again.length).toBeGreaterThan(0);
    const reversed = rowsOfKind(demo, 'reversals').map(({ ofId }) => ofId);
    expect(reversed.some((id) => id.startsWith('BK450124'))).toBe(true);
    expect(reversed.some((id) => id.startsWith('ZF450124'))).toBe(true);
    expect(rowsOfKind(demo, 'supplements').some(({ id }) => of(id))).toBe(true);
  });

  it('still shows them years later, but that no money is young enough for one to two years', () => {
    const later = ofCounty.filter((id) => id !== 'idle-one-year');
    expect([...fired(demoFacts, YEARS_LATER, '450124')].sort()).toEqual([...later].sort());
    expect(fired(demoFacts, YEARS_LATER, '4501')).toContain('passed-on-late');
  });
});
