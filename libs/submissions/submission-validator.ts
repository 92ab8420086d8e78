import { decodeEvent, SCHEMA_VERSIONS, type WireEvent } from '@fundflow/domain/event-codec';
import type { RefusalCode } from '@fundflow/domain/decision';
import type { LedgerEvent } from '@fundflow/domain/events';
import { maskName } from '@fundflow/domain/identifiers';
import { recordKey } from '@fundflow/domain/books';
import { decideRow, postRow, referencesOf } from '@fundflow/domain/posting';
import { holdingOf } from '@fundflow/domain/holding/drawing';
import { hidePersonalNumbers } from '@fundflow/domain/personal-numbers';
import type { PostingContext } from '@fundflow/domain/posting-context';
import type { PaymentRow, Row } from '@fundflow/domain/rows';
import type { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { OpenBooks } from '@fundflow/command-handling/open-books';
import { canonicalWire } from '@fundflow/event-store/canonical';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { messageFor } from '@fundflow/intake/messages';
import type { ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import { type HandedInRow, personOf } from './handed-in.js';
import { type PayeeKeeper, samePerson } from './payee-keeper.js';
import {
  type DecidedPayment,
  PAYMENT_RULES,
  type ReportEntry,
  StagedRow,
  type StagedSecret,
  type ValidationCounts,
} from './staged.js';

export interface ValidatedBatch {
  readonly rows: readonly StagedRow[];
  readonly findings: readonly ReportEntry[];
}

interface Candidate {
  readonly handedIn: ReadRow;
  row: Row;
  secret: StagedSecret | null;
}

type PersonValues = Parameters<PayeeKeeper['seal']>[1];

/**
 * Validates one submission row by row, against everything posted and the rows before it. Holdings stay in memory for the
 * whole submission, payments do not: a file may hold two million of them.
 */
export class SubmissionValidator {
  readonly #open = new OpenBooks();
  /** Block in which a payment of this submission is staged. */
  readonly #ownPayments = new Map<string, number>();
  #block = 0;
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
  ) {}

  get counts(): Omit<ValidationCounts, 'bytesRead'> {
    return { ...this.#counts };
  }

  /** One block of rows, in order. */
  async validate(handedIn: readonly HandedInRow[]): Promise<ValidatedBatch> {
    const findings: ReportEntry[] = [];
    const staged: StagedRow[] = [];
    const candidates = await this.#prepare(handedIn);
    for (const each of handedIn) {
      this.#counts.rows += 1;
      const { error, warnings, flex } = each;
      if (error) this.#report(findings, { ...error, flex });
      for (const warning of warnings) this.#report(findings, { ...warning, flex });
      const candidate = candidates.get(each);
      if (candidate) this.#decide(candidate, staged, findings);
    }
    this.#forgetPayments();
    this.#block += 1;
    return { rows: staged, findings };
  }

  /** Loads what the rows lean on and replaces persons by commitments. */
  async #prepare(handedIn: readonly HandedInRow[]): Promise<Map<ReadRow, Candidate>> {
    const readable = handedIn.filter((each) => each.row !== null);
    const rows = readable.map((each) => each.row as Row);
    await this.parts.reader.load(this.#open, rows);
    await this.#loadOwnPayments(rows);
    const same = await this.#samePersons(rows);
    const candidates = new Map<ReadRow, Candidate>();
    const before = new Map<string, { values: PersonValues; payee: PaymentRow['payee'] }>();
    for (const each of readable) {
      const row = each.row as Row | ParsedRow;
      const person = personOf(row);
      if (!person) {
        candidates.set(each, { handedIn: each, row: row as Row, secret: null });
        continue;
      }
      const twin = before.get(row.id);
      const known = twin && samePerson(twin.values, person) ? twin.payee : same.get(row.id);
      const { payee, secret } = known
        ? { payee: known, secret: null }
        : (each.sealed ?? this.parts.payees.seal(row.id, person));
      before.set(row.id, { values: person, payee });
      candidates.set(each, { handedIn: each, row: { ...(row as PaymentRow), payee }, secret });
    }
    return candidates;
  }

  /** Payments staged in earlier blocks that these rows refer to, or repeat. */
  async #loadOwnPayments(rows: readonly Row[]): Promise<void> {
    const wanted = new Map<number, Set<string>>();
    for (const id of rows.flatMap((row) => [row.id, ...referencesOf(row)])) {
      const block = this.#ownPayments.get(id);
      if (block === undefined || this.#open.books.record(id)) continue;
      wanted.set(block, (wanted.get(block) ?? new Set()).add(id));
    }
    for (const [block, ids] of wanted) {
      for (const staged of await this.parts.readBlock(block)) {
        const { decided } = staged;
        if (decided && ids.has(staged.id)) this.#open.books.register(paymentOf(staged, decided));
      }
    }
  }

  /** Payees of known ids whose posted (or staged) values are the same: they keep their commitments. */
  async #samePersons(
    rows: readonly (Row | ParsedRow)[],
  ): Promise<Map<string, PaymentRow['payee']>> {
    const asked = rows.flatMap((row) => {
      const values = personOf(row);
      const posted = this.#open.books.record(row.id)?.row;
      if (!values || posted?.kind !== 'payments' || posted.payee.kind !== 'person') return [];
      return [{ id: row.id, values, posted }];
    });
    const same = new Map<string, PaymentRow['payee']>();
    if (asked.length === 0) return same;
    const own = asked.filter(({ id }) => this.#ownPayments.has(id));
    for (const { id, values, posted } of own) {
      const known = await this.#ownValues(id);
      if (known && samePerson(known, values)) same.set(id, posted.payee);
    }
    const others = asked.filter(({ id }) => !this.#ownPayments.has(id));
    const answers = await this.parts.payees.areSame(others);
    others.forEach(({ id, posted }, index) => answers[index] && same.set(id, posted.payee));
    return same;
  }

  async #ownValues(id: string): Promise<PersonValues | null> {
    const block = this.#ownPayments.get(id) as number;
    const staged = (await this.parts.readBlock(block)).find((row) => row.id === id);
    return staged?.secret ? this.parts.payees.open(id, staged.secret) : null;
  }

  #decide(candidate: Candidate, staged: StagedRow[], findings: ReportEntry[]): void {
    const { handedIn, row } = candidate;
    const decide = this.parts.singleRow ? decideRow : postRow;
    const decision = decide(this.#open.books, row, this.parts.context);
    const about = {
      sheet: handedIn.kind,
      row: handedIn.rowNumber,
      id: row.id,
      flex: handedIn.flex,
    };
    switch (decision.outcome) {
      case 'refused': {
        const { code, ...refused } = decision.refusal;
        const rest = LEADS_NOWHERE.has(code)
          ? { ...refused, value: shownId(refused.value, handedIn) }
          : refused;
        const message = messageFor(code, { kind: handedIn.kind, ...rest });
        return this.#report(findings, { ...about, ...rest, severity: 'error', code, message });
      }
      case 'already-posted':
        this.#counts.alreadyPostedRows += 1;
        return this.#report(findings, { ...about, ...alreadyPosted(row, handedIn.kind) });
      case 'accepted': {
        this.#counts.acceptedRows += 1;
        staged.push(this.#staged(candidate, decision.events));
      }
    }
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
    this.#ownPayments.set(row.id, this.#block);
    const { streamId, occurredOn, region, data } = main;
    const version = this.#open.versionOf(streamId);
    const { projectId } = holdingOf(this.#open.books, data.row.sourceId);
    const isOpen = this.#open.books.projectClosedOn(projectId) === null;
    const decided: DecidedPayment = {
      ...{ rules: PAYMENT_RULES, schema: SCHEMA_VERSIONS.PaymentMade, streamId, version },
      ...{ occurredOn: occurredOn ?? data.row.paidOn, region },
      openProjectId: isOpen ? projectId : null,
      eventId: eventIdOf(main.key, main.index),
    };
    return new StagedRow(kind, rowNumber, row.id, canonicalWire(data), secret, decided);
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

  #forgetPayments(): void {
    for (const id of this.#open.forgetPayments()) {
      // Own ones are found in their block, and nowhere in the log.
      if (this.#ownPayments.has(id)) this.#open.asked.add(id);
    }
  }
}

/** Their value is what somebody typed for an id, which may be anything. */
const LEADS_NOWHERE: ReadonlySet<RefusalCode> = new Set(['unknown-source', 'unknown-project']);

function shownId(value: string | null, { row }: ReadRow): string | null {
  const name = row && personOf(row)?.name;
  const hidden = value === null ? null : hidePersonalNumbers(value);
  return name && hidden !== null ? hidden.replaceAll(name, maskName(name)) : hidden;
}

function alreadyPosted(row: Row, kind: ReadRow['kind']) {
  const parts = { field: 'id', value: row.id, expected: null, difference: null };
  const message = messageFor('already-posted', { kind, ...parts });
  return { ...parts, severity: 'info', code: 'already-posted', message } as const;
}

/** The event of a payment that an earlier block holds. */
function paymentOf({ id, content }: StagedRow, decided: DecidedPayment): LedgerEvent {
  const { schema, streamId, occurredOn, region } = decided;
  const data = JSON.parse(content) as WireEvent['data'];
  const head = { type: 'PaymentMade', schema, stream: streamId, key: recordKey(id), index: 0 };
  return decodeEvent({ ...head, occurredOn, region, data });
}
