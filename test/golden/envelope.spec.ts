import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import type { Envelope } from '@fundflow/event-store/envelope';
import { eventIdOf } from '@fundflow/event-store/event-id';

interface Golden {
  records: { envelope: Envelope; canonical: string; sha256: string }[];
  eventIds: { key: string; index: number; eventId: string }[];
}
const golden = JSON.parse(
  readFileSync(new URL('./envelope.json', import.meta.url), 'utf8'),
) as Golden;

describe('what was settled for ever about records', () => {
  it.each(golden.records)(
    'the envelope $envelope.key has the same bytes as on the first day',
    (one) => {
      const record = canonicalRecord(one.envelope);
      expect(record).toBe(one.canonical);
      expect(createHash('sha256').update(record, 'utf8').digest('hex')).toBe(one.sha256);
    },
  );

  it.each(golden.eventIds)('event $index of the key $key has the same id', (one) => {
    expect(eventIdOf(one.key, one.index)).toBe(one.eventId);
  });

  it('the ids in the settled envelopes are those of their keys', () => {
    for (const { envelope } of golden.records) {
      expect(eventIdOf(envelope.key, envelope.index)).toBe(envelope.eventId);
    }
  });
});
