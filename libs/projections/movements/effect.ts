/**
 * What a movement does to the numbers of a region: one table for the trail, the summaries and the ledger of flows, so
 * that they cannot disagree. Source: contract §4 "How the numbers are defined", §6 "Trail" and "Last points".
 *
 * Everything follows from two questions, asked of the *holdings* as recorded: does the giver lie in the region, and does
 * the holder? The giver is the parent of a line (none when money enters from outside or leaves the ledger), the holder
 * the one who has, receives, pays or sends back.
 */
export interface Sides {
  readonly giverIn: boolean;
  readonly holderIn: boolean;
}

/** What adds up over movements, whoever asks. Reversals count with their sign turned. */
export const MEASURES = ['issued', 'received', 'paid', 'recalled', 'recallReceived'] as const;
export type Measure = (typeof MEASURES)[number];

/** The region's own numbers. accountable = received − paid − returnedUp. */
export interface Counted {
  readonly received: number;
  readonly paid: number;
  readonly returnedUp: number;
  readonly inTransit: number;
}

const NOTHING: Counted = { received: 0, paid: 0, returnedUp: 0, inTransit: 0 };

/** With which sign one fen of a measure counts in the numbers of a region that has these sides. */
export function countedIn(measure: Measure, { giverIn, holderIn }: Sides): Counted {
  const comesIn = holderIn && !giverIn;
  const goesOut = giverIn && !holderIn;
  switch (measure) {
    case 'issued':
      // Out of a holding inside, to a receiver outside (a code and its successor): the giver counts it at issue.
      if (goesOut) return { ...NOTHING, returnedUp: 1 };
      return comesIn ? { ...NOTHING, inTransit: 1 } : NOTHING;
    case 'received':
      return comesIn ? { ...NOTHING, received: 1, inTransit: -1 } : NOTHING;
    case 'paid':
      return holderIn ? { ...NOTHING, paid: 1 } : NOTHING;
    case 'recalled':
      return comesIn ? { ...NOTHING, returnedUp: 1 } : NOTHING;
    case 'recallReceived':
      // The mirror of an issue to the outside: the giver has part of it back.
      return goesOut ? { ...NOTHING, returnedUp: -1 } : NOTHING;
  }
}

/** The order is stored: a new kind goes to the end. */
export const MOVEMENT_KINDS = [
  'allocation-issued',
  'allocation-received',
  'supplement-issued',
  'supplement-received',
  'cash-disbursed',
  'cash-credited',
  'payment-made',
  'payment-returned',
  'cash-returned',
  'cash-return-received',
  'authority-recalled',
  'recall-received',
  'issue-reversed',
  'acknowledged-issue-reversed',
  'disbursement-reversed',
  'payment-reversed',
  'payment-return-reversed',
  'cash-return-reversed',
  'recall-reversed',
  'received-recall-reversed',
  'project-entered-library',
  'project-approved',
  'project-accepted',
  'project-closed',
  'notice-posted',
  'notice-removed',
] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

type Signs = Partial<Readonly<Record<Measure, 1 | -1>>>;

interface KindFacts {
  /** Type of the event in the log. */
  readonly eventType: string;
  readonly measures: Signs;
  /** Direction of its edge in a trace: with the money (`down`), back (`up`), or no edge at all. */
  readonly edge: 'down' | 'up' | null;
}

const facts = (eventType: string, edge: KindFacts['edge'], measures: Signs = {}): KindFacts => ({
  eventType,
  edge,
  measures,
});

/** A reversal of an acknowledged issue undoes both the issue and the receipt. */
export const KIND_FACTS: Readonly<Record<MovementKind, KindFacts>> = {
  'allocation-issued': facts('AllocationIssued', 'down', { issued: 1 }),
  'allocation-received': facts('AllocationReceived', null, { received: 1 }),
  'supplement-issued': facts('SupplementIssued', 'down', { issued: 1 }),
  'supplement-received': facts('SupplementReceived', null, { received: 1 }),
  'cash-disbursed': facts('CashDisbursed', 'down'),
  'cash-credited': facts('CashCredited', null),
  'payment-made': facts('PaymentMade', 'down', { paid: 1 }),
  'payment-returned': facts('PaymentReturned', 'up', { paid: -1 }),
  'cash-returned': facts('CashReturned', 'up'),
  'cash-return-received': facts('CashReturnReceived', null),
  'authority-recalled': facts('AuthorityRecalled', 'up', { recalled: 1 }),
  'recall-received': facts('RecallReceived', null, { recallReceived: 1 }),
  'issue-reversed': facts('MovementReversed', 'up', { issued: -1 }),
  'acknowledged-issue-reversed': facts('MovementReversed', 'up', { issued: -1, received: -1 }),
  'disbursement-reversed': facts('MovementReversed', 'up'),
  'payment-reversed': facts('MovementReversed', 'up', { paid: -1 }),
  'payment-return-reversed': facts('MovementReversed', 'down', { paid: 1 }),
  'cash-return-reversed': facts('MovementReversed', 'down'),
  'recall-reversed': facts('MovementReversed', 'down', { recalled: -1 }),
  'received-recall-reversed': facts('MovementReversed', 'down', {
    recalled: -1,
    recallReceived: -1,
  }),
  'project-entered-library': facts('ProjectEnteredLibrary', null),
  'project-approved': facts('ProjectApproved', null),
  'project-accepted': facts('ProjectAccepted', null),
  'project-closed': facts('ProjectClosed', null),
  'notice-posted': facts('NoticePosted', null),
  'notice-removed': facts('NoticeRemoved', null),
};

export const kindCode = (kind: MovementKind): number => CODE_OF[kind];
const CODE_OF = Object.fromEntries(MOVEMENT_KINDS.map((kind, code) => [kind, code])) as Readonly<
  Record<MovementKind, number>
>;

/** @throws Error when the code is of a newer program. */
export function kindOfCode(code: number): MovementKind {
  const kind = MOVEMENT_KINDS[code];
  if (!kind) throw new Error(`unknown movement kind ${code}`);
  return kind;
}

export type Effect = 'in' | 'out' | 'within' | 'none';

/**
 * The effect of a movement on a region, and the sign with which its amount changes `accountable` there.
 *
 * A movement between two holdings of the region is `within`; one that only names the region, or whose other side
 * decides (an issue from outside before it is acknowledged), is `none`.
 */
export function effectOn(sides: Sides, kind: MovementKind): { effect: Effect; sign: -1 | 0 | 1 } {
  let accountable = 0;
  for (const [measure, sign] of Object.entries(KIND_FACTS[kind].measures)) {
    const { received, paid, returnedUp } = countedIn(measure as Measure, sides);
    accountable += sign * (received - paid - returnedUp);
  }
  if (accountable > 0) return { effect: 'in', sign: 1 };
  if (accountable < 0) return { effect: 'out', sign: -1 };
  return { effect: sides.giverIn && sides.holderIn ? 'within' : 'none', sign: 0 };
}
