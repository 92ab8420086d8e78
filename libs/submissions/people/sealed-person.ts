import { recordKey } from '@fundflow/domain/books';
import type { Row } from '@fundflow/domain/rows';
import type { ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import type { PayeeValues } from '@fundflow/vault/payload';
import { sealPayee } from '@fundflow/vault/seal';
import type { PersonPayee } from '@fundflow/vault/vault';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import type { StagedSecret } from '../staged.js';

/** A person's commitments for the record, and what opens them for the vault. */
export interface SealedPerson {
  readonly payee: PersonPayee;
  readonly secret: StagedSecret;
}

export interface PersonToSeal {
  /** Of the row. */
  readonly id: string;
  readonly values: PayeeValues;
}

/** Seals people beside everything else, in their order. */
export type SealApart = (people: readonly PersonToSeal[]) => Promise<readonly SealedPerson[]>;

/** People of some of the rows that were read, sealed. */
export type SealedRows = ReadonlyMap<ReadRow, SealedPerson>;

/** The values of a person still in clear; null for units and for what is sealed. */
export function personOf(row: Row | ParsedRow): PayeeValues | null {
  if (row.kind !== 'payments' || row.payee.kind !== 'person') return null;
  const { name, code, account } = row.payee;
  if (typeof name !== 'string' && name !== null) return null;
  return { name, code: code as string | null, account: account as string | null };
}

/** Commits to a person's fields; what opens them travels beside the row until it is posted. */
export function sealPerson(id: string, values: PayeeValues, keys: VaultKeys): SealedPerson {
  const { sealed, subject, name, code, account } = sealPayee(values, recordKey(id), keys);
  return {
    payee: { kind: 'person', name, code, account },
    secret: { sealed, subject },
  };
}
