import { addDays, type Day } from '@fundflow/domain/calendar';
import { liesIn, type RegionCode } from '@fundflow/domain/region';
import { alertSpells, parseAlertId } from '@fundflow/domain/rules/alerts';
import { RULES } from '@fundflow/domain/rules/registry';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { alertRound } from '@fundflow/projections/alerts/round';
import fc from 'fast-check';
import { storedEventsOf } from '../../test/support/envelopes.js';
import { histories } from '../../test/support/histories.js';
import {
  decoded,
  endsWithinRow,
  openReadSide,
  type ReadSide,
  writtenLog,
} from '../../test/support/read-side.js';
import { REGION } from '../../test/support/regions.js';
import {
  allocation,
  day,
  disbursement,
  payment,
  project,
  supplement,
} from '../../test/support/rows.js';
import { replayFacts } from '../../test/support/rule-facts.js';
import { alertAnswer } from './alerts-answer.js';
import { type AlertAnswer, comparePlaces } from './alerts-list.js';
import { type AlertsCursor, type AlertsQuestion, askAlerts } from './alerts.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
beforeEach(() => side.empty());
afterAll(() => side.close());

interface Asked {
  readonly county: RegionCode | null;
  readonly rule: string | null;
  readonly status: 'open' | 'closed' | 'all';
  readonly asOf: Day;
  readonly knownAt: string | null;
}

/** The answer by definition: every rule on what the log says, one alert a spell that opened by the day. */
function expected(events: readonly StoredEvent[], asked: Asked): AlertAnswer[] {
  const { county, rule, status, asOf, knownAt } = asked;
  const heard = events.filter((event) => knownAt === null || event.recordedAt <= knownAt);
  const { facts, limits } = replayFacts(decoded(heard));
  return facts
    .flatMap((one) => alertSpells(one, limits).map((spell) => ({ one, spell })))
    .filter(({ spell }) => spell.opensOn <= asOf)
    .sort((a, b) => comparePlaces(a.spell, b.spell))
    .map(({ one, spell }) => alertAnswer(spell, asOf, one, limits))
    .filter((alert) => status === 'all' || alert.status === status)
    .filter((alert) => rule === null || alert.rule === rule)
    .filter((alert) => county === null || liesIn(alert.county as RegionCode, county));
}

async function page(asked: Asked, rest: Partial<AlertsQuestion> = {}) {
  const { asOf, knownAt, ...filter } = asked;
  const question = { asOf, knownAt };
  const blank = { subjectId: null, limit: 100, cursor: null };
  const answer = await askAlerts(side.reads, { ...blank, ...filter, question, ...rest });
  if (answer.outcome !== 'found') throw new Error(answer.outcome);
  return answer;
}

async function pagesOf(asked: Asked, limit: number, from: AlertsCursor | null = null) {
  const found: AlertAnswer[] = [];
  let cursor = from;
  do {
    const { alerts, next } = await page(asked, { limit, cursor });
    expect(alerts.length).toBeLessThanOrEqual(limit);
    found.push(...alerts);
    cursor = next;
  } while (cursor);
  return found;
}

const anyAsked: fc.Arbitrary<Asked> = fc.record({
  county: fc.option(fc.constantFrom(...Object.values(REGION))),
  rule: fc.option(fc.constantFrom(...RULES.map(({ id }) => id)), { freq: 1 }),
  status: fc.constantFrom('open', 'closed', 'all'),
  asOf: fc.nat(2000).map((n) => addDays(day('2017-06-01'), n)),
  knownAt: fc.option(fc.integer({ min: 0, max: 40 }).map(momentAt)),
});

function momentAt(n: number): string {
  return new Date(Date.UTC(2018, 0, 1) + n * 12 * 86_400_000).toISOString();
}

