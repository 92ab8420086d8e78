import { isOversight } from '@fundflow/domain/oversight/events';
import { readEvent } from '@fundflow/command-handling/stored-event';
import type { RegionCode } from '@fundflow/domain/region';
import type { Envelope } from '@fundflow/event-store/envelope';
import {
  type AppendRequest,
  type EventStore,
  EventStoreUnavailable,
} from '@fundflow/event-store/event-store';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import {
  commitToReason,
  type KeptReason,
  OversightLog,
  type OversightFact,
  OversightUnavailable,
} from './oversight-log.js';

const INSPECTOR = { id: 'u-inspector', unit: '自治区纪委监委', region: '45' as RegionCode };
const MAKER = { id: 'u-maker', unit: '马山县财政局', region: '450124' as RegionCode };
const WHY = { purpose: 'investigation', caseId: 'A-17' } as const;
const UNMASKED: OversightFact<'PersonalDataUnmasked'> = {
  type: 'PersonalDataUnmasked',
  data: {
    ...{ ...WHY, field: 'code', subjectEventId: 'f64022f3-c44e-5520-b479-56c97bbacdf6' },
    ...{ subject: 'ab'.repeat(32), ofTheDay: 1, aboveUsual: false },
  },
  reason: '核对 2018 年第三批名册',
};
const denied = (about: string): OversightFact<'AccessDenied'> => ({
  type: 'AccessDenied',
  data: { question: 'GET /x/:code', code: 'out-of-jurisdiction', about, times: 1 },
});

function parts(over: (store: EventStore) => Partial<EventStore> = () => ({})) {
  const store = new InMemoryEventStore();
  const kept: KeptReason[] = [];
  const faulty = over(store);
  const reached = {
    append: faulty.append ?? ((requests: readonly AppendRequest[]) => store.append(requests)),
    streamVersions: (ids: readonly string[]) => store.streamVersions(ids),
    findEvents: (ids: readonly string[]) => store.findEvents(ids),
  };
  const log = () =>
    new OversightLog(
      reached,
      { keep: async (reasons) => void kept.push(...reasons) },
      () => new Date('2018-12-31T23:59:59.000Z'),
    );
  const envelopes = async (): Promise<Envelope[]> =>
    (await store.readAll(0n, 100)).map(({ record }) => JSON.parse(record) as Envelope);
  return { store, kept, log, envelopes };
}

describe('what is recorded about those who look', () => {
  it('names the actor by pseudonym, and carries the jurisdiction as its region', async () => {
    const { log, envelopes, store } = parts();
    const { position } = await log().record(INSPECTOR, UNMASKED);
    expect(position).toBe(1n);
    expect(await envelopes()).toMatchObject([
      { actor: 'u-inspector', unit: '自治区纪委监委', region: '45', occurredOn: null },
    ]);
    expect((await store.readAll(0n, 9)).map(readEvent).every(isOversight)).toBe(true);
  });

  it('commits to the reason, and the words open the commitment', async () => {
    const { log, envelopes, kept } = parts();
    const { eventId } = await log().record(INSPECTOR, UNMASKED);
    const [envelope] = await envelopes();
    const [reason] = kept;
    expect(reason?.eventId).toBe(eventId);
    expect(JSON.stringify(envelope)).not.toContain('名册');
    expect(envelope?.data['reasonCommitment']).toBe(
      commitToReason('核对 2018 年第三批名册', reason?.opening ?? Buffer.alloc(0)),
    );
  });

  it('is in order, whoever wrote it and however many at once', async () => {
    const { log, envelopes } = parts();
    const [first, second] = [log(), log()];
    const places = Array.from({ length: 40 }, (_, index) => `${450000 + index}`);
    const answers = await Promise.all(
      places.map((about, index) => (index % 2 === 0 ? first : second).record(MAKER, denied(about))),
    );
    expect(new Set(answers.map(({ position }) => position)).size).toBe(40);
    const found = await envelopes();
    for (const [index, { position, eventId }] of answers.entries()) {
      const envelope = found[Number(position) - 1];
      expect([envelope?.eventId, envelope?.data['about']]).toEqual([eventId, places[index]]);
    }
  });

  it('counts refusals that repeat while one is being written, and never mixes actors', async () => {
    const { log, envelopes } = parts();
    const one = log();
    const again = Array.from({ length: 50 }, () => one.record(MAKER, denied('52')));
    await Promise.all([...again, one.record(INSPECTOR, denied('52'))]);
    const found = await envelopes();
    expect(found.length).toBeLessThan(51);
    const times = (who: string): number =>
      found
        .filter(({ actor }) => actor === who)
        .reduce((sum, { data }) => sum + Number(data['times']), 0);
    expect([times('u-maker'), times('u-inspector')]).toEqual([50, 1]);
  });

  it('with the same key is one event, also from a process that came later', async () => {
    const { log, envelopes } = parts();
    const keyed = { ...denied('52'), key: 'access:1' };
    const first = await log().record(MAKER, keyed);
    const later = log();
    const [other, again] = await Promise.all([
      later.record(MAKER, denied('53')),
      later.record(MAKER, keyed),
    ]);
    expect(again).toEqual(first);
    expect(other.position).toBe(2n);
    expect(await envelopes()).toHaveLength(2);
  });
});

describe('no log, no data', () => {
  it('a lost answer is asked for again, and the event stands once', async () => {
    let calls = 0;
    const { log, envelopes } = parts((store) => ({
      append: async (requests) => {
        const results = await store.append(requests);
        calls += 1;
        if (calls === 1) throw new EventStoreUnavailable('connection lost');
        return results;
      },
    }));
    const one = log();
    expect((await one.record(INSPECTOR, UNMASKED)).position).toBe(1n);
    expect((await one.record(INSPECTOR, UNMASKED)).position).toBe(2n);
    expect(await envelopes()).toHaveLength(2);
  });

  it('a log that stays away lets nothing be shown', async () => {
    const { log } = parts(() => ({
      append: () => Promise.reject(new EventStoreUnavailable('gone')),
    }));
    await expect(log().record(INSPECTOR, UNMASKED)).rejects.toThrow(OversightUnavailable);
  });

  it('a reason that cannot be kept lets nothing be recorded', async () => {
    const { store, envelopes } = parts();
    const log = new OversightLog(store, { keep: () => Promise.reject(new Error('disk full')) });
    await expect(log.record(INSPECTOR, UNMASKED)).rejects.toThrow(OversightUnavailable);
    expect(await envelopes()).toEqual([]);
  });
});

describe('the tail of the log', () => {
  it('that is only our own oversight need not be waited for; anything else must', async () => {
    const { log, store } = parts();
    const [own, other] = [log(), log()];
    await other.record(MAKER, denied('45'));
    expect(own.beforeOwnTail(1n)).toBe(1n);
    await own.record(MAKER, denied('46'));
    await own.record(MAKER, denied('47'));
    expect([3n, 2n, 1n].map((head) => own.beforeOwnTail(head))).toEqual([1n, 1n, 1n]);
    await other.record(MAKER, denied('48'));
    expect(own.beforeOwnTail(await store.head())).toBe(4n);
  });
});
