import { recordKey } from '@fundflow/domain/books';
import { rowFromWire } from '@fundflow/domain/event-codec';
import type { RegionTable } from '@fundflow/domain/region';
import type { PaymentRow, Row } from '@fundflow/domain/rows';
import {
  partPosted,
  submissionCertified,
  submissionStream,
} from '@fundflow/domain/submission/certify';
import { PART_ROWS_MAX, partsOf, type Submission } from '@fundflow/domain/submission/submission';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import type {
  PostingLane,
  PostingResult,
  RowRefusal,
} from '@fundflow/command-handling/posting-lane';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { EventStore } from '@fundflow/event-store/event-store';
import { messageFor } from '@fundflow/intake/messages';
import type { PayeeKeeper } from './payee-keeper.js';
import type { PostgresStaging } from './postgres/postgres-staging.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from './staged.js';

interface PartUnderWay {
  readonly number: number;
  readonly rows: readonly StagedRow[];
  readonly result: Promise<PostingResult>;
}

/**
 * Posts what is certified: in order, in atomic parts, from the part where it stood. Repeating it is inert: the
 * submission's own stream tells which parts are posted.
 *
 * Order within a part: append, then the payees into the vault, then the count. A crash in between leaves the submission
 * `posting` with its staged rows, and the next start completes it.
 */
export class SubmissionPoster {
  constructor(
    private readonly parts: {
      readonly store: EventStore;
      readonly lane: PostingLane;
      readonly staging: PostgresStaging;
      readonly payees: PayeeKeeper;
      readonly regions: RegionTable;
    },
  ) {}

  /** @throws EventStoreUnavailable, PostingContended: still `posting`, repeat later. */
  async post(record: SubmissionRecord): Promise<void> {
    const stream = submissionStream(record.id);
    const partCount = Math.max(1, partsOf(record.acceptedRows));
    // Version 1 is the certification, then one event a part.
    const version = (await this.parts.store.streamVersions([stream])).get(stream) ?? 0;
    const done = Math.max(0, version - 1);
    if (record.acceptedRows === 0) return this.#countPart(record, 1, null, true);
    let number = record.postedParts;
    // One part is decided while the one before is appended; it cannot be posted unless that one was.
    let ahead: PartUnderWay | null = null;
    for await (const rows of this.#readParts(record.id, record.postedParts)) {
      number += 1;
      const result =
        number <= done
          ? this.#postedBefore(record, number, rows)
          : this.#postPart(record, number, rows);
      // It is awaited a part later: a failure meanwhile must not go unhandled.
      result.catch(() => undefined);
      if (ahead && !(await this.#finishPart(record, ahead, partCount))) return;
      ahead = { number, rows, result };
    }
    if (ahead) await this.#finishPart(record, ahead, partCount);
  }

  /** Payees into the vault, then the count; false when the posting ends here. */
  async #finishPart(
    record: SubmissionRecord,
    { number, rows, result }: PartUnderWay,
    partCount: number,
  ): Promise<boolean> {
    const posted = await result;
    if (posted.outcome === 'posted-elsewhere') return false;
    if (posted.outcome === 'refused') {
      await this.#stop(record, number, rows, posted.refusals);
      return false;
    }
    await this.#keepPayees(rows, posted.postedIndexes);
    await this.#countPart(record, number, posted, number === partCount);
    return true;
  }

  /** Staged rows in parts of at most PART_ROWS_MAX, behind the first `skip` parts. */
  async *#readParts(id: string, skip: number): AsyncGenerator<StagedRow[]> {
    let part: StagedRow[] = [];
    let toSkip = skip * PART_ROWS_MAX;
    for (let block = 0; ; block += 1) {
      const rows = await this.parts.staging.readBlock(id, block);
      if (rows === null) break;
      const kept = rows.slice(Math.min(toSkip, rows.length));
      toSkip -= rows.length - kept.length;
      for (const row of kept) {
        part.push(row);
        if (part.length < PART_ROWS_MAX) continue;
        yield part;
        part = [];
      }
    }
    if (part.length > 0) yield part;
  }

