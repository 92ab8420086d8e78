import { encodeData } from '@fundflow/domain/event-codec';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import fc from 'fast-check';
import { envelopeOf } from '../../test/support/envelopes.js';
import { eventsOf, histories } from '../../test/support/histories.js';
import { sealEvent } from './envelopes.js';

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
          expect(sealed.record).toBe(canonicalRecord(envelope));
        });
      }),
    );
  });
});
