import { NAMED_EVENTS_MAX } from '@fundflow/domain/oversight/events';
import type { Officer } from '@fundflow/domain/submission/submission';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { PaymentMade } from '@fundflow/domain/holding/events';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import type { RecordedPayee, Standing } from '@fundflow/vault/vault';

/** Who looks, by which question, about what. */
export interface Reading {
  readonly by: Officer;
  /** The route as declared. */
  readonly question: string;
  /** A region code, or the id of a record that exists. */
  readonly about: string;
}

/** Shown where the vault holds nothing for a person: before it is put, or a finding of `fundflow vault check`. */
const UNKNOWN = '（个人）';
const SHUT: Readonly<Record<Standing, string>> = { erased: '已删除', restricted: '（限制处理）' };

/** Where the record of a payment says whom it paid, and what was committed to about a person. */
const PAYEE = ['data', 'row', 'payee'];

/** Names of persons as an answer may show them: masked, and checked against what the record committed to. */
export class PayeeNames {
  constructor(private readonly ledger: Pick<LedgerProcess, 'store' | 'vault' | 'oversight'>) {}

  /**
   * By event id; every asked id has an answer. Also a masked name is somebody's, so nobody has it before the look is
   * recorded: the log makes it durable while the names are fetched.
   *
   * @throws Problem 503 `not-recorded`
   */
  async masked(
    eventIds: readonly string[],
    { by, question, about }: Reading,
  ): Promise<ReadonlyMap<string, string>> {
    if (eventIds.length === 0) return new Map();
    const recording = recordedFirst(
      this.ledger.oversight.record(by, {
        type: 'PersonalDataRead',
        data: {
          ...{ purpose: 'masked-answer', caseId: null, question, about, masked: true },
          ...{ fields: ['name'], persons: eventIds.length },
          eventIds: eventIds.slice(0, NAMED_EVENTS_MAX),
        },
        reason: null,
      }),
    );
    const [names] = await Promise.all([this.#namesOf(eventIds), recording]);
    return names;
  }

  async #namesOf(eventIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const recorded: RecordedPayee[] = [];
    for (const [eventId, part] of await this.ledger.store.findParts(eventIds, PAYEE)) {
      const payee = JSON.parse(part) as PaymentMade['data']['row']['payee'];
      if (payee.kind === 'person') recorded.push({ eventId, payee });
    }
    const { vault } = this.ledger;
    const opened = await vault.openMasked(recorded);
    const absent = eventIds.filter((id) => !opened.has(id));
    const standing =
      absent.length === 0 ? new Map<string, Standing>() : await vault.standing(absent);
    const shut = (id: string): string => SHUT[standing.get(id) as Standing] ?? UNKNOWN;
    return new Map(eventIds.map((id) => [id, opened.get(id)?.name ?? shut(id)]));
  }

  /** Fills the names of persons into a field of the items, and drops the marker they came with. */
  async fillIn<T extends { readonly personalEventId: string | null }, F extends keyof T>(
    items: readonly T[],
    field: F,
    reading: Reading,
  ): Promise<Omit<T, 'personalEventId'>[]> {
    const names = await this.masked(
      items.flatMap(({ personalEventId: id }) => id ?? []),
      reading,
    );
    // Set to nothing it is in no answer; taking the rest of an item costs more than the names.
    const unmarked = { personalEventId: undefined };
    return items.map((item) => {
      const { personalEventId: id } = item;
      if (id === null) return { ...item, ...unmarked };
      return { ...item, [field]: names.get(id) ?? null, ...unmarked };
    });
  }
}
