import type { Day } from '@fundflow/domain/calendar';
import type { AllocationRow, DisbursementRow, PaymentRow, Row } from '@fundflow/domain/rows';
import type { RegionCode } from '@fundflow/domain/region';

/**
 * The books as the plainest bookkeeper would keep them, straight from the rows: money is somewhere, moves on a day,
 * arrives on a day, and a movement that was reversed is from that day on as if it had never been. It decides nothing
 * and shares no code with the ledger, so specs can hold the ledger against it.
 */
export interface Movement {
  readonly id: string;
  readonly kind: Row['kind'];
  readonly amountFen: bigint;
  /** An account: the id of a holding, or one of `OUTSIDE`, `PAID`, `LEFT`. */
  readonly from: string;
  readonly to: string;
  readonly sentOn: Day;
  /** null: on its way. */
  receivedOn: Day | null;
  reversedOn: Day | null;
}

/** Where money is before it enters the ledger. */
export const OUTSIDE = '→';
/** What payees have. */
export const PAID = 'paid';
/** Authority that left the ledger upwards. */
export const LEFT = 'left';
export const IN_TRANSIT = 'in transit';

/** Rows in the order they were posted, completions among them. */
export function movementsOf(rows: readonly Row[]): Movement[] {
  const first = new Map<string, Row>();
  const movements = new Map<string, Movement>();
  for (const row of rows) {
    const known = movements.get(row.id);
    if (known) known.receivedOn = receiptOf(row);
    else if (row.kind === 'reversals') {
      (movements.get(row.ofId) as Movement).reversedOn = row.reversedOn;
    } else {
      const movement = movementOf(row, first);
      if (movement) movements.set(row.id, movement);
    }
    if (!first.has(row.id)) first.set(row.id, row);
  }
  return [...movements.values()];
}

/** What every account has at the end of `day`; an account nothing touched is left out. */
export function balancesOn(movements: readonly Movement[], day: Day): Map<string, bigint> {
  const balances = new Map<string, bigint>();
  const add = (account: string, amount: bigint): unknown =>
    balances.set(account, (balances.get(account) ?? 0n) + amount);
  for (const { amountFen, from, to, sentOn, receivedOn, reversedOn } of movements) {
    if (sentOn > day || (reversedOn !== null && reversedOn <= day)) continue;
    add(from, -amountFen);
    add(receivedOn !== null && receivedOn <= day ? to : IN_TRANSIT, amountFen);
  }
  return balances;
}

/** Every day on which anything moved, ascending. */
export const daysOf = (movements: readonly Movement[]): Day[] =>
  [
    ...new Set(
      movements.flatMap(({ sentOn, receivedOn, reversedOn }) =>
        [sentOn, receivedOn, reversedOn].filter((day) => day !== null),
      ),
    ),
  ].sort();

/** Where a holding lies: an allocation with its receiver, a disbursement with its allocation's. */
export function regionsOfHoldings(rows: readonly Row[]): Map<string, RegionCode> {
  const regions = new Map<string, RegionCode>();
  for (const row of rows) {
    if (row.kind === 'allocations') regions.set(row.id, row.receiverRegion);
    if (row.kind === 'disbursements') {
      regions.set(row.id, regions.get(row.allocationId) as RegionCode);
    }
  }
  return regions;
}

function receiptOf(row: Row): Day | null {
  if ('creditedOn' in row) return row.creditedOn;
  return 'receivedOn' in row ? row.receivedOn : null;
}

function movementOf(row: Row, first: ReadonlyMap<string, Row>): Movement | null {
  const { id, kind } = row;
  const rest = { id, kind, receivedOn: receiptOf(row), reversedOn: null };
  switch (row.kind) {
    case 'allocations':
      return { ...rest, ...sent(row, row.issuedOn), from: row.parentId ?? OUTSIDE, to: id };
    case 'supplements':
      return {
        ...{ ...rest, ...sent(row, row.issuedOn) },
        ...{ from: row.parentId ?? OUTSIDE, to: row.allocationId },
      };
    case 'disbursements':
      return { ...rest, ...sent(row, row.disbursedOn), from: row.allocationId, to: id };
    case 'payments':
      return {
        ...{ ...rest, ...sent(row, row.paidOn), receivedOn: row.paidOn },
        ...{ from: row.sourceId, to: PAID },
      };
    case 'returns':
      return { ...rest, ...sent(row, row.returnedOn), ...backOf(row, first) };
    case 'projects':
    case 'reversals':
    case 'notices':
      return null;
  }
}

const sent = ({ amountFen }: { readonly amountFen: bigint }, sentOn: Day) => ({
  amountFen,
  sentOn,
});

function backOf(
  row: Extract<Row, { kind: 'returns' }>,
  first: ReadonlyMap<string, Row>,
): Pick<Movement, 'from' | 'to'> & { receivedOn?: Day } {
  const of = first.get(row.ofId);
  switch (row.returnKind) {
    case 'bank-return':
      return { from: PAID, to: (of as PaymentRow).sourceId, receivedOn: row.returnedOn };
    case 'cash-return':
      return { from: row.ofId, to: (of as DisbursementRow).allocationId };
    case 'recall': {
      const holdingId = of?.kind === 'supplements' ? of.allocationId : row.ofId;
      const to = (of as AllocationRow).parentId;
      // Out of the ledger it counts as gone when sent.
      return to === null
        ? { from: holdingId, to: LEFT, receivedOn: row.returnedOn }
        : { from: holdingId, to };
    }
  }
}
