import type { DataSource } from 'typeorm';
import type { RegionTable } from '@fundflow/domain/region';
import type { EventStore } from '@fundflow/event-store/event-store';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { Freshness } from './freshness.js';
import { PayeeNames } from './payee-names.js';

/** What every answer is made from. */
export class AuditBooks {
  readonly database: DataSource;
  readonly log: EventStore;
  readonly regions: RegionTable;
  readonly freshness: Freshness;
  readonly payees: PayeeNames;

  constructor(ledger: LedgerProcess) {
    this.database = ledger.database;
    this.log = ledger.store;
    this.regions = ledger.regions;
    this.freshness = new Freshness(ledger);
    this.payees = new PayeeNames(ledger);
  }
}
