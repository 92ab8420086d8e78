import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';

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
const EVENTS_MAX = 1_000;

/**
 * `GET /api/v1/events?after`: the log by position. With a day or a moment, the events that had happened (those without a
 * date of their own always count) and were known, and that the asker may see; a page may then hold fewer entries and still have a next one.
 *
 * @param asked.limit at most `EVENTS_MAX`
 */
export async function askEvents(
  logs: readonly ScopedReads[],
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
  const pages = await Promise.all(logs.map((log) => pageOf(log, after, limit)));
  const entries: LogEntry[] = [];
  for (const { position, record } of pages.flatMap(({ rows }) => rows).sort(byPosition)) {
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
  const end = after + BigInt(limit);
  const head = pages.reduce((most, page) => (page.head > most ? page.head : most), 0n);
  return { entries, next: head >= end ? Number(end) : null };
}

interface StoredRecord {
  readonly position: string;
  /** The text that was stored. */
  readonly record: string;
}

const byPosition = (a: StoredRecord, b: StoredRecord): number =>
  Number(a.position) - Number(b.position);

const HEAD = 'SELECT position FROM event_store.es_head';
const WINDOW = `
  SELECT position, record::text AS record FROM event_store.es_events
  WHERE position > $1::bigint AND position <= $2::bigint ORDER BY position`;

/** Of the next `limit` records those in sight: however few, no more of the log is looked through. */
function pageOf(
  log: ScopedReads,
  after: bigint,
  limit: number,
): Promise<{ readonly head: bigint; readonly rows: readonly StoredRecord[] }> {
  const span = [after.toString(), (after + BigInt(limit)).toString()];
  return log.read<{ position: string }, { head: bigint; rows: StoredRecord[] }>(
    HEAD,
    async ([head], run) => ({
      head: BigInt(head?.position ?? 0),
      rows: await run<StoredRecord>(WINDOW, span),
    }),
  );
}

const VISIBLE = 'SELECT FROM event_store.es_events WHERE event_id = $1::uuid';

/** Whether an event lies within, as the database holds it. */
export const isEventWithin = async (log: ScopedReads, eventId: string): Promise<boolean> =>
  (await log.ask(VISIBLE, [eventId])).length > 0;
