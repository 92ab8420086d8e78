import { randomUUID } from 'node:crypto';
import type { AppendRequest, AppendResult, EventStore, NewEvent } from './event-store.js';

export type OpenLog = () => Promise<() => Promise<EventStore>>;

/** An event whose record is a text. */
export type TextEvent = NewEvent & { readonly record: string };

/** An event whose record says which one it is; `more` is put into the record. */
export function anEvent(more: Readonly<Record<string, unknown>> = {}): TextEvent {
  const eventId = randomUUID();
  return {
    eventId,
    type: 'AllocationIssued',
    recordedAt: '2018-06-01T02:03:04.567Z',
    record: JSON.stringify({ eventId, ...more }),
  };
}

export function someEvents(count: number): TextEvent[] {
  return Array.from({ length: count }, () => anEvent());
}

/** A stream nobody else uses, so that the tests of one block can share a log. */
export function aStream(): string {
  return `holding:${randomUUID()}`;
}

export function to(
  streamId: string,
  expectedVersion: number,
  events: readonly NewEvent[],
  group?: string,
): AppendRequest {
  return { streamId, expectedVersion, events, ...(group === undefined ? {} : { group }) };
}

export async function appendOne(store: EventStore, request: AppendRequest): Promise<AppendResult> {
  const [result, ...others] = await store.append([request]);
  if (result === undefined || others.length > 0) throw new Error('one request, one result');
  return result;
}

/** The result of a request that must have been appended. */
export function accepted(result: AppendResult | undefined) {
  if (result?.outcome !== 'appended') throw new Error(`not appended: ${JSON.stringify(result)}`);
  return result;
}

export function outcomes(results: readonly AppendResult[]): string[] {
  return results.map((result) => result.outcome);
}
