import { recordKey } from '@fundflow/domain/books';
import { decodeEvent, type WireEvent } from '@fundflow/domain/event-codec';
import type { LedgerEvent } from '@fundflow/domain/events';
import type { OpenBooks } from '@fundflow/command-handling/open-books';
import type { DecidedPayment, StagedRow, StagedSecret } from '../staged.js';

/**
 * Payments that one submission holds itself, by the block each is staged in. They are found there, and nowhere in the
 * log: a file may hold two million of them, so they are read again when a later row names one.
 */
export class OwnPayments {
  readonly #blockOf = new Map<string, number>();

  /** @param readBlock staged rows of an earlier block */
  constructor(private readonly readBlock: (block: number) => Promise<readonly StagedRow[]>) {}

  has(id: string): boolean {
    return this.#blockOf.has(id);
  }

  add(id: string, block: number): void {
    this.#blockOf.set(id, block);
  }

  /** Nobody is to look for these in the log. */
  markAsked(open: OpenBooks, ids: readonly string[]): void {
    if (this.#blockOf.size === 0) return;
    for (const id of ids) if (this.#blockOf.has(id)) open.asked.add(id);
  }

  /** Registers those of `ids` that earlier blocks hold. */
  async register(open: OpenBooks, ids: readonly string[]): Promise<void> {
    const wanted = new Map<number, Set<string>>();
    for (const id of ids) {
      const block = this.#blockOf.get(id);
      if (block === undefined || open.books.record(id)) continue;
      wanted.set(block, (wanted.get(block) ?? new Set()).add(id));
    }
    for (const [block, idsThere] of wanted) {
      for (const staged of await this.readBlock(block)) {
        const { decided } = staged;
        if (decided && idsThere.has(staged.id)) open.books.register(paymentOf(staged, decided));
      }
    }
  }

  /** What is sealed of the payee of one of them; null where he is no person. */
  async secretOf(id: string): Promise<StagedSecret | null> {
    const block = this.#blockOf.get(id) as number;
    return (await this.readBlock(block)).find((row) => row.id === id)?.secret ?? null;
  }
}

/** The event of a payment that an earlier block holds. */
function paymentOf({ id, content }: StagedRow, decided: DecidedPayment): LedgerEvent {
  const { schema, streamId, occurredOn, region } = decided;
  const data = JSON.parse(content) as WireEvent['data'];
  const head = { type: 'PaymentMade', schema, stream: streamId, key: recordKey(id), index: 0 };
  return decodeEvent({ ...head, occurredOn, region, data });
}
