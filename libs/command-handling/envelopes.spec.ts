import { encodeData } from '@fundflow/domain/event-codec';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import { textOf } from '@fundflow/event-store/record-utf8';
import fc from 'fast-check';
import { envelopeOf } from '../../test/support/envelopes.js';
import { eventsOf, histories } from '../../test/support/histories.js';
import { groupOf, sealEvent } from './envelopes.js';

describe('the record of an event', () => {
  it('is the canonical form of its envelope, whatever happened', () => {
    fc.assert(
      fc.property(histories(), fc.nat(), (history, before) => {
        const stamp = { recordedAt: '2018-06-01T02:03:04.567Z', cause: 'submission:s-1' };
        eventsOf(history).forEach((event, index) => {
          const version = before + index + 1;
          const envelope = { ...envelopeOf(event, { version, ...stamp }), data: encodeData(event) };
          const { actor, unit } = envelope;
          const sealed = sealEvent(event, version, { ...stamp, actor, unit });
          expect(textOf(sealed.record)).toBe(canonicalRecord(envelope));
        });
      }),
    );
  });
});

describe('a group', () => {
  const stamp = {
    ...{ recordedAt: '2018-06-01T02:03:04.567Z', cause: 'submission:s-1' },
    ...{ actor: 'p-1', unit: '450000' },
  };

  it('has one request a stream, at the version met, its events in their order, and guards on others', () => {
    fc.assert(
      fc.property(histories(), fc.nat(30), fc.nat(5), (history, count, before) => {
        const events = eventsOf(history).slice(0, count);
        const streams = [...new Set(events.map(({ streamId }) => streamId))];
        const [own = 'none', ...others] = streams;
        const versions = new Map(others.map((streamId) => [streamId, before]));
        const guards = [...streams, 'guarded', 'guarded'];
        const stream = { streamId: own, expectedVersion: 3 };
        const requests = groupOf('7', events, guards, versions, stamp, stream);
        const guard = { streamId: 'guarded', group: '7', expectedVersion: 0, events: [] };
        const expected = streams.map((streamId) => {
          const expectedVersion = streamId === own ? 3 : before;
          let version = expectedVersion;
          const sealed = events.flatMap((event, order) =>
            event.streamId === streamId ? [sealEvent(event, (version += 1), stamp, order)] : [],
          );
          return { streamId, group: '7', expectedVersion, events: sealed };
        });
        expect(requests).toEqual([...expected, guard]);
        const after = expected.filter(({ streamId }) => streamId !== own);
        expect(versions).toEqual(
          new Map(after.map((each) => [each.streamId, before + each.events.length])),
        );
      }),
    );
  });
});
