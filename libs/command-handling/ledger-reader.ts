import { recordKey, recordOf } from '@fundflow/domain/books';
import type { LedgerEvent } from '@fundflow/domain/events';
import { type Holding, streamOf } from '@fundflow/domain/holding/holding';
import { referencesOf } from '@fundflow/domain/posting';
import { noticeStream } from '@fundflow/domain/project/decide-notice';
import { projectStream } from '@fundflow/domain/project/decide-project';
import type { Row } from '@fundflow/domain/rows';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { type AppendRequest, FIND_MAX } from '@fundflow/event-store/event-store';
import { dropOldest, type KeptHolding, KeptHoldings, moveOn } from './kept-holdings.js';
import type { OpenBooks } from './open-books.js';
import type { DecisionReads } from './shared-reads.js';
import { readEvent } from './stored-event.js';

/** Folded holdings kept between batches; each costs a kilobyte or two. */
const CACHED_HOLDINGS_MAX = 20_000;
const PAGE = 10_000;
/** row → return → payment → disbursement → allocation → …: deeper plans do not exist, circles are refused. */
const ROUNDS_MAX = 1_000;

/** Rows of these kinds look through what they name, down to the holdings (and up to all ancestors). */
const LOOKS_THROUGH = new Set<Row['kind']>(['supplements', 'returns', 'reversals']);

/** Events that are asked for again and again: every row drawn on a holding names the event it began with. */
const BEGINNINGS = new Set<LedgerEvent['type']>(['AllocationIssued', 'CashDisbursed']);

interface FoundEvent {
  readonly position: bigint;
  readonly event: LedgerEvent;
}

/** What may be taken of holdings kept here. */
interface Trust {
  readonly believed?: boolean;
  readonly live?: boolean;
}

interface LoadOptions extends Trust {
  readonly takenForNew?: readonly Row[];
}

/**
 * Loads the part of the ledger that rows lean on, by their ids, in a few round trips a batch: records by the ids of
 * their first events, holdings by folding their streams (from a cache, brought up to date by what came since).
 */
export class LedgerReader {
  readonly #cache: KeptHoldings;
  /** By event id. An event never changes, so what was found once need not be asked for. */
  readonly #beginnings = new Map<string, FoundEvent>();

  constructor(
    private readonly store: DecisionReads,
    private readonly cachedHoldingsMax = CACHED_HOLDINGS_MAX,
  ) {
    this.#cache = new KeptHoldings(cachedHoldingsMax);
  }

  /**
   * Loads what `rows` lean on and `open` does not know yet.
   *
   * @param options.takenForNew those of `rows` whose own ids are not looked for
   * @param options.believed holdings kept here are taken as they stand, without asking for what came since: for who
   * appends at the versions they have, and asks when that is refused
   * @param options.live holdings may move on, up to what is posted, while `open` has them: for who decides one row on
   * them and changes nothing. `open` then knows the versions they had
   */
  async load(
    open: OpenBooks,
    rows: readonly Row[],
    { takenForNew = [], believed = false, live = false }: LoadOptions = {},
  ): Promise<void> {
    const isNew = new Set(takenForNew);
    const ids: string[] = [];
    for (const row of rows) {
      const named = isNew.has(row) ? referencesOf(row) : [row.id, ...referencesOf(row)];
      ids.push(...named);
      if (LOOKS_THROUGH.has(row.kind)) for (const id of named) open.deep.add(id);
    }
    await this.#loadIds(open, ids, { believed, live });
    await this.#versionsOfProjects(open, rows);
  }

  /** Of what was appended a moment ago: see `KeptHoldings.learn`. */
  learn(requests: readonly AppendRequest[], events: readonly LedgerEvent[]): void {
    this.#cache.learn(requests, events);
  }

  /**
   * `load` of payments, by columns, whose own ids `open` has not asked for: nothing is remembered of those that nobody
   * has posted.
   *
   * @param eventIds of their first events
   * @param references what they name: sources and projects
   */
  async loadPayments(
    open: OpenBooks,
    eventIds: readonly string[],
    references: readonly string[],
  ): Promise<void> {
    const ids = [...references];
    for (const event of await this.#find(eventIds)) {
      const known = recordOf(event);
      if (known) ids.push(known.row.id);
    }
    await this.#loadIds(open, ids, {});
  }

