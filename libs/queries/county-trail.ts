import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { accountableBefore } from './flows.js';
import type { Question } from './question.js';
import { type Snapshot, withSnapshot } from './snapshot.js';
import { readTrail, type TrailPlace } from './trail-rows.js';
import { toEntry, type TrailEntry } from './trail-entry.js';

export interface TrailQuestion {
  readonly region: RegionCode;
  /** Business dates, inclusive; null: from the beginning, up to the day asked about. */
  readonly from: string | null;
  readonly to: string | null;
  /** At most `TRAIL_MAX`. */
  readonly limit: number;
  readonly question: Question;
  /** `next` of the page before; it pins day, moment, dates and position, and overrules those given. */
  readonly cursor: TrailCursor | null;
}

/** Where a list goes on, and the snapshot it is pinned to. Plain JSON: the edge seals it. */
export type TrailCursor = {
  readonly region: string;
  readonly to: string | null;
  readonly asOf: string;
  readonly knownAt: string | null;
  readonly upTo: string;
  /** The last entry. */
  readonly on: string;
  readonly position: number;
  /** Running balance after it. */
  readonly accountableFen: string;
};

export type TrailResult =
  | {
      readonly outcome: 'found';
      readonly position: bigint;
      /** Oldest first. */
      readonly entries: readonly TrailEntry[];
      readonly next: TrailCursor | null;
    }
  /** The cursor is of the trail of another region. */
  | { readonly outcome: 'bad-cursor' };

export const TRAIL_DEFAULT = 100;
const TRAIL_MAX = 1_000;

/**
 * The audit trail of a region of any level: every record that names it or a place in it, in the order of `occurredOn`,
 * then `position`, with the running balance. A region without money has an empty trail.
 */
export function askTrail(reads: ScopedReads, asked: TrailQuestion): Promise<TrailResult> {
  const { region, cursor } = asked;
  if (cursor && cursor.region !== region) return Promise.resolve({ outcome: 'bad-cursor' });
  const pinned = cursor
    ? {
        question: { asOf: cursor.asOf, knownAt: cursor.knownAt } as Question,
        pin: BigInt(cursor.upTo),
      }
    : { question: asked.question };
  return withSnapshot(reads, pinned, async (snapshot) => {
    const limit = Math.min(asked.limit, TRAIL_MAX);
    const place: TrailPlace = {
      region,
      from: cursor ? null : asked.from,
      to: cursor ? cursor.to : asked.to,
      behind: cursor ? { on: cursor.on, position: cursor.position } : null,
    };
    const rows = await readTrail(snapshot, place, limit + 1);
    let balance = cursor ? BigInt(cursor.accountableFen) : await opening(snapshot, place);
    const entries: TrailEntry[] = [];
    for (const row of rows.slice(0, limit)) {
      const { entry, change } = toEntry(region, row, balance);
      balance += change;
      entries.push(entry);
    }
    const more = rows.length > limit;
    const next = more ? cursorAfter(snapshot, place, entries, balance) : null;
    return { outcome: 'found', position: snapshot.upTo, entries, next };
  });
}

/** The true balance before the first day asked about. */
function opening(snapshot: Snapshot, { region, from }: TrailPlace): Promise<bigint> {
  return from === null ? Promise.resolve(0n) : accountableBefore(snapshot, region, from as Day);
}

function cursorAfter(
  { question, upTo }: Snapshot,
  { region, to }: TrailPlace,
  entries: readonly TrailEntry[],
  balance: bigint,
): TrailCursor {
  const last = entries.at(-1) as TrailEntry;
  return {
    region,
    to,
    asOf: question.asOf,
    knownAt: question.knownAt,
    upTo: upTo.toString(),
    on: last.occurredOn,
    position: last.position,
    accountableFen: balance.toString(),
  };
}
