import type { Question } from './question.js';

/** What a question about the log needs of the event store. */
export interface LogReader {
  /** Events with position > `after`, in order, at most `limit`. */
  readAll(
    after: bigint,
    limit: number,
  ): Promise<readonly { readonly position: bigint; readonly record: string }[]>;
}

export interface LogEntry {
  readonly position: number;
  /** The envelope as it is stored: the proof hashes its canonical text. */
  readonly envelope: Readonly<Record<string, unknown>>;
}

export interface EventsAnswer {
  readonly entries: readonly LogEntry[];
  /** Position to go on after; null at the end of the log. */
  readonly next: number | null;
}

export const EVENTS_DEFAULT = 100;
export const EVENTS_MAX = 1_000;

/**
 * `GET /api/v1/events?after`: the log by position. With a day or a moment, the events that had happened (those without a
 * date of their own always count) and were known, and that the asker may see; a page may then hold fewer entries and still have a next one.
 *
 * @param asked.limit at most `EVENTS_MAX`
 */
export async function askEvents(
  log: LogReader,
  asked: {
    readonly after: bigint;
    readonly limit: number;
    readonly asOf: Question['asOf'] | null;
    readonly knownAt: Question['knownAt'];
    /** Whether the asker may see the record at all; left out like those of another day. */
    readonly shows: (envelope: { readonly type: string; readonly region: string }) => boolean;
  },
): Promise<EventsAnswer> {
  const { after, asOf, knownAt } = asked;
  const limit = Math.min(asked.limit, EVENTS_MAX);
  const stored = await log.readAll(after, limit);
  const entries: LogEntry[] = [];
  for (const { position, record } of stored) {
    const envelope = JSON.parse(record) as LogEntry['envelope'];
    const { occurredOn, recordedAt, ...about } = envelope as {
      occurredOn: string | null;
      recordedAt: string;
      type: string;
      region: string;
    };
    if (!asked.shows(about)) continue;
    if (asOf !== null && occurredOn !== null && occurredOn > asOf) continue;
    if (knownAt !== null && Date.parse(recordedAt) > Date.parse(knownAt)) continue;
    entries.push({ position: Number(position), envelope });
  }
  const last = stored.at(-1);
  return { entries, next: last && stored.length === limit ? Number(last.position) : null };
}