  async #loadIds(open: OpenBooks, wanted: readonly string[], trust: Trust): Promise<void> {
    let ids = wanted;
    for (let round = 0; ids.length > 0; round += 1) {
      if (round === ROUNDS_MAX) throw new Error('references do not end');
      ids = await this.#round(open, ids, trust);
    }
  }

  /** Keeps holdings as they stand after an acknowledged append. */
  remember(open: OpenBooks, streamIds: Iterable<string>): void {
    for (const streamId of streamIds) {
      if (!streamId.startsWith('holding-')) continue;
      const holding = open.books.lend(streamId.slice('holding-'.length));
      if (!holding) continue;
      this.#cache.keep(streamId, { holding, version: open.versionOf(streamId), lent: true });
    }
  }

  async #round(open: OpenBooks, wanted: readonly string[], trust: Trust): Promise<string[]> {
    const ids = [...new Set(wanted)].filter((id) => !open.asked.has(id));
    const next: string[] = [];
    for (const id of ids) open.asked.add(id);
    const found = await this.#find(ids.map((id) => eventIdOf(recordKey(id), 0)));
    for (const event of found) open.books.register(event);
    await this.#completions(open, ids);
    for (const id of wanted) next.push(...this.#neighbours(open, id));
    const holdings = wanted.filter((id) => {
      const kind = open.books.record(id)?.kind;
      return (
        (kind === 'allocations' || kind === 'disbursements') && !open.versions.has(streamOf(id))
      );
    });
    await this.#foldHoldings(open, [...new Set(holdings)], trust);
    for (const id of wanted) if (open.deep.has(id)) next.push(...lookThrough(open, id));
    for (const id of wanted) {
      const record = open.books.record(id);
      const grown = record?.kind === 'supplements' && open.books.holding(record.holdingId ?? '');
      // The allocation may have been here before its supplement was asked about.
      if (grown) open.books.place(grown);
    }
    const unknown = next.filter((id) => !open.asked.has(id) || mustLookThrough(open, id));
    // A child asks its parents to be looked through as well: ancestors for circles, givers for reversals.
    for (const id of unknown) if (wanted.some((from) => open.deep.has(from))) open.deep.add(id);
    return unknown;
  }

  #neighbours(open: OpenBooks, id: string): string[] {
    const record = open.books.record(id);
    if (!record) return [];
    const named = open.deep.has(id) ? referencesOf(record.row) : [];
    if (open.deep.has(id)) for (const reference of named) open.deep.add(reference);
    return record.projectId === null || record.projectId === id
      ? named
      : [...named, record.projectId];
  }

  /** Acknowledgements that lie in other streams than the record: of projects, returns and notices. */
  async #completions(open: OpenBooks, ids: readonly string[]): Promise<void> {
    const eventIds: string[] = [];
    for (const id of ids) {
      const kind = open.books.record(id)?.kind;
      if (kind === 'projects')
        eventIds.push(eventIdOf(recordKey(id), 1), eventIdOf(recordKey(id), 2));
      if (kind === 'returns' || kind === 'notices') eventIds.push(eventIdOf(recordKey(id), 1));
    }
    for (const event of await this.#find(eventIds)) open.books.complete(event);
  }

  async #find(eventIds: readonly string[]): Promise<LedgerEvent[]> {
    const events: FoundEvent[] = [];
    const unknown: string[] = [];
    for (const id of eventIds) {
      const known = this.#beginnings.get(id);
      if (known) events.push(known);
      else unknown.push(id);
    }
    for (let at = 0; at < unknown.length; at += FIND_MAX) {
      for (const stored of await this.store.findEvents(unknown.slice(at, at + FIND_MAX))) {
        const found = { position: stored.position, event: readEvent(stored) };
        events.push(found);
        if (BEGINNINGS.has(found.event.type)) this.#keepBeginning(stored.eventId, found);
      }
    }
    events.sort((a, b) => (a.position < b.position ? -1 : 1));
    return events.map(({ event }) => event);
  }

  /** Folds the streams of registered holdings, from the cache where it has them; `believed`: as they stand there. */
  async #foldHoldings(
    open: OpenBooks,
    ids: readonly string[],
    { believed = false, live = false }: Trust,
  ): Promise<void> {
    if (ids.length === 0) return;
    const folded = new Map<string, KeptHolding>();
    const after = new Map<string, number>();
    for (const id of ids) {
      const streamId = streamOf(id);
      const kept = this.#cache.get(streamId);
      if (!kept || !believed) after.set(streamId, kept?.version ?? 0);
      // Begun in these books, where it stays as it began until its stream is folded.
      const begun = { holding: open.books.holding(id) as Holding, version: 0, lent: true };
      folded.set(streamId, kept ?? begun);
    }
    if (after.size > 0) await this.#catchUp(folded, after);
    for (const [streamId, kept] of folded) {
      open.versions.set(streamId, kept.version);
      kept.lent ||= !live;
      if (after.has(streamId)) this.#cache.keep(streamId, kept);
      open.books.borrow(kept.holding);
    }
  }

  /** Reads what came after these versions, which move along, and folds it. */
  async #catchUp(
    folded: ReadonlyMap<string, KeptHolding>,
    after: Map<string, number>,
  ): Promise<void> {
    for (;;) {
      const page = await this.store.readStreams(after, PAGE);
      for (const stored of page) {
        const { streamId, version } = stored;
        after.set(streamId, version);
        const cached = folded.get(streamId) as KeptHolding;
        // Others may have folded it meanwhile.
        if (version > cached.version) moveOn(cached, version, readEvent(stored));
      }
      if (page.length < PAGE) return;
    }
  }

  async #versionsOfProjects(open: OpenBooks, rows: readonly Row[]): Promise<void> {
    const streams = new Set<string>();
    for (const row of rows) {
      if (!open.books.record(row.id)) continue;
      if (row.kind === 'projects') streams.add(projectStream(row.id));
      if (row.kind === 'notices') streams.add(noticeStream(row.id));
    }
    const unknown = [...streams].filter((streamId) => !open.versions.has(streamId));
    if (unknown.length === 0) return;
    for (const [streamId, version] of await this.store.streamVersions(unknown)) {
      open.versions.set(streamId, version);
    }
  }

  #keepBeginning(eventId: string, found: FoundEvent): void {
    this.#beginnings.set(eventId, found);
    if (this.#beginnings.size > this.cachedHoldingsMax) dropOldest(this.#beginnings);
  }
}

/** The parents of a holding's lines, which are looked through as well. */
function lookThrough(open: OpenBooks, id: string): string[] {
  open.through.add(id);
  const lines = open.books.holding(id)?.lines ?? [];
  const parents = lines.flatMap(({ parentId }) => parentId ?? []);
  for (const parent of parents) open.deep.add(parent);
  return parents;
}

/** It may have been loaded before anybody wanted to look through it. */
const mustLookThrough = (open: OpenBooks, id: string): boolean =>
  open.deep.has(id) && !open.through.has(id);
