import { decodeEvent } from '@fundflow/domain/event-codec';
import type { Envelope } from '@fundflow/event-store/envelope';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { movementOf } from './movements/movement.js';
import { CannotFold, type Recorded } from './projection.js';

/**
 * Reads an event of the log.
 *
 * @throws CannotFold on an unknown type, a newer schema or anything else that cannot be read
 */
export function decode({ position, record }: StoredEvent): Recorded {
  try {
    const envelope = JSON.parse(record) as Envelope;
    const event = decodeEvent(envelope);
    return { position, envelope, event, movement: movementOf(event) };
  } catch (error) {
    throw new CannotFold(position, error instanceof Error ? error.message : String(error));
  }
}
