import * as fc from 'fast-check';
import { addDays, type Day, daysBetween } from '../calendar.js';
import { fen } from '../money.js';
import type { RegionCode } from '../region.js';
import { alertId, alertSpells, judgements, parseAlertId } from './alerts.js';
import { type Facts, type HoldingFacts, type LineFacts, runningBalances } from './facts.js';
import { LimitBook, type LimitSetting } from './limits.js';
import { RULES } from './registry.js';
import type { Outcome } from './rule.js';
import { type Spell, spellsOf } from './spells.js';

const FIRST = '2016-01-15' as Day;
const SPAN = 4 * 365;
/** Two years and the longest drawn limit after the last fact: nothing can change later. */
const BRUTE_UNTIL = addDays(FIRST, SPAN + 3 * 366);

const anyDay = fc.nat(SPAN).map((n) => addDays(FIRST, n));
const later = (from: Day) =>
  fc
    .nat(400)
    .map((n) => addDays(from, n))
    .filter((day) => day <= addDays(FIRST, SPAN));
const anyFundType = fc.constantFrom('central-special', 'region-special', 'bond');
const anyRegion = fc.constantFrom('000000', '45', '4501', '450124', '450124102');

const anyLine = (id: string): fc.Arbitrary<LineFacts> =>
  anyDay
    .chain((issuedOn) => fc.tuple(fc.constant(issuedOn), fc.option(later(issuedOn), { freq: 6 })))
    .chain(([issuedOn, receivedOn]) =>
      fc.record({
        id: fc.constant(id),
        documentNo: fc.constant(null),
        amountFen: fc.bigInt(1n, 900n).map(fen),
        issuedOn: fc.constant(issuedOn),
        receivedOn: fc.constant(receivedOn),
        reversedOn: fc.option(later(receivedOn ?? issuedOn), { freq: 1 }),
      }),
    );

const anyOrigins = fc
  .array(fc.tuple(anyDay, fc.option(anyDay, { freq: 8 })), { maxLength: 4 })
  .chain((steps) =>
    fc
      .option(anyDay, { freq: 8 })
      .map((first) => [
        { from: null, originalIssuedOn: first },
        ...[...new Map(steps)]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([from, originalIssuedOn]) => ({ from, originalIssuedOn })),
      ]),
  );

const anyHolding: fc.Arbitrary<HoldingFacts> = fc
  .record({
    kind: fc.constantFrom('allocation' as const, 'disbursement' as const),
    region: anyRegion.map((code) => code as RegionCode),
    fundType: anyFundType,
    firstLine: anyLine('A-1'),
    supplements: fc.array(anyLine('S-1'), { maxLength: 1 }),
    deltas: fc.array(fc.record({ day: anyDay, deltaFen: fc.bigInt(-100n, 100n).map(fen) }), {
      maxLength: 8,
    }),
    origins: anyOrigins,
  })
  .map(({ deltas, ...rest }) => ({
    ...rest,
    subject: 'holding' as const,
    id: 'A-1',
    balances: runningBalances([
      { day: rest.firstLine.issuedOn, deltaFen: rest.firstLine.amountFen },
      ...deltas,
    ]),
  }));

const anyFacts: fc.Arbitrary<Facts> = fc.oneof(
  { weight: 3, arbitrary: anyHolding },
  {
    weight: 1,
    arbitrary: fc.record({
      subject: fc.constant('project' as const),
      id: fc.constant('P-1'),
      county: fc.constant('450124' as RegionCode),
      acceptedOn: fc.option(anyDay),
      closedOn: fc.option(anyDay),
      holdings: fc.array(anyHolding, { maxLength: 3 }),
    }),
  },
);

const anySetting: fc.Arbitrary<LimitSetting> = fc.record({
  rule: fc.constantFrom(...RULES.map((rule) => rule.id)),
  region: anyRegion.map((code) => code as RegionCode),
  fundTypes: fc.option(fc.constant(['bond', 'region-special']), { freq: 1 }),
  validFrom: anyDay,
  limitDays: fc.constantFrom(0, 1, 7, 30, 200),
});

/** The definition: look at every single day. */
function everyDay(evaluate: (day: Day) => Outcome): Spell[] {
  const days = Array.from({ length: daysBetween(FIRST, BRUTE_UNTIL) }, (_, n) => addDays(FIRST, n));
  return spellsOf(days, evaluate);
}

describe('spells', () => {
  it('from the candidate days are those of looking at every day, for any facts and limits', () => {
    fc.assert(
      fc.property(anyFacts, fc.array(anySetting, { maxLength: 6 }), (facts, settings) => {
        const limits = new LimitBook(settings);
        for (const one of judgements(facts, limits)) {
          expect(spellsOf(one.candidateDays(), one.evaluate)).toEqual(everyDay(one.evaluate));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are the same however often they are evaluated', () => {
    fc.assert(
      fc.property(anyFacts, fc.array(anySetting, { maxLength: 6 }), (facts, settings) => {
        const limits = new LimitBook(settings);
        const once = alertSpells(facts, limits);
        expect(alertSpells(facts, limits)).toEqual(once);
        expect(alertSpells(facts, new LimitBook(settings))).toEqual(once);
        expect(new Set(once.map(({ id }) => id)).size).toBe(once.length);
      }),
    );
  });

  it('never overlap, and count from the start until the day before they close', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const limits = new LimitBook([]);
        for (const one of judgements(facts, limits)) {
          const spells = spellsOf(one.candidateDays(), one.evaluate);
          for (const [at, { since, opensOn, closesOn }] of spells.entries()) {
            expect(since <= opensOn).toBe(true);
            const next = spells[at + 1];
            if (next) expect(closesOn !== null && closesOn < next.opensOn).toBe(true);
            const last = addDays(closesOn ?? BRUTE_UNTIL, -1);
            const outcome = one.evaluate(last);
            expect(outcome.outcome === 'fires' && outcome.amountFen > 0n).toBe(true);
            if (outcome.outcome === 'fires') {
              expect(outcome.days).toBe(daysBetween(outcome.since, last));
            }
          }
        }
      }),
    );
  });
});

describe('the id of an alert', () => {
  it('is safe in a URL, says what it is about, and is never shared', () => {
    const key = { rule: 'left-over', subjectId: '指标 1/_2_%😀', opensOn: '2018-06-01' as Day };
    expect(encodeURIComponent(alertId(key))).toBe(alertId(key));
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (subjectId) => {
        const id = alertId({ ...key, subjectId });
        expect(parseAlertId(id)).toEqual({ ...key, subjectId });
      }),
    );
  });

  it.each(['', 'left-over', 'left-over~2018-06-01~', 'left-over~2018-06-01~_41_', 'a~b~c'])(
    'is not %j',
    (text) => expect(parseAlertId(text)).toBeNull(),
  );
});
