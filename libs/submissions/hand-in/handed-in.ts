import type { RowKind } from '@fundflow/domain/rows';
import type { ReadRow } from '@fundflow/intake/batches';
import type { SealedPerson } from '../people/sealed-person.js';

/** A file lying where uploads wait. */
export interface FileToRead {
  readonly path: string;
  readonly fileName: string;
  readonly kind: RowKind | null;
  readonly bytes: number;
}

/** A row as it was read; a person in it may be sealed already, beside the values in clear. */
export interface HandedInRow extends ReadRow {
  readonly sealed?: SealedPerson;
}
