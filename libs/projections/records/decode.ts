import { decodeParsed } from '@fundflow/domain/event-codec';
import { isOversight } from '@fundflow/domain/oversight/events';
import type { Envelope } from '@fundflow/event-store/envelope';
import { movementOf } from '../movements/movement.js';
import { CannotFold, type Recorded } from '../projection.js';

/** A record and where it stands in the log; bytes are UTF-8. */
export interface PositionedRecord {
  readonly position: bigint;
  readonly record: Buffer | string;
}

/**
 * Reads the record of an event.
 *
 * @returns null for one about those who look, which no read table holds
 * @throws CannotFold on an unknown type, a newer schema or anything else that cannot be read
 */
export function decode({ position, record }: PositionedRecord): Recorded | null {
  try {
    const envelope = JSON.parse(record.toString()) as Envelope;
    const event = decodeParsed(envelope);
    if (isOversight(event)) return null;
    return { position, envelope, event, movement: movementOf(event) };
  } catch (error) {
    throw new CannotFold(position, error instanceof Error ? error.message : String(error));
  }
}
