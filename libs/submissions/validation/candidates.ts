import { referencesOf } from '@fundflow/domain/posting';
import type { PaymentRow, Row } from '@fundflow/domain/rows';
import type { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import type { ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import type { HandedInRow } from '../hand-in/handed-in.js';
import { personOf, type SealedRows } from '../people/sealed-person.js';
import type { OwnPayments } from './own-payments.js';
import { type PayeeKeeper, samePerson } from '../people/payee-keeper.js';
import type { StagedSecret } from '../staged.js';

/** A row that can be decided: a person in it is commitments, and what opens them stands beside it. */
export interface Candidate {
  readonly handedIn: ReadRow;
  readonly row: Row;
  readonly secret: StagedSecret | null;
}

function sealedIn(sealed: readonly SealedRows[], row: HandedInRow) {
  for (const some of sealed) {
    const person = some.get(row);
    if (person) return person;
  }
  return null;
}

type PersonValues = Parameters<PayeeKeeper['seal']>[1];

/** Makes rows ready to be decided: loads what they lean on, and replaces persons by commitments. */
export class Candidates {
  constructor(
    private readonly reader: LedgerReader,
    private readonly payees: PayeeKeeper,
    private readonly open: OpenBooks,
    private readonly own: OwnPayments,
    private readonly singleRow: boolean,
  ) {}

  /** By the row as it was handed in; what cannot be read is none. @param ahead people being sealed meanwhile */
  async prepare(
    handedIn: readonly HandedInRow[],
    ahead: Promise<readonly SealedRows[]> | null = null,
  ): Promise<Map<ReadRow, Candidate>> {
    const readable = handedIn.filter((each) => each.row !== null);
    const rows = readable.map((each) => each.row as Row);
    const named = rows.flatMap((row) => [row.id, ...referencesOf(row)]);
    this.own.markAsked(this.open, named);
    // One payment changes nothing in these books: its holding need not be kept as it stands.
    const live = this.singleRow && rows[0]?.kind === 'payments';
    await this.reader.load(this.open, rows, { live });
    await this.own.register(this.open, named);
    const same = await this.#samePersons(rows);
    const sealed = (await ahead) ?? [];
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
        : (each.sealed ?? sealedIn(sealed, each) ?? this.payees.seal(row.id, person));
      before.set(row.id, { values: person, payee });
      candidates.set(each, { handedIn: each, row: { ...(row as PaymentRow), payee }, secret });
    }
    return candidates;
  }

  /** Payees of known ids whose posted (or staged) values are the same: they keep their commitments. */
  async #samePersons(
    rows: readonly (Row | ParsedRow)[],
  ): Promise<Map<string, PaymentRow['payee']>> {
    const asked = rows.flatMap((row) => {
      const values = personOf(row);
      const posted = this.open.books.record(row.id)?.row;
      if (!values || posted?.kind !== 'payments' || posted.payee.kind !== 'person') return [];
      return [{ id: row.id, values, posted }];
    });
    const same = new Map<string, PaymentRow['payee']>();
    if (asked.length === 0) return same;
    const own = asked.filter(({ id }) => this.own.has(id));
    for (const { id, values, posted } of own) {
      const known = await this.#ownValues(id);
      if (known && samePerson(known, values)) same.set(id, posted.payee);
    }
    const others = asked.filter(({ id }) => !this.own.has(id));
    const answers = await this.payees.areSame(others);
    others.forEach(({ id, posted }, index) => answers[index] && same.set(id, posted.payee));
    return same;
  }

  async #ownValues(id: string): Promise<PersonValues | null> {
    const secret = await this.own.secretOf(id);
    return secret && this.payees.open(id, secret);
  }
}
