import type { Batch, ReadRow } from '@fundflow/intake/batches';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import type { KnownPeople } from '../people/known-people.js';
import { personOf, type SealedPerson, sealPerson } from '../people/sealed-person.js';
import type { HandedInRow } from './handed-in.js';
import { type PlainPayments, sealed, type UnsealedPayments } from './plain-payments.js';
import { PlainPaymentsWriter } from './plain-payments-writer.js';

/**
 * Rows of one block: a statement for each costs something. Read in smaller batches, they are bytes by then and no work
 * for the collector.
 */
const BLOCK_ROWS = 1_000;

/** Rows of one table of a file in its order: plain payments by columns, all others one by one. */
export interface HandedInBatch extends Omit<Batch, 'rows'> {
  /** In the places that no plain payment has. */
  readonly rows: readonly HandedInRow[];
  readonly plain: PlainPayments | null;
}

/** The same with the people of its plain payments in clear. */
export interface UnsealedBatch extends Omit<HandedInBatch, 'plain'> {
  readonly plain: UnsealedPayments | null;
}

type BatchHead = Omit<Batch, 'rows'>;

/**
 * Batches of one file made ready to be handed in, several as one: persons sealed, plain payments written down.
 *
 * @throws what reading the file throws
 */
export async function* handedIn(
  batches: AsyncIterable<Batch>,
  keys: VaultKeys,
  known: KnownPeople,
): AsyncGenerator<HandedInBatch> {
  for await (const { plain, ...batch } of writtenDown(batches, keys)) {
    const held = plain && (await known.keysHeld(plain));
    yield { ...batch, plain: plain && sealed(plain, keys, held) };
  }
}

/** The same before the people of plain payments are sealed. @throws what reading the file throws */
export async function* writtenDown(
  batches: AsyncIterable<Batch>,
  keys: VaultKeys,
): AsyncGenerator<UnsealedBatch> {
  const writer = new PlainPaymentsWriter(keys.index);
  const sealOther = (read: ReadRow): SealedPerson | null => sealedAlone(read, keys);
  let waiting = null as BatchHead | null;
  const taken = (about: BatchHead): UnsealedBatch => {
    const { plain, others } = writer.take();
    return { ...about, rows: others, plain };
  };
  for await (const { rows, ...about } of batches) {
    // Every table has its list of columns.
    if (waiting && waiting.flexColumns !== about.flexColumns) {
      yield taken(waiting);
      waiting = null;
    }
    for (const read of rows) writer.add(read, sealOther);
    waiting = { ...about, notes: waiting?.notes ?? about.notes };
    if (writer.rows < BLOCK_ROWS) continue;
    yield taken(waiting);
    waiting = null;
  }
  if (waiting) yield taken(waiting);
}

function sealedAlone({ row }: ReadRow, keys: VaultKeys): SealedPerson | null {
  const person = row && personOf(row);
  return person && sealPerson(row.id, person, keys);
}
