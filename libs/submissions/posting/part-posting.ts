import { recordKey } from '@fundflow/domain/books';
import { rowFromWire } from '@fundflow/domain/event-codec';
import type { RegionTable } from '@fundflow/domain/region';
import type { PaymentRow, Row } from '@fundflow/domain/rows';
import {
  partPosted,
  submissionCertified,
  submissionStream,
} from '@fundflow/domain/submission/certify';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import type { PostingLane } from '@fundflow/command-handling/posting-lane';
import type { PostingResult, RowRefusal } from '@fundflow/command-handling/posting-result';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { EventStore } from '@fundflow/event-store/event-store';
import { messageFor } from '@fundflow/intake/messages';
import type { AsStaged } from '../staging/as-staged.js';
import { type PartHead, postAsDecided } from './decided-part.js';
import { type PayeeKeeper, refuseOther } from '../people/payee-keeper.js';
import type { PostgresStaging } from '../postgres/postgres-staging.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from '../staged.js';
import type { StagedPart } from '../staging/staged-parts.js';

export interface PostingParts {
  readonly store: EventStore;
  readonly lane: PostingLane;
  readonly staging: PostgresStaging;
  readonly payees: PayeeKeeper;
  readonly regions: RegionTable;
  readonly asStaged: AsStaged;
}

export type Posted = Extract<PostingResult, { outcome: 'posted' }>;
/** Of a part in which every row was posted: which rows is no question. */
export type PostedWhole = Omit<Posted, 'postedIndexes'>;
/** The same with its payees, who are put and not kept yet. */
export interface PostedBeside extends PostedWhole {
  /** Durable when it answers. */
  keep(): Promise<void>;
  /** They are put later, by `keepPayees`. */
  drop(): Promise<void>;
}

/** One atomic part of a certified submission: on its way into the log, and what follows from where it stands. */
export class PartPosting {
  constructor(private readonly parts: PostingParts) {}

  /** Decides the rows and appends what they come to. @param part from 1 */
  post(
    record: SubmissionRecord,
    part: number,
    staged: readonly StagedRow[],
  ): Promise<PostingResult> {
    const { stamp, stream, before } = headOf(record, part);
    return this.parts.lane.post({
      rows: staged.map(({ wire }) => rowFromWire(wire)),
      context: { jurisdiction: record.maker.region, regions: this.parts.regions },
      ...{ stamp, stream },
      before: () => before,
      after: (postedRows) => [partPosted(record, part, postedRows)],
      reconcile: (open, rows) => this.#sameAsPosted(open, rows, staged),
    });
  }

  /** Appends what validation decided where nothing has changed since; null: the rows have to be decided. */
  async #postAsDecided(record: SubmissionRecord, part: StagedPart): Promise<PostedWhole | null> {
    const { number, rows } = part;
    const head = { ...headOf(record, number), after: [partPosted(record, number, rows)] };
    const posted = await postAsDecided(this.parts, record.id, part, head);
    return posted && { outcome: 'posted', ...posted, postedRows: rows };
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
  async postedBefore(
    record: SubmissionRecord,
    part: number,
    staged: readonly StagedRow[],
  ): Promise<Posted> {
    const { store } = this.parts;
    const streamId = submissionStream(record.id);
    const [end] = await store.readStream(streamId, part, 1);
    const ids = staged.map(({ id }) => eventIdOf(recordKey(id), 0));
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

  /**
   * Decides and appends as `post`, and keeps the payees: of a part that is posted whole they are put side by side with the
   * append, and kept when it is acknowledged. Then nothing of it is known that the log does not have.
   */
  async postAndKeep(
    record: SubmissionRecord,
    part: number,
    staged: readonly StagedRow[],
  ): Promise<PostingResult> {
    const secret = staged.flatMap(({ id, secret: it }) => (it ? [{ id, secret: it }] : []));
    const put = this.parts.payees.begin(secret);
    const result = await this.post(record, part, staged).catch(async (error: unknown) => {
      await put?.drop();
      throw error;
    });
    const posted = result.outcome === 'posted' ? result.postedIndexes : [];
    if (put && posted.length === staged.length) {
      await put.keep();
      return result;
    }
    await put?.drop();
    await this.keepPayees(staged, posted);
    return result;
  }

  /** Repeating it is inert. */
  async keepPayees(rows: readonly StagedRow[], postedIndexes: readonly number[]): Promise<void> {
    const kept = postedIndexes.flatMap((index) => {
      const staged = rows[index];
      return staged?.secret ? [{ id: staged.id, secret: staged.secret }] : [];
    });
    if (kept.length > 0) await this.parts.payees.keep(kept);
  }

  /**
   * Appends what validation decided where nothing has changed since, and puts its payees side by side with the append: others see them when they are kept,
   * and they are nowhere when nothing was posted.
   *
   * @returns null when nothing was posted; otherwise one of `keep` and `drop` is to be called, once
   */
  async postBesidePayees(record: SubmissionRecord, part: StagedPart): Promise<PostedBeside | null> {
    const put = part.paysPeople ? this.parts.asStaged.beginPayees(record.id, part) : null;
    const posted = await this.#postAsDecided(record, part).catch(async (error: unknown) => {
      await put?.drop();
      throw error;
    });
    if (!posted) {
      await put?.drop();
      return null;
    }
    return {
      ...posted,
      keep: async () => refuseOther((await put?.keep()) ?? []),
      drop: async () => put?.drop(),
    };
  }

  /** The part no longer fits: the submission ends, its report names the rows. */
  async stop(
    record: SubmissionRecord,
    part: number,
    rows: readonly StagedRow[],
    refusals: readonly RowRefusal[],
  ): Promise<void> {
    const entries = refusals.map(({ index, refusal }): ReportEntry => {
      const { sheet, row, id } = rows[index] as StagedRow;
      return {
        ...{ sheet, row, id, severity: 'error', ...refusal, flex: {} },
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
      { id: record.id, ...certificationOf(record) },
    );
  }
}

/** What every part of a certified submission begins with. */
function headOf(record: SubmissionRecord, part: number): Omit<PartHead, 'after'> {
  const { id, handedInSha256 } = record;
  const { checker, certifiedAt, rowsChoice } = certificationOf(record);
  if (!handedInSha256) throw new Error(`submission ${id} was not read to its end`);
  const certification = { submission: record, checker, rows: rowsChoice, handedInSha256 };
  const { id: actor, unit } = checker;
  return {
    stamp: { recordedAt: certifiedAt, actor, unit, cause: `submission:${id}` },
    stream: { streamId: submissionStream(id), expectedVersion: part === 1 ? 0 : part },
    before: part === 1 ? [submissionCertified(certification)] : [],
  };
}

function certificationOf({ checker, certifiedAt, rowsChoice, id }: SubmissionRecord) {
  if (!checker || !certifiedAt || !rowsChoice) throw new Error(`submission ${id} is not certified`);
  return { checker, certifiedAt, rowsChoice };
}

const stoppedMessage = (part: number, rows: number): string =>
  `第 ${part} 批中有 ${rows} 行与校验之后新入账的记录不符，该批及其后各批均未入账；此前各批已入账。`;
