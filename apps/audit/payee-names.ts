import type { PaymentMade } from '@fundflow/domain/holding/events';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import type { RecordedPayee } from '@fundflow/vault/vault';

/** Shown where the vault holds nothing (any more) for a person. */
const UNKNOWN = '（个人）';

/** Names of persons as an answer may show them: masked, and checked against what the record committed to. */
export class PayeeNames {
  constructor(private readonly ledger: Pick<LedgerProcess, 'store' | 'vault'>) {}

  /** By event id; every asked id has an answer. */
  async masked(eventIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (eventIds.length === 0) return new Map();
    const recorded: RecordedPayee[] = [];
    for (const { eventId, record } of await this.ledger.store.findEvents(eventIds)) {
      const { data } = JSON.parse(record) as Pick<PaymentMade, 'data'>;
      const { payee } = data.row;
      if (payee.kind === 'person') recorded.push({ eventId, payee });
    }
    const opened = await this.ledger.vault.openMasked(recorded);
    return new Map(eventIds.map((id) => [id, opened.get(id)?.name ?? UNKNOWN]));
  }

  /** Fills the names of persons into a field of the items, and drops the marker they came with. */
  async fillIn<T extends { readonly personalEventId: string | null }, F extends keyof T>(
    items: readonly T[],
    field: F,
  ): Promise<Omit<T, 'personalEventId'>[]> {
    const names = await this.masked(items.flatMap(({ personalEventId: id }) => id ?? []));
    return items.map(({ personalEventId, ...item }) =>
      personalEventId === null ? item : { ...item, [field]: names.get(personalEventId) ?? null },
    );
  }
}
