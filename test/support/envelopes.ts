import { encodeData, SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import type { RegionCode } from '@fundflow/domain/region';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import type { Envelope } from '@fundflow/event-store/envelope';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { NewEvent, StoredEvent } from '@fundflow/event-store/event-store';
import type { History, HistoryPosting } from './histories.js';
import { REGION } from './regions.js';

/** Who certified, pseudonymous. */
const TEST_ACTOR = 'u-checker';

export interface Stamp {
  readonly version: number;
  readonly recordedAt: string;
  readonly cause: string;
}

export function envelopeOf(event: LedgerEvent, { version, recordedAt, cause }: Stamp): Envelope {
  return {
    eventId: eventIdOf(event.key, event.index),
    stream: event.streamId,
    version,
    type: event.type,
    schema: SCHEMA_VERSIONS[event.type],
    occurredOn: event.occurredOn,
    recordedAt,
    actor: TEST_ACTOR,
    unit: REGION.centre,
    region: event.region,
    cause,
    key: event.key,
    index: event.index,
    data: encodeData(event),
  };
}

/**
 * The records of a history in the order of the log: each posting begins with `SubmissionCertified` and ends with
 * `SubmissionPartPosted`, as a certified submission does.
 */
export function envelopesOf(history: Pick<History, 'postings'>): Envelope[] {
  const versions = new Map<string, number>();
  return history.postings.flatMap((posting, at) => {
    const { recordedAt } = posting;
    const cause = `submission:H-${at + 1}`;
    return submitted(posting, `H-${at + 1}`).map((event) => {
      const version = (versions.get(event.streamId) ?? 0) + 1;
      versions.set(event.streamId, version);
      return envelopeOf(event, { version, recordedAt, cause });
    });
  });
}

/** As a store gives them back, positions from 1. */
export function storedEventsOf(history: Pick<History, 'postings'>): StoredEvent[] {
  return envelopesOf(history).map((envelope, at) => ({
    position: BigInt(at + 1),
    streamId: envelope.stream,
    version: envelope.version,
    ...newEventOf(envelope),
  }));
}

/** As a store takes them. */
export const newEventOf = (envelope: Envelope): NewEvent & { readonly record: string } => ({
  eventId: envelope.eventId,
  type: envelope.type,
  recordedAt: envelope.recordedAt,
  record: canonicalRecord(envelope),
});

function submitted({ rows, events }: HistoryPosting, submissionId: string): LedgerEvent[] {
  const head = {
    streamId: `submission-${submissionId}`,
    key: `submission:${submissionId}`,
    occurredOn: null,
    region: REGION.centre as RegionCode,
  } as const;
  return [
    {
      ...head,
      type: 'SubmissionCertified',
      index: 0,
      data: {
        submissionId,
        maker: 'u-maker',
        checker: TEST_ACTOR,
        rows: 'all',
        rowsAccepted: rows.length,
        parts: 1,
        handedInSha256: '0'.repeat(64),
      },
    },
    ...events,
    {
      ...head,
      type: 'SubmissionPartPosted',
      index: 1,
      data: { submissionId, part: 1, rows: rows.length },
    },
  ];
}
