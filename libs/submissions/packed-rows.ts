import { fen } from '@fundflow/domain/money';
import type { PaymentRow } from '@fundflow/domain/rows';
import { canonicalWire } from '@fundflow/event-store/canonical';
import type { ReadRow } from '@fundflow/intake/batches';
import { type HandedInRow, personOf, sealPerson } from './handed-in.js';
import type { StagedSecret } from './staged.js';
import type { VaultKeys } from '@fundflow/vault/vault-key';

/**
 * Rows of a batch as they pass from one thread to another: payments as two texts, a line a row, all others as they are. A copy of a thousand objects with their parts costs both threads more than reading them does.
 */
export interface PackedRows {
  /** Canonical wire text of a payment, its person as commitments. */
  readonly written: string;
  /** Subject and sealed bytes (base64) of its person, a tab between them; empty for a unit. */
  readonly secrets: string;
  readonly rowNumbers: Int32Array;
  /** What is said about some of these payments, by their line from 0, ascending. */
  readonly said: readonly (Pick<ReadRow, 'warnings' | 'flex'> & { readonly line: number })[];
  /** Where each of the others stands in the batch, ascending. */
  readonly others: readonly { readonly at: number; readonly row: HandedInRow }[];
}

/** Seals the persons of a batch and packs it. */
export function packRows(rows: readonly ReadRow[], keys: VaultKeys): PackedRows {
  const written: string[] = [];
  const secrets: string[] = [];
  const rowNumbers: number[] = [];
  const said: (Pick<ReadRow, 'warnings' | 'flex'> & { line: number })[] = [];
  const others: { at: number; row: HandedInRow }[] = [];
  rows.forEach((read, at) => {
    const { row, rowNumber } = read;
    const person = row && personOf(row);
    const sealed = row && person ? sealPerson(row.id, person, keys) : undefined;
    if (row?.kind !== 'payments') {
      others.push({ at, row: sealed ? { ...read, sealed } : read });
      return;
    }
    written.push(canonicalWire(sealed ? { ...row, payee: sealed.payee } : row));
    secrets.push(sealed ? `${sealed.secret.subject}\t${sealed.secret.sealed}` : '');
    const { warnings, flex } = read;
    if (warnings.length > 0 || Object.keys(flex).length > 0) {
      said.push({ line: rowNumbers.length, warnings, flex });
    }
    rowNumbers.push(rowNumber);
  });
  const texts = { written: written.join('\n'), secrets: secrets.join('\n') };
  return { ...texts, rowNumbers: Int32Array.from(rowNumbers), said, others };
}

/** The rows in their order; those of payments have their text and their sealed person, and no value in clear. */
export function unpackRows({
  written,
  secrets,
  rowNumbers,
  said,
  others,
}: PackedRows): HandedInRow[] {
  const rows: HandedInRow[] = [];
  const [texts, sealed] = [written.split('\n'), secrets.split('\n')];
  const [count, otherCount] = [rowNumbers.length, others.length];
  for (let [next, other, saying] = [0, 0, 0]; next + other < count + otherCount;) {
    const given = others[other];
    if (given?.at === next + other) {
      rows.push(given.row);
      other += 1;
    } else {
      const about = said[saying]?.line === next ? said[saying] : null;
      if (about) saying += 1;
      const { warnings, flex } = about ?? NOTHING_SAID;
      const read = { rowNumber: rowNumbers[next] ?? 0, error: null, warnings, flex };
      rows.push(paymentOf(texts[next] ?? '', sealed[next] ?? '', read));
      next += 1;
    }
  }
  return rows;
}

function paymentOf(
  written: string,
  secretText: string,
  about: Pick<ReadRow, 'rowNumber' | 'error' | 'warnings' | 'flex'>,
): HandedInRow {
  const wire = JSON.parse(written) as Omit<PaymentRow, 'amountFen'> & { amountFen: string };
  const row: PaymentRow = { ...wire, amountFen: fen(BigInt(wire.amountFen)) };
  const read = { ...about, kind: row.kind, id: row.id, row, written };
  if (secretText === '') return read;
  const tab = secretText.indexOf('\t');
  const [subject, sealed] = [secretText.slice(0, tab), secretText.slice(tab + 1)];
  const secret: StagedSecret = { subject, sealed };
  return { ...read, sealed: { payee: row.payee, secret } };
}

const NOTHING_SAID = { warnings: [], flex: {} } as const;
