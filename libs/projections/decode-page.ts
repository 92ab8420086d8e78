import { decodeEvent } from '@fundflow/domain/event-codec';
import type { Envelope } from '@fundflow/event-store/envelope';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import type { Recorded } from './projection.js';

/** What could be decoded before the first event that could not. */
export interface Decoded {
  readonly events: Recorded[];
  readonly failure: { readonly position: bigint; readonly message: string } | null;
}

/** Decodes consecutive events; an unknown type, a newer schema or a gap ends it there. */
export function decodePage(after: bigint, stored: readonly StoredEvent[]): Decoded {
  const events: Recorded[] = [];
  let position = after;
  for (const one of stored) {
    position += 1n;
    try {
      if (one.position !== position) throw new Error(`the log continues at ${one.position}`);
      const envelope = JSON.parse(one.record) as Envelope;
      events.push({ position, envelope, event: decodeEvent(envelope) });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { events, failure: { position, message } };
    }
  }
  return { events, failure: null };
}
