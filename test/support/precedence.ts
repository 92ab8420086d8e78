import { REFUSALS, type RefusalCode } from '@fundflow/domain/decision';
import type { RegionCode } from '@fundflow/domain/region';
import type { Row } from '@fundflow/domain/rows';
import { accepted, given, refused } from './given.js';
import { REGION } from './regions.js';

/** What is wrong with the row of a scenario: any number of flaws at once. */
export type Has = (flaw: RefusalCode) => boolean;

export interface FlawedRow {
  readonly given: readonly Row[];
  readonly by?: RegionCode;
  readonly when: Row;
}

export interface Precedence {
  /** Every refusal of this kind of row, first to last. */
  readonly order: readonly RefusalCode[];
  readonly scenario: (has: Has) => FlawedRow;
  /** Pairs no row can have, each with the reason. */
  readonly impossible?: readonly (readonly [RefusalCode, RefusalCode, string])[];
  /** Pairs whose order is not that of the list of refusals, each with the sentence that says so. */
  readonly exceptions?: readonly (readonly [RefusalCode, RefusalCode, string])[];
}

const indexOf = (code: RefusalCode): number => REFUSALS.indexOf(code);

/**
 * Walks the order of precedence pair by pair: a row with one flaw is refused for it, a row with two is refused for the
 * earlier one, and the row without any is accepted. Guards its own table: the order must be that of the contract.
 */
export function itRefusesInOrder(precedence: Precedence): void {
  const { order, scenario, impossible = [], exceptions = [] } = precedence;
  const listed = (pairs: readonly (readonly [RefusalCode, RefusalCode, string])[]) =>
    new Set(pairs.map(([earlier, later]) => `${earlier} ${later}`));
  const [never, turned] = [listed(impossible), listed(exceptions)];
  const decide = (flaws: readonly RefusalCode[]) => {
    const { given: rows, by, when } = scenario((flaw) => flaws.includes(flaw));
    return given(...rows)
      .by(by ?? REGION.centre)
      .when(when);
  };
  const pairs = order.flatMap((earlier, at) =>
    order.slice(at + 1).map((later) => [earlier, later] as const),
  );

  it('names its refusals in the order of the contract', () => {
    for (const [earlier, later] of pairs) {
      const inOrder = indexOf(earlier) < indexOf(later);
      expect([earlier, later, inOrder]).toEqual([
        earlier,
        later,
        !turned.has(`${earlier} ${later}`),
      ]);
    }
  });
  it('accepts the row without a flaw', () => decide([]).then(accepted));
  it.each(order)('refuses a row with %s', (code) => decide([code]).then(refused(code)));
  it.each(pairs.filter((pair) => !never.has(pair.join(' '))))(
    'says %s before %s',
    (earlier, later) => {
      decide([earlier, later]).then(refused(earlier));
      decide([later]).then(refused(later));
    },
  );
}
