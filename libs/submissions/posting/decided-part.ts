import { recordKey } from '@fundflow/domain/books';
import type { LedgerEvent } from '@fundflow/domain/events';
import { sealEvent, type Stamp } from '@fundflow/command-handling/envelopes';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { EventStore, NewEvent } from '@fundflow/event-store/event-store';
import type { AppendedGroup } from '@fundflow/event-store/selected-group';
import type { AsStaged } from '../staging/as-staged.js';
import type { StagedPart } from '../staging/staged-parts.js';

/** `ProjectClosed` among the events of a project's key. */
const CLOSED_INDEX = 2;

/** What a part of a certified submission is posted with. */
export interface PartHead {
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
 * @returns null when something has changed, was posted before, or has to be decided: then nothing was posted.
 * @throws EventStoreUnavailable as `EventStore.append`
 */
export async function postAsDecided(
  { store, asStaged }: { store: Pick<EventStore, 'findEvents'>; asStaged: AsStaged },
  submissionId: string,
  part: StagedPart,
  { stamp, stream, before, after }: PartHead,
): Promise<AppendedGroup | null> {
  if (part.openProjects === null) return null;
  const closings = part.openProjects.map((id) => eventIdOf(recordKey(id), CLOSED_INDEX));
  if (closings.length > 0 && (await store.findEvents(closings)).length > 0) return null;
  const { streamId, expectedVersion } = stream;
  let version = expectedVersion;
  const sealed = (event: LedgerEvent): NewEvent => sealEvent(event, (version += 1), stamp);
  const own = { streamId, expectedVersion, before: before.map(sealed), after: after.map(sealed) };
  return asStaged.append({ submissionId, part, stamp, own });
}
