import type { LedgerEvent } from '@fundflow/domain/events';
import { decideRow, postDraw, postRow } from '@fundflow/domain/posting';
import { holdingOf } from '@fundflow/domain/holding/drawing';
import type { PostingContext } from '@fundflow/domain/posting-context';
import type { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { OpenBooks } from '@fundflow/command-handling/open-books';
import { canonicalWire } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { Candidates, type Candidate } from './candidates.js';
import { DecidedPayments } from './decided-payments.js';
import type { HandedInRow } from '../hand-in/handed-in.js';
import type { HandedInBatch } from '../hand-in/handed-in-batch.js';
import type { PayeeKeeper } from '../people/payee-keeper.js';
import type { SealedRows } from '../people/sealed-person.js';
import { drawAt, inPlaces, type PlainPayments, wholeRow } from '../hand-in/plain-payments.js';
import { OwnPayments } from './own-payments.js';
import { alreadyPostedEntry, refusedEntry } from './row-report.js';
import { StagedBlock } from '../staging/staged-block.js';
import { type ReportEntry, StagedRow, type ValidationCounts } from '../staged.js';

export interface ValidatedBatch {
  readonly rows: readonly StagedRow[];
  readonly findings: readonly ReportEntry[];
}

export interface ValidatedBlock {
  readonly staged: StagedBlock;
  readonly findings: readonly ReportEntry[];
}

/**
 * Validates one submission row by row, against everything posted and the rows before it. Holdings stay in memory for the
 * whole submission, payments do not: a file may hold two million of them.
 */
export class SubmissionValidator {
  readonly #open = new OpenBooks();
  readonly #ownPayments: OwnPayments;
  readonly #candidates: Candidates;
  readonly #decided = new DecidedPayments(this.#open);
  #block = 0;
  /** One is written while the next is validated. */
  readonly #memory: StagedBlock[] = [];
  #counts = { rows: 0, acceptedRows: 0, alreadyPostedRows: 0, errors: 0, warnings: 0 };

  /**
   * @param readBlock staged rows of an earlier block of this submission
   * @param singleRow the submission has one row: nothing after it needs to see it
   */
  constructor(
    private readonly parts: {
      readonly reader: LedgerReader;
      readonly payees: PayeeKeeper;
      readonly context: PostingContext;
      readBlock(block: number): Promise<readonly StagedRow[]>;
      readonly singleRow?: boolean;
    },
  ) {
    const { reader, payees } = parts;
    this.#ownPayments = new OwnPayments((block) => parts.readBlock(block));
    const { singleRow = false } = parts;
    this.#candidates = new Candidates(reader, payees, this.#open, this.#ownPayments, singleRow);
  }

  get counts(): Omit<ValidationCounts, 'bytesRead'> {
    return { ...this.#counts };
  }

  /** The rows of one request, in order. @param ahead as `Candidates.prepare` takes it */
  async validate(
    handedIn: readonly HandedInRow[],
    ahead: Promise<readonly SealedRows[]> | null = null,
  ): Promise<ValidatedBatch> {
    const rows: StagedRow[] = [];
    const add = (row: StagedRow): unknown => rows.push(row);
    const findings = await this.#inOrder(handedIn, handedIn, { add }, { ahead });
    return { rows, findings };
  }

  /** One block of the rows of a file, in order. What is staged is valid until the block behind the next is validated. */
  async validateBlock({ rows, plain }: HandedInBatch): Promise<ValidatedBlock> {
    const staged = (this.#memory[this.#block % 2] ??= new StagedBlock());
    staged.clear();
    if (!plain) return { staged, findings: await this.#inOrder(rows, rows, staged) };
    const inOrder = await this.#wholeWhereKnown(rows, plain);
    const whole = inOrder.filter((each) => typeof each !== 'number');
    const decidePlain = (index: number, findings: ReportEntry[]): void =>
      this.#decidePlain(plain, index, staged, findings);
    return { staged, findings: await this.#inOrder(inOrder, whole, staged, { decidePlain }) };
  }

  /** @param inOrder rows, and of plain payments their indexes */
  async #inOrder(
    inOrder: readonly (HandedInRow | number)[],
    whole: readonly HandedInRow[],
    staged: Pick<StagedBlock, 'add'>,
    {
      decidePlain,
      ahead = null,
    }: {
      readonly decidePlain?: (index: number, findings: ReportEntry[]) => void;
      readonly ahead?: Promise<readonly SealedRows[]> | null;
    } = {},
  ): Promise<ReportEntry[]> {
    const findings: ReportEntry[] = [];
    const candidates = await this.#candidates.prepare(whole, ahead);
    for (const each of inOrder) {
      this.#counts.rows += 1;
      if (typeof each === 'number') {
        decidePlain?.(each, findings);
        continue;
      }
      const { error, warnings, flex } = each;
      if (error) this.#report(findings, { ...error, flex });
      for (const warning of warnings) this.#report(findings, { ...warning, flex });
      const candidate = candidates.get(each);
      if (candidate) this.#decide(candidate, staged, findings);
    }
    this.#open.forgetPayments();
    this.#block += 1;
    return findings;
  }

  /**
   * Plain payments in their places as indexes; those whose id stands anywhere else, posted, staged or in this batch, as
   * whole rows.
   */
  async #wholeWhereKnown(
    others: readonly HandedInRow[],
    plain: PlainPayments,
  ): Promise<(HandedInRow | number)[]> {
    const { ids, eventIds, sourceIds, projectIds } = plain;
    const own = this.#ownPayments;
    const projects = projectIds.values.filter((id) => id !== null);
    const asked = eventIds.filter((_, index) => !own.has(ids[index] as string));
    await this.parts.reader.loadPayments(this.#open, asked, [...sourceIds.values, ...projects]);
    const twice = idsTwice(ids, others);
    return inPlaces(others, plain, (index) => {
      const id = ids[index] as string;
      const isKnown = twice.has(id) || own.has(id) || this.#open.books.record(id) !== undefined;
      return isKnown ? this.#whole(plain, index) : index;
    });
  }

  #whole(plain: PlainPayments, index: number): HandedInRow {
    return wholeRow(plain, index, (id, secret) => this.parts.payees.open(id, secret));
  }

  #decide(candidate: Candidate, staged: Pick<StagedBlock, 'add'>, findings: ReportEntry[]): void {
    const { handedIn, row } = candidate;
    const decide = this.parts.singleRow ? decideRow : postRow;
    const decision = decide(this.#open.books, row, this.parts.context);
    switch (decision.outcome) {
      case 'refused':
        return this.#report(findings, refusedEntry(handedIn, row.id, decision.refusal));
      case 'already-posted':
        this.#counts.alreadyPostedRows += 1;
        return this.#report(findings, alreadyPostedEntry(handedIn, row.id));
      case 'accepted': {
        this.#counts.acceptedRows += 1;
        staged.add(this.#staged(candidate, decision.events));
      }
    }
  }

  /** A payment under an id that nobody has: what `#decide` comes to, without its row and its event. */
  #decidePlain(
    plain: PlainPayments,
    index: number,
    staged: StagedBlock,
    findings: ReportEntry[],
  ): void {
    const draw = drawAt(plain, index);
    const id = plain.ids[index] as string;
    const decision = postDraw(this.#open.books, draw, this.parts.context);
    if (decision.outcome === 'refused') {
      const entry = refusedEntry(this.#whole(plain, index), id, decision.refusal);
      return this.#report(findings, entry);
    }
    this.#counts.acceptedRows += 1;
    this.#ownPayments.add(id, this.#block);
    staged.addPlain(plain, index, this.#decided.count(decision.source, draw));
  }

  /** The row, and of a payment also its event: posting need not decide it again when nothing has changed by then. */
  #staged(candidate: Candidate, events: readonly LedgerEvent[]): StagedRow {
    const { handedIn, row } = candidate;
    const { kind, rowNumber } = handedIn;
    const [main] = events;
    const secret = candidate.secret && { ...candidate.secret, region: main?.region ?? '' };
    this.#count(events);
    if (this.parts.singleRow || main?.type !== 'PaymentMade') {
      return new StagedRow(kind, rowNumber, row.id, canonicalWire(row), secret, null);
    }
    this.#ownPayments.add(row.id, this.#block);
    const source = holdingOf(this.#open.books, main.data.row.sourceId);
    const eventId = eventIdOf(main.key, main.index);
    const decided = this.#decided.of(source, main.data.row.paidOn, eventId);
    return new StagedRow(kind, rowNumber, row.id, canonicalWire(main.data), secret, decided);
  }

  /** A stream of this submission's own holdings is not read from the store, and events count where they will stand. */
  #count(events: readonly LedgerEvent[]): void {
    const { versions } = this.#open;
    for (const { streamId } of events) versions.set(streamId, this.#open.versionOf(streamId) + 1);
  }

  #report(findings: ReportEntry[], entry: ReportEntry): void {
    if (entry.severity === 'error') this.#counts.errors += 1;
    if (entry.severity === 'warning') this.#counts.warnings += 1;
    findings.push(entry);
  }
}

function idsTwice(ids: readonly string[], others: readonly HandedInRow[]): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const id of [...ids, ...others.flatMap(({ row }) => row?.id ?? [])]) {
    if (once.has(id)) twice.add(id);
    once.add(id);
  }
  return twice;
}
