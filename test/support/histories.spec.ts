import { OVERSIGHT_TYPES } from '@fundflow/domain/oversight/events';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import fc from 'fast-check';
import { envelopesOf } from './envelopes.js';
import { describeHistory, eventsOf, histories, rowsOf } from './histories.js';

const sample = fc.sample(histories(), { seed: 2018, numRuns: 400 });

describe('random histories', () => {
  it('show every kind of event that rows lead to', () => {
    const seen = new Set(sample.flatMap(eventsOf).map((event) => event.type));
    const fromElsewhere = [
      'SubmissionCertified',
      'SubmissionPartPosted',
      'RuleLimitSet',
      'AttachmentAdded',
      ...OVERSIGHT_TYPES,
    ];
    expect([...seen].sort()).toEqual(
      Object.keys(SCHEMA_VERSIONS)
        .filter((type) => !fromElsewhere.includes(type))
        .sort(),
    );
  });

  it('reverse every kind of movement, and repeat no id', () => {
    const reversed = new Set<string>();
    for (const history of sample) {
      const ids = new Set<string>();
      for (const event of eventsOf(history)) {
        if (event.type === 'MovementReversed') reversed.add(event.data.ofKind);
        const id = `${event.key}/${event.index}`;
        expect(ids).not.toContain(id);
        ids.add(id);
      }
    }
    expect([...reversed].sort()).toEqual([
      'allocation',
      'bank-return',
      'cash-return',
      'disbursement',
      'payment',
      'recall',
      'supplement',
    ]);
  });

  it('are certified at moments that only increase, and hold no empty certification', () => {
    for (const { postings } of sample) {
      const moments = postings.map((posting) => posting.recordedAt);
      expect(moments).toEqual([...new Set(moments)].sort());
      for (const { rows, events } of postings) {
        expect(rows.length).toBeGreaterThan(0);
        expect(events.length).toBeGreaterThanOrEqual(rows.length);
      }
    }
  });

  it('are the same for the same seed', () => {
    const [one, other] = [1, 2].map(() => fc.sample(histories(), { seed: 7, numRuns: 20 }));
    expect(one?.map(describeHistory)).toEqual(other?.map(describeHistory));
  });

  it('shrink to a single row where a single row fails', () => {
    const check = fc.check(
      fc.property(histories(), (history) => rowsOf(history).length === 0),
      { seed: 1 },
    );
    expect(rowsOf(check.counterexample?.[0] as never)).toHaveLength(1);
  });
});

describe('the records of a history', () => {
  it('count versions from 1 in every stream, and begin each posting with its certification', () => {
    for (const history of sample.slice(0, 50)) {
      const versions = new Map<string, number>();
      for (const envelope of envelopesOf(history)) {
        expect(envelope.version).toBe((versions.get(envelope.stream) ?? 0) + 1);
        versions.set(envelope.stream, envelope.version);
      }
      const certified = envelopesOf(history).filter(({ type }) => type === 'SubmissionCertified');
      expect(certified).toHaveLength(history.postings.length);
    }
  });
});
