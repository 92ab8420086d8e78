import { type AlertSpell, alertSpells } from '@fundflow/domain/rules/alerts';
import { RULES } from '@fundflow/domain/rules/registry';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import fc from 'fast-check';
import pg from 'pg';
import { storedEventsOf } from '../../../test/support/envelopes.js';
import { histories, type HistoryPosting } from '../../../test/support/histories.js';
import {
  decoded,
  endsWithinRow,
  limitSet,
  openReadSide,
  type ReadSide,
  writtenLog,
} from '../../../test/support/read-side.js';
import { REGION } from '../../../test/support/regions.js';
import {
  allocation,
  day,
  payment,
  project,
  reversal,
  supplement,
} from '../../../test/support/rows.js';
import { replayFacts } from '../../../test/support/rule-facts.js';
import type { Run } from '../rule-facts/table.js';
import { touchedSubjects } from '../touched-subjects/table.js';
import { alertChecksum } from './checksum.js';
import { alertRound, verifyAlerts } from './round.js';

let side: ReadSide;
beforeAll(async () => {
  side = await openReadSide();
});
beforeEach(() => side.empty());
afterAll(() => side.close());

const run: Run = async (sql, values) => (await side.client.query(sql, values)).rows;

const byId = (a: AlertSpell, b: AlertSpell): number => (a.id < b.id ? -1 : 1);

async function standing(): Promise<AlertSpell[]> {
  const { rows } = await side.client.query<AlertSpell>(`
    SELECT id, rule, subject_id AS "subjectId", subject_kind AS "subjectKind", region,
      since::text, opens_on::text AS "opensOn", closes_on::text AS "closesOn"
    FROM alert_side.alerts`);
  return rows.sort(byId);
}

/** What must stand there: every rule on the facts folded from the log directly. */
function due(events: readonly StoredEvent[]): AlertSpell[] {
  const { facts, limits } = replayFacts(decoded(events));
  return facts.flatMap((one) => alertSpells(one, limits)).sort(byId);
}

const anyLimit = fc.record({
  rule: fc.constantFrom(...RULES.filter((rule) => rule.defaultLimits).map(({ id }) => id)),
  limitDays: fc.constantFrom(0, 5, 20, 400),
  region: fc.constantFrom(...Object.values(REGION)),
  validFrom: fc.constantFrom('2017-01-01', '2018-03-01', '2019-01-01'),
  fundTypes: fc.option(fc.constant(['central-special', 'bond'])),
});

/** A history with limits set between its certifications. */
const logs = fc
  .tuple(histories(), fc.array(fc.tuple(fc.nat(99), anyLimit), { maxLength: 3 }))
  .map(([{ postings }, limits]): StoredEvent[] => {
    const all: HistoryPosting[] = [...postings];
    limits.forEach(([at, limit], index) => {
      const recordedAt = postings[0]?.recordedAt ?? '2018-01-02T01:00:00.000Z';
      const events = [limitSet(limit, `${index}`)];
      all.splice(at % (all.length + 1), 0, { recordedAt, rows: [], events });
    });
    return storedEventsOf({ postings: all });
  });