  #postPart(
    record: SubmissionRecord,
    part: number,
    staged: readonly StagedRow[],
  ): Promise<PostingResult> {
    const { maker, checker, certifiedAt, rowsChoice, handedInSha256 } = record;
    if (!checker || !certifiedAt || !rowsChoice || !handedInSha256) {
      throw new Error(`submission ${record.id} is not certified`);
    }
    const submission: Submission = record;
    const certification = { submission, checker, rows: rowsChoice, handedInSha256 };
    const streamId = submissionStream(record.id);
    return this.parts.lane.post({
      rows: staged.map(({ wire }) => rowFromWire(wire)),
      context: { jurisdiction: maker.region, regions: this.parts.regions },
      stamp: {
        recordedAt: certifiedAt,
        actor: checker.id,
        unit: checker.unit,
        cause: `submission:${record.id}`,
      },
      stream: { streamId, expectedVersion: part === 1 ? 0 : part },
      before: () => (part === 1 ? [submissionCertified(certification)] : []),
      after: (postedRows) => [partPosted(submission, part, postedRows)],
      reconcile: (open, rows) => this.#sameAsPosted(open, rows, staged),
    });
  }

  /** A payee already posted under the same id keeps its commitments when the values behind them are the same. */
  async #sameAsPosted(
    open: OpenBooks,
    rows: readonly Row[],
    staged: readonly StagedRow[],
  ): Promise<readonly Row[]> {
    const known = rows.flatMap((row, index) => {
      const secret = staged[index]?.secret;
      const posted = open.books.record(row.id)?.row;
      if (!secret || row.kind !== 'payments' || posted?.kind !== 'payments') return [];
      return [{ index, id: row.id, values: this.parts.payees.open(row.id, secret), posted }];
    });
    if (known.length === 0) return rows;
    const same = await this.parts.payees.areSame(known);
    const changed = [...rows];
    known.forEach(({ index, posted }, at) => {
      if (same[at]) changed[index] = { ...(rows[index] as PaymentRow), payee: posted.payee };
    });
    return changed;
  }

  /** The part was posted before a crash: find what it posted, so that vault and counts are completed. */
  async #postedBefore(
    record: SubmissionRecord,
    part: number,
    staged: readonly StagedRow[],
  ): Promise<PostingResult> {
    const { store } = this.parts;
    const streamId = submissionStream(record.id);
    const [end] = await store.readStream(streamId, part, 1);
    const ids = staged.map(({ wire }) => eventIdOf(recordKey((wire as Row).id), 0));
    const cause = `submission:${record.id}`;
    const own = (await store.findEvents(ids)).filter(
      (event) => (JSON.parse(event.record) as { cause: string }).cause === cause,
    );
    const indexes = new Map(ids.map((id, index) => [id, index]));
    const positions = own.map(({ position }) => position);
    const lastPosition = end?.position ?? 0n;
    return {
      outcome: 'posted',
      firstPosition:
        positions.reduce((a, b) => (b < a ? b : a), lastPosition) - (part === 1 ? 1n : 0n),
      lastPosition,
      postedRows: (JSON.parse(end?.record ?? '{}') as { data: { rows: number } }).data.rows,
      postedIndexes: own.map(({ eventId }) => indexes.get(eventId) as number),
    };
  }

  async #keepPayees(rows: readonly StagedRow[], postedIndexes: readonly number[]): Promise<void> {
    const kept = postedIndexes.flatMap((index) => {
      const staged = rows[index];
      return staged?.secret ? [{ row: staged.wire as PaymentRow, secret: staged.secret }] : [];
    });
    if (kept.length > 0) await this.parts.payees.keep(kept);
  }

  #countPart(
    record: SubmissionRecord,
    part: number,
    posted: Extract<PostingResult, { outcome: 'posted' }> | null,
    last: boolean,
  ): Promise<void> {
    return this.parts.staging.markPosted({
      id: record.id,
      part,
      rows: posted?.postedRows ?? 0,
      firstPosition: posted?.firstPosition ?? null,
      lastPosition: posted?.lastPosition ?? null,
      last,
    });
  }

  async #stop(
    record: SubmissionRecord,
    part: number,
    rows: readonly StagedRow[],
    refusals: readonly RowRefusal[],
  ): Promise<void> {
    const entries = refusals.map(({ index, refusal }): ReportEntry => {
      const { sheet, row, wire } = rows[index] as StagedRow;
      return {
        ...{ sheet, row, id: (wire as Row).id, severity: 'error', ...refusal, flex: {} },
        message: messageFor(refusal.code, { kind: sheet, ...refusal }),
      };
    });
    const first = entries[0];
    await this.parts.staging.reject(
      record.id,
      {
        code: 'no-longer-fits',
        message: stoppedMessage(part, entries.length),
        row: first?.row ?? null,
        part,
      },
      entries,
    );
  }
}

const stoppedMessage = (part: number, rows: number): string =>
  `第 ${part} 批中有 ${rows} 行与校验之后新入账的记录不符，该批及其后各批均未入账；此前各批已入账。`;