describe('asking for alerts', () => {
  it('answers what a replay of the log says, for any day, moment, filter and page', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(),
        fc.array(anyAsked, { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 5 }),
        async ({ postings }, questions, limit) => {
          const events = storedEventsOf({ postings });
          if (events.length === 0) return;
          await side.empty();
          await side.fold(events);
          await alertRound(side.client);
          for (const asked of questions) {
            expect(await pagesOf(asked, limit)).toEqual(expected(events, asked));
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('goes on with a list as it stood when it began, whatever is posted meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories({ rowsMax: 90 }),
        anyAsked,
        fc.integer({ min: 2, max: 80 }),
        async ({ postings }, asked, at) => {
          const events = storedEventsOf({ postings });
          const [before, after] = [events.slice(0, at), events.slice(at)];
          if (after.length === 0 || endsWithinRow(events, at)) return;
          await side.empty();
          await side.fold(before);
          await alertRound(side.client);
          const { alerts, next } = await page({ ...asked, status: 'all' }, { limit: 2 });
          await side.fold(after);
          await alertRound(side.client);
          const rest = next ? await pagesOf(asked, 2, next) : [];
          expect([...alerts, ...rest]).toEqual(expected(before, { ...asked, status: 'all' }));
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('an alert', () => {
  const MOMENT = '2018-03-01T01:00:00.000Z';
  const asked = { county: null, rule: null, status: 'open', knownAt: null } as const;

  it('has the shape of the contract, and says as of the day how much and how long', async () => {
    await side.fold(writtenLog().post(MOMENT, allocation({ receiverRegion: REGION.guangxi })));
    await alertRound(side.client);
    const { alerts, next, position } = await page({ ...asked, asOf: day('2018-02-20') });
    expect(alerts).toEqual([
      {
        id: 'passed-on-late~2018-02-20~A-1',
        rule: 'passed-on-late',
        title: '滞拨',
        legalBasis: expect.stringContaining('第五十二条'),
        severity: 'medium',
        subjectId: 'A-1',
        subjectKind: 'holding',
        county: '45',
        amountFen: '10000',
        since: '2018-01-20',
        days: 31,
        status: 'open',
        openedOn: '2018-02-20',
        evidence: {
          documentNo: '桂财农〔2018〕1号',
          fundType: 'central-special',
          receivedOn: '2018-01-20',
          limitDays: 30,
          amountFen: '10000',
          availableFen: '10000',
          lastMovementOn: '2018-01-20',
        },
      },
    ]);
    expect([next, position]).toEqual([null, 4n]);
    expect(parseAlertId(alerts[0]?.id ?? '')).toMatchObject({ subjectId: 'A-1' });
    expect((await page({ ...asked, asOf: day('2018-02-19') })).alerts).toEqual([]);
  });

  it('closes by itself, says on which date, and keeps what it last said', async () => {
    const parked = disbursement({ amount: 60_00n });
    const spent = payment({ amount: 60_00n, paidOn: day('2018-06-01') });
    await side.fold(writtenLog().post(MOMENT, allocation(), parked, spent));
    await alertRound(side.client);
    const question = { ...asked, rule: 'cash-parked', status: 'closed' } as const;
    const { alerts } = await page({ ...question, asOf: day('2018-06-01') });
    expect(alerts).toMatchObject([
      { status: 'closed', closedOn: '2018-06-01', days: 90, amountFen: '6000', severity: 'high' },
    ]);
    expect((await page({ ...question, asOf: day('2018-05-31') })).alerts).toEqual([]);
  });

  it('is found by its subject: a holding, a supplement, a project', async () => {
    const left = project({ acceptedOn: day('2018-06-01') });
    const grown = supplement({ receivedOn: null });
    const rows = [left, allocation({ projectId: 'X-1' }), grown];
    await side.fold(writtenLog().post(MOMENT, ...rows));
    await alertRound(side.client);
    for (const knownAt of [null, MOMENT]) {
      const rulesOf = async (subjectId: string): Promise<string[]> => {
        const question = { ...asked, knownAt, asOf: day('2018-12-01') };
        return (await page(question, { subjectId })).alerts.map(({ rule }) => rule);
      };
      expect(await rulesOf('A-1')).toEqual(['not-disbursed']);
      expect(await rulesOf('S-1')).toEqual(['not-acknowledged']);
      expect(await rulesOf('X-1')).toEqual(['left-over']);
      expect(await rulesOf('nothing')).toEqual([]);
    }
  });

  it('refuses a rule nobody knows, and a cursor of other tables', async () => {
    const question = { asOf: day('2018-12-01'), knownAt: null };
    const list = { ...asked, question, subjectId: null, limit: 1, cursor: null };
    const unknown = await askAlerts(side.reads, { ...list, rule: 'no-such' });
    expect(unknown).toEqual({ outcome: 'unknown-rule' });
    const rows = [allocation(), allocation({ id: 'A-2' })];
    await side.fold(writtenLog().post(MOMENT, ...rows));
    await alertRound(side.client);
    const first = await askAlerts(side.reads, list);
    const cursor = first.outcome === 'found' ? first.next : null;
    expect(cursor).not.toBeNull();
    await side.client.query('UPDATE read_side.checkpoint SET generation = gen_random_uuid()');
    expect(await askAlerts(side.reads, { ...list, cursor })).toEqual({ outcome: 'bad-cursor' });
  });

  it('is computed where the alerts do not yet reflect the tables in service', async () => {
    await side.fold(writtenLog().post(MOMENT, allocation()));
    const { alerts, position } = await page({ ...asked, asOf: day('2018-12-01') });
    expect(alerts.map(({ rule }) => rule)).toEqual(['not-disbursed']);
    expect(position).toBe(4n);
  });
});
