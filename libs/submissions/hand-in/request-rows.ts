import type { RegionTable } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import { readJsonRows } from '@fundflow/intake/keyed-rows';
import type { HandedInRow } from './handed-in.js';
import type { PayeeKeeper } from '../people/payee-keeper.js';
import type { SealedRows } from '../people/sealed-person.js';

/** Handing so few people over to be sealed apart costs more than it spares. */
const SEALED_HERE_MAX = 32;
/** Rows whose people are sealed while the next ones are read. */
const SEALED_TOGETHER = 100;

export interface RequestRows {
  readonly handedIn: readonly HandedInRow[];
  /** Their people being sealed meanwhile; null: sealed where they are decided. Never rejects. */
  readonly ahead: Promise<readonly SealedRows[]> | null;
}

/** The rows of one request, typed. */
export function readRequestRows(
  kind: RowKind,
  rows: readonly unknown[],
  { regions, payees }: { readonly regions: RegionTable; readonly payees: PayeeKeeper },
): RequestRows {
  if (kind !== 'payments' || rows.length <= SEALED_HERE_MAX) {
    return { handedIn: readJsonRows(kind, rows, { regionTable: regions }), ahead: null };
  }
  const handedIn: HandedInRow[] = [];
  const ahead: Promise<SealedRows>[] = [];
  for (let rowsBefore = 0; rowsBefore < rows.length; rowsBefore += SEALED_TOGETHER) {
    const slice = rows.slice(rowsBefore, rowsBefore + SEALED_TOGETHER);
    const read = readJsonRows(kind, slice, { regionTable: regions, rowsBefore });
    handedIn.push(...read);
    ahead.push(payees.sealAhead(read));
  }
  return { handedIn, ahead: Promise.all(ahead) };
}