describe('the alerts that follow the read model', () => {
  it('equal those of a replay of the log, wherever rounds and pages end', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 3, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(logs, cuts, async (events, sizes) => {
        await side.empty();
        let at = 0;
        for (const size of [...sizes, events.length]) {
          const page = events.slice(at, at + size);
          at += page.length;
          if (page.length > 0) await side.fold(page);
          await alertRound(side.client);
          if (endsWithinRow(events, at)) continue;
          expect(await standing()).toEqual(due(events.slice(0, at)));
        }
        const rebuilt = await alertRound(side.client, { everything: true });
        expect(rebuilt).toMatchObject({ outcome: 'advanced', changed: 0 });
      }),
      { numRuns: 25 },
    );
  });

  it('write nothing when they are evaluated again', async () => {
    await side.fold(writtenLog().post('2018-03-01T01:00:00.000Z', allocation()));
    expect(await alertRound(side.client)).toMatchObject({ outcome: 'advanced', subjects: 1 });
    expect(await alertRound(side.client)).toMatchObject({ outcome: 'up-to-date' });
    const again = await alertRound(side.client, { everything: true });
    expect(again).toMatchObject({ subjects: 1, changed: 0 });
  });

  it('mend what somebody changed by hand, and say how much', async () => {
    const log = writtenLog();
    await side.fold(log.post('2018-03-01T01:00:00.000Z', allocation()));
    await alertRound(side.client);
    await side.client.query(`
      DELETE FROM alert_side.alerts WHERE rule = 'idle-two-years';
      UPDATE alert_side.alerts SET closes_on = '2099-01-01' WHERE rule = 'idle-one-year';
      INSERT INTO alert_side.alerts SELECT 'x', rule, subject_id, subject_kind, 'gone', region,
        since, opens_on, closes_on FROM alert_side.alerts LIMIT 1`);
    expect(await verifyAlerts(side.client)).toEqual({ position: 4n, differing: 3 });
    const mended = await alertRound(side.client, { everything: true });
    expect(mended).toMatchObject({ changed: 3 });
    expect(await verifyAlerts(side.client)).toEqual({ position: 4n, differing: 0 });
    expect(await standing()).toEqual(due(log.events));
  });

  it('are verified as of their own position, also when the read model is ahead', async () => {
    const log = writtenLog();
    await side.fold(log.post('2018-03-01T01:00:00.000Z', allocation()));
    expect(await verifyAlerts(side.client)).toEqual({ position: 0n, differing: null });
    await alertRound(side.client);
    await side.fold(log.post('2018-03-02T01:00:00.000Z', payment({ sourceId: 'A-1' })));
    expect(await verifyAlerts(side.client)).toEqual({ position: 4n, differing: 0 });
  });

  it('have one checksum, however they came about', async () => {
    const log = writtenLog();
    expect(await alertChecksum(side.client)).toEqual({ position: 0n, rows: '0', hash: '0' });
    const pages = [
      log.post('2018-03-01T01:00:00.000Z', allocation(), allocation({ id: 'A-2' })),
      log.post('2018-03-02T01:00:00.000Z', payment({ sourceId: 'A-1' })),
    ];
    for (const page of pages) {
      await side.fold(page);
      await alertRound(side.client);
    }
    const followed = await alertChecksum(side.client);
    expect(followed.position).toBe(BigInt(log.events.length));
    await side.empty();
    await side.fold(log.events);
    await alertRound(side.client);
    expect(await alertChecksum(side.client)).toEqual(followed);
    await side.client.query(
      `UPDATE alert_side.alerts SET since = since - 1 WHERE rule = 'idle-one-year'`,
    );
    expect((await alertChecksum(side.client)).hash).not.toBe(followed.hash);
  });

  it('write nothing when the tables were exchanged under the round', async () => {
    await side.fold(writtenLog().post('2018-03-01T01:00:00.000Z', allocation()));
    const swap = `
      ALTER TABLE read_side.holding_days RENAME TO aside;
      CREATE TABLE read_side.holding_days (LIKE read_side.aside)`;
    const query = side.client.query.bind(side.client) as (...args: unknown[]) => Promise<unknown>;
    const swapping = Object.create(side.client) as pg.Client;
    swapping.query = (async (...args: unknown[]) => {
      const answer = await query(...args);
      if (/^\s*UPDATE/.test(String(args[0]))) await query(swap);
      return answer;
    }) as unknown as pg.Client['query'];
    expect(await alertRound(swapping)).toMatchObject({ outcome: 'overtaken' });
    expect(await standing()).toEqual([]);
  });

  it('look at everything again when a rebuild put another copy of the tables in service', async () => {
    const log = writtenLog();
    await side.fold(log.post('2018-03-01T01:00:00.000Z', allocation()));
    await alertRound(side.client);
    await side.client.query(`
      UPDATE read_side.lines SET issued_on = '2017-06-01';
      UPDATE read_side.checkpoint SET generation = gen_random_uuid()`);
    expect(await alertRound(side.client)).toMatchObject({ outcome: 'advanced', subjects: 1 });
    expect((await standing()).map(({ since }) => since)).toContain('2017-06-01');
  });

  it('are written by one of two processes, and the other finds itself overtaken', async () => {
    const log = writtenLog();
    const rows = Array.from({ length: 30 }, (_, at) => allocation({ id: `A-${at}` }));
    await side.fold(log.post('2018-03-01T01:00:00.000Z', ...rows));
    const other = new pg.Client({ connectionString: side.url });
    await other.connect();
    const outcomes = await Promise.all([alertRound(side.client), alertRound(other)]);
    await other.end();
    expect(outcomes.filter(({ outcome }) => outcome === 'advanced')).toHaveLength(1);
    expect(await standing()).toEqual(due(log.events));
  });
});

