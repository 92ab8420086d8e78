import { recordKey } from '@fundflow/domain/books';
import type { PaymentRow } from '@fundflow/domain/rows';
import type { ReadRow } from '@fundflow/intake/batches';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { canonicalValue, PERSONAL_FIELDS } from '@fundflow/vault/commitment';
import { type PayeeValues, valuesOf } from '@fundflow/vault/payload';
import { unseal } from '@fundflow/vault/seal';
import type { Vault, VaultEntry } from '@fundflow/vault/vault';
import { coalesce } from '@fundflow/command-handling/coalesce';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import { bytesOf } from '../growing-bytes.js';
import {
  personOf,
  type PersonToSeal,
  type SealApart,
  type SealedPerson,
  type SealedRows,
  sealPerson,
} from './sealed-person.js';
import type { StagedSecret } from '../staged.js';

/** Postings put together, each of at most `ALONE_FROM` payees. */
const TOGETHER_MAX = 64;
const ALONE_FROM = 100;

/** A payment and what was sealed of its payee. */
export interface PayeeToKeep {
  readonly id: string;
  readonly secret: StagedSecret;
}

const eventIdOfPayment = (id: string): string => eventIdOf(recordKey(id), 0);

/** Keeps payees who are natural persons out of rows and records: commitments there, values in the vault. */
export class PayeeKeeper {
  /** Payees of many small postings in one statement. */
  readonly #putTogether: (entries: readonly VaultEntry[]) => Promise<{ kept: readonly string[] }>;

  constructor(
    private readonly vault: Vault,
    private readonly keys: VaultKeys,
    private readonly sealApart: SealApart | null = null,
  ) {
    this.#putTogether = coalesce(async (asked: readonly (readonly VaultEntry[])[]) => {
      const kept = new Set((await vault.putAll(asked.flat())).kept);
      return asked.map((entries) => ({
        kept: entries.map(({ eventId }) => eventId).filter((id) => kept.has(id)),
      }));
    }, TOGETHER_MAX);
  }

  seal(id: string, values: PayeeValues): SealedPerson {
    return sealPerson(id, values, this.keys);
  }

  /**
   * Begins to seal the people of these rows apart from what this thread does. Never rejects: whoever is missing in the
   * answer is sealed by `seal`.
   */
  async sealAhead(rows: readonly ReadRow[]): Promise<SealedRows> {
    const people: PersonToSeal[] = [];
    const theirs: ReadRow[] = [];
    for (const each of this.sealApart ? rows : []) {
      const values = each.row && personOf(each.row);
      if (!each.row || !values) continue;
      people.push({ id: each.row.id, values });
      theirs.push(each);
    }
    if (!this.sealApart || people.length === 0) return new Map();
    const sealed = await this.sealApart(people).catch(() => []);
    return new Map(sealed.map((person, at) => [theirs[at] as ReadRow, person]));
  }

  /** The values staged with a row. */
  open(id: string, secret: StagedSecret): PayeeValues {
    const openings = unseal(
      {
        recordKey: recordKey(id),
        subject: bytesOf(secret.subject),
        sealed: bytesOf(secret.sealed),
      },
      this.keys,
    );
    return valuesOf(openings);
  }

  /** For each posted payment: whether its payee is the person these values name. */
  async areSame(
    asked: readonly {
      readonly id: string;
      readonly posted: PaymentRow;
      readonly values: PayeeValues;
    }[],
  ): Promise<boolean[]> {
    const recorded = asked.flatMap(({ id, posted: { payee } }) =>
      payee.kind === 'person' ? [{ eventId: eventIdOfPayment(id), payee }] : [],
    );
    const opened = await this.vault.open(recorded);
    return asked.map(({ id, values }) => {
      const known = opened.get(eventIdOfPayment(id));
      return known !== undefined && samePerson(known, values);
    });
  }

  /**
   * Puts the payees of posted payments into the vault; repeating it changes nothing.
   *
   * @throws Error when the vault already holds something else under a posted payment: its commitments could not be
   * opened any more, so this stops instead of going on.
   */
  async keep(rows: readonly PayeeToKeep[]): Promise<void> {
    refuseOther((await this.#put(rows.map(entryOf))).kept);
  }

  /**
   * Begins to put the payees of payments that are about to be posted: `keep` when all of them were, as `keep` above. Null
   * where few payees go together with those of other postings.
   */
  begin(rows: readonly PayeeToKeep[]): { keep(): Promise<void>; drop(): Promise<void> } | null {
    if (rows.length <= ALONE_FROM) return null;
    const put = this.vault.beginPut(rows.map(entryOf));
    return { keep: async () => refuseOther((await put.keep()).kept), drop: () => put.drop() };
  }

  async #put(entries: readonly VaultEntry[]): Promise<{ readonly kept: readonly string[] }> {
    return entries.length > ALONE_FROM ? this.vault.putAll(entries) : this.#putTogether(entries);
  }
}

const entryOf = ({ id, secret }: PayeeToKeep): VaultEntry => ({
  eventId: eventIdOfPayment(id),
  recordKey: recordKey(id),
  subject: bytesOf(secret.subject),
  sealed: bytesOf(secret.sealed),
  region: secret.region ?? '',
});

/** @throws Error when there are any, as `PayeeKeeper.keep` says */
export function refuseOther(kept: readonly string[]): void {
  if (kept.length > 0) throw new Error(`the vault holds other data for ${kept.join(' ')}`);
}

export function samePerson(a: PayeeValues, b: PayeeValues): boolean {
  return PERSONAL_FIELDS.every(
    (field) => canonicalValue(field, a[field] ?? '') === canonicalValue(field, b[field] ?? ''),
  );
}
