import { decodeEvent } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import type { Envelope } from '@fundflow/event-store/envelope';
import { EventStoreCorrupt, type StoredEvent } from '@fundflow/event-store/event-store';

/**
 * Reads the domain event out of a stored record.
 *
 * @throws EventStoreCorrupt naming the position when the record cannot be read: the caller stops, it never skips.
 */
export function readEvent(stored: StoredEvent): LedgerEvent {
  try {
    return decodeEvent(JSON.parse(stored.record) as Envelope);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EventStoreCorrupt(`position ${stored.position} cannot be read: ${reason}`);
  }
}