describe('what a stretch of the log touches', () => {
  const log = () => {
    const written = writtenLog();
    const root = { receiverRegion: REGION.guangxi };
    const city = { parentId: 'ROOT', receiverRegion: REGION.nanning, amount: 80_00n };
    const town = {
      parentId: 'CITY',
      issuerRegion: REGION.nanning,
      projectId: 'X-1',
      amount: 1_00n,
    };
    const dated = (on: string) => ({ issuedOn: day(on), receivedOn: day(on) });
    const events = written.post(
      '2018-03-01T01:00:00.000Z',
      project({ acceptedOn: null }),
      allocation({ id: 'OLD', ...root, ...dated('2016-02-29') }),
      allocation({ id: 'ROOT', ...root, ...dated('2018-01-02') }),
      allocation({ id: 'CITY', ...city, ...dated('2018-01-03') }),
      allocation({ id: 'TOWN', ...town, ...dated('2018-01-04') }),
    );
    return { written, events };
  };
  const late = { issuedOn: day('2018-04-01'), receivedOn: day('2018-04-05') };
  const olderLine = supplement({ allocationId: 'ROOT', parentId: 'OLD', amount: 1n, ...late });

  async function touchedBy(
    ...rows: Parameters<ReturnType<typeof writtenLog>['post']>[1][]
  ): Promise<string[]> {
    const { written, events } = log();
    await side.fold(events);
    const after = BigInt(events.length);
    const added = written.post('2018-07-01T01:00:00.000Z', ...rows);
    await side.fold(added);
    const touched = await touchedSubjects(run, after, after + BigInt(added.length));
    if (touched === 'everything') throw new Error('no list');
    return [...touched.holdings, ...touched.projects].sort();
  }

  it('a payment: its holding, and the project of it', async () => {
    const paid = payment({ sourceId: 'TOWN', amount: 1n });
    expect(await touchedBy(paid)).toEqual(['TOWN', 'X-1']);
  });

  it('an older line: everything below as well', async () => {
    expect(await touchedBy(olderLine)).toEqual(['CITY', 'OLD', 'ROOT', 'TOWN']);
  });

  it('a younger line: nothing below', async () => {
    const younger = supplement({ allocationId: 'ROOT', ...late });
    expect(await touchedBy(younger)).toEqual(['ROOT']);
  });

  it('an older line on its way: nothing below before it is acknowledged', async () => {
    expect(await touchedBy({ ...olderLine, receivedOn: null })).toEqual(['OLD', 'ROOT']);
  });

  it('lines of different days that close a circle: everything in it', async () => {
    const back = reversal({ ofId: 'S-1', reversedOn: day('2018-05-01') });
    const otherWay = supplement({
      id: 'S-2',
      allocationId: 'OLD',
      parentId: 'ROOT',
      amount: 1n,
      issuedOn: day('2018-06-01'),
      receivedOn: day('2018-06-02'),
    });
    const touched = await touchedBy(olderLine, back, otherWay);
    expect(touched).toEqual(['CITY', 'OLD', 'ROOT', 'TOWN']);
  });

  it('an acceptance: the project', async () => {
    expect(await touchedBy(project({ acceptedOn: day('2018-06-01') }))).toEqual(['X-1']);
  });

  it('a limit: every holding and project of its region', async () => {
    const limit = { rule: 'cash-parked', limitDays: 1, validFrom: '2018-01-01', fundTypes: null };
    const inCity = limitSet({ ...limit, region: REGION.nanning }, '1');
    expect(await touchedBy(inCity)).toEqual(['CITY', 'TOWN', 'X-1']);
    await side.empty();
    const everywhere = limitSet({ ...limit, region: REGION.centre }, '1');
    expect(await touchedBy(everywhere)).toEqual(['CITY', 'OLD', 'ROOT', 'TOWN', 'X-1']);
  });

  it('leads to the alerts of a replay in each case', async () => {
    const { written, events } = log();
    await side.fold(events);
    await alertRound(side.client);
    const limit = { rule: 'not-disbursed', limitDays: 1, validFrom: '2018-01-01', fundTypes: null };
    for (const row of [
      olderLine,
      project({ acceptedOn: day('2018-06-01') }),
      reversal({ ofId: 'S-1', reversedOn: day('2018-05-01') }),
      limitSet({ ...limit, region: REGION.mashan }, '1'),
    ]) {
      await side.fold(written.post('2018-07-01T01:00:00.000Z', row));
      await alertRound(side.client);
      expect(await standing()).toEqual(due(written.events));
    }
  });
});
