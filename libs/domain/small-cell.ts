/** A number about people that stands for fewer of them would tell about each (domain, people and privacy: k ≥ 5). */
export const SMALL_CELL = 5;

/** What a place paid to people, as far as strangers may know it. */
export interface PaidToPeople {
  /** Told to everybody, fen. */
  readonly toldFen: bigint;
  /** Not told yet, fen. */
  readonly heldFen: bigint;
  /** Whom it was paid to, fewer than `SMALL_CELL`. */
  readonly heldFor: readonly string[];
}

export const NOTHING_PAID: PaidToPeople = { toldFen: 0n, heldFen: 0n, heldFor: [] };

/**
 * Adds one movement of the log, in the order of positions. What is told moves only together for at least `SMALL_CELL`
 * people, so whoever compares any two moments learns a sum over at least that many; and since the sums of larger places
 * are made of what is told, so does whoever takes the part from the whole.
 *
 * @param person null when it is not known who: then nobody is counted for it
 * @param amountFen negative for what came back
 */
export function withPaid(
  paid: PaidToPeople,
  person: string | null,
  amountFen: bigint,
): PaidToPeople {
  const isNew = person !== null && !paid.heldFor.includes(person);
  const heldFor = isNew ? [...paid.heldFor, person] : paid.heldFor;
  const heldFen = paid.heldFen + amountFen;
  if (heldFor.length < SMALL_CELL) return { ...paid, heldFen, heldFor };
  return { toldFen: paid.toldFen + heldFen, heldFen: 0n, heldFor: [] };
}
