import { recordKey } from '@fundflow/domain/books';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import { groupOf, type Stamp, type WrittenEvent } from '@fundflow/command-handling/envelopes';
import type { PostingResult } from '@fundflow/command-handling/posting-result';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { EventStore } from '@fundflow/event-store/event-store';
import { type DecidedPayment, PAYMENT_RULES, type StagedRow } from './staged.js';

/** `ProjectClosed` among the events of a project's key. */
const CLOSED_INDEX = 2;

export interface DecidedPart {
  readonly rows: readonly StagedRow[];
  readonly stamp: Stamp;
  /** The submission's own stream, and its own events before and behind those of the rows. */
  readonly stream: { readonly streamId: string; readonly expectedVersion: number };
  readonly before: readonly LedgerEvent[];
  readonly after: readonly LedgerEvent[];
}

/**
 * Posts a part of payments as validation decided it. That is what deciding it now would come to as long as all it leaned
 * on stands where it stood: the streams of the holdings and the ids of the rows, which the store looks at under its
 * lock, and the projects of the holdings, which are looked at just before, as they are when a part is decided.
 *
 * @returns null when something has changed, was posted before, or is no payment: then nothing was posted, and the part
 * has to be decided.
 * @throws EventStoreUnavailable as `EventStore.append`
 */
export async function postAsDecided(
  store: Pick<EventStore, 'append' | 'findEvents'>,
  { rows, stamp, stream, before, after }: DecidedPart,
): Promise<Extract<PostingResult, { outcome: 'posted' }> | null> {
  const versions = new Map([[stream.streamId, stream.expectedVersion]]);
  const projects = new Set<string>();
  const events: (LedgerEvent | WrittenEvent)[] = [...before];
  for (const { id, content, decided } of rows) {
    if (!decided || !isOfToday(decided)) return null;
    const { streamId, version, occurredOn, region, openProjectId } = decided;
    if (!versions.has(streamId)) versions.set(streamId, version - 1);
    if (openProjectId !== null) projects.add(openProjectId);
    const key = recordKey(id);
    const head = { type: 'PaymentMade', streamId, key, index: 0, occurredOn, region } as const;
    events.push({ ...head, written: content });
  }
  events.push(...after);
  const closings = [...projects].map((id) => eventIdOf(recordKey(id), CLOSED_INDEX));
  if (closings.length > 0 && (await store.findEvents(closings)).length > 0) return null;
  const results = await store.append(groupOf('part', events, [], versions, stamp));
  let lastPosition = 0n;
  for (const result of results) {
    if (result.outcome !== 'appended' || result.repeated) return null;
    if (result.lastPosition > lastPosition) lastPosition = result.lastPosition;
  }
  return {
    outcome: 'posted',
    // Positions of a group are contiguous.
    firstPosition: lastPosition - BigInt(events.length - 1),
    lastPosition,
    postedRows: rows.length,
    postedIndexes: [...rows.keys()],
  };
}

const isOfToday = ({ rules, schema }: DecidedPayment): boolean =>
  rules === PAYMENT_RULES && schema === SCHEMA_VERSIONS.PaymentMade;
