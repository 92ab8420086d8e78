import type { RegionCode, RegionTable } from '@fundflow/domain/region';
import type { EventStore } from '@fundflow/event-store/event-store';
import { outOfJurisdiction } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import type { Problem } from '@fundflow/nest-edge/problem';
import { placeOf } from '@fundflow/queries/place-of';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { Freshness } from './freshness.js';
import { PayeeNames } from './payee-names.js';

/** What every answer is made from. */
export class AuditBooks {
  readonly log: EventStore;
  readonly regions: RegionTable;
  readonly freshness: Freshness;
  readonly payees: PayeeNames;

  constructor(private readonly ledger: LedgerProcess) {
    this.log = ledger.store;
    this.regions = ledger.regions;
    this.freshness = new Freshness(ledger);
    this.payees = new PayeeNames(ledger);
  }

  /** The tables, of which an answer is made from what lies within the scope. */
  within(scope: Scope): ScopedReads {
    return this.ledger.within(scope);
  }

  /** The log of those who look. */
  overseeing(scope: Scope): ScopedReads {
    return this.ledger.overseeing(scope);
  }

  /**
   * For a record that was not found within the scope.
   *
   * @throws `hidden`; where it lies outside, that is kept for those who watch
   */
  async notWithin(scope: Scope, id: string, hidden: Problem): Promise<never> {
    const region = await placeOf(this.ledger.pool, id);
    if (region !== null) this.assertVisible(scope, region, hidden);
    throw hidden;
  }

  /** @throws Problem 403 `out-of-jurisdiction` when a place that was asked about is not within */
  assertWithin(scope: Scope, region: RegionCode): void {
    if (!scope.covers(region, this.regions)) throw outOfJurisdiction(region);
  }

  /** @throws `hidden`, as if it did not exist, for a record outside: its region is kept for those who watch */
  assertVisible(scope: Scope, region: string, hidden: Problem): void {
    if (scope.covers(region as RegionCode, this.regions)) return;
    throw hidden.denying({ code: 'out-of-jurisdiction', about: region });
  }
}
