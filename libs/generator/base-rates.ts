/**
 * How much goes wrong, in a million. Where audits published a rate it is theirs (the first three); everything else is an
 * assumption, chosen low enough that most of a plan is in order.
 */
export const BASE_RATES = {
  /** Of the money of the plan: 5.8 % idle at its end, and of these 1.9 points for two years and more. */
  idleOneYearMoney: 39_000,
  idleTwoYearsMoney: 19_000,
  /** Younger money not yet spent at the end; no rule calls it idle by age. */
  youngMoneyLeft: 40_000,
  /** Projects with a sign of fraud or misuse: in the library only after the payment, paid twice, paid in cash. */
  misusedProjects: 11_000,
  /** Public notices that should exist and do not. */
  missingNotices: 46_000,
  /** Notices shorter than ten days. */
  shortNotices: 30_000,
  /** Movements down from region and city after more than the limit. */
  passedOnLate: 60_000,
  /** Movements from the county to a project after more than sixty days. */
  detailedLate: 80_000,
  /** Allocations of region and city that hold part of the money back, and of counties. */
  heldAbove: 80_000,
  heldByCounty: 100_000,
  /** Passed down and never acknowledged: to a project, to a county. */
  unacknowledged: 8_000,
  unacknowledgedByCounty: 2_000,
  /** Cash sent and never confirmed. */
  notCredited: 4_000,
  /** Card payments a bank sends back, and how many of them are paid again. */
  bounced: 8_000,
  paidAgain: 850_000,
  /** Projects with one payment posted wrong, reversed and posted again. */
  corrected: 20_000,
  /** Idle authority beside which a disbursement was entered twice and reversed. */
  enteredTwice: 100_000,
  /** Activities paid beyond what was there (既成事实). */
  overdrawn: 700,
  /** Activities that draw on a second source (统筹整合). */
  pooled: 60_000,
  /** Money a county keeps in hand to pool with others later. */
  reserved: 80_000,
  /** Document numbers the source does not name, and such with other brackets. */
  documentNotStated: 8_000,
  documentOtherBrackets: 30_000,
} as const;
