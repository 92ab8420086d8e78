import type { Batch, ReadRow } from '@fundflow/intake/batches';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import { type HandedInRow, personOf, sealPerson } from './handed-in.js';
import { type PlainPayments, PlainPaymentsWriter } from './plain-payments.js';

/** Rows of a file in its order: plain payments by columns, all others one by one. */
export interface HandedInBatch extends Omit<Batch, 'rows'> {
  /** In the places that no plain payment has. */
  readonly rows: readonly HandedInRow[];
  readonly plain: PlainPayments | null;
}

/** What makes batches of one file ready to be handed in: seals persons, writes plain payments down. */
export function handingIn(keys: VaultKeys): (batch: Batch) => HandedInBatch {
  const writer = new PlainPaymentsWriter();
  return (batch) => {
    const { plain, others } = writer.write(batch.rows.map((read) => sealed(read, keys)));
    return { ...batch, rows: others, plain };
  };
}

function sealed(read: ReadRow, keys: VaultKeys): HandedInRow {
  const person = read.row && personOf(read.row);
  return read.row && person ? { ...read, sealed: sealPerson(read.row.id, person, keys) } : read;
}
