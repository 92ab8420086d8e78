import type { PaymentMade } from '@fundflow/domain/holding/events';
import type { RegionCode } from '@fundflow/domain/region';
import type { PaymentRow } from '@fundflow/domain/rows';
import type { Scope } from '@fundflow/identity/scope';
import { PersonalSettings } from '@fundflow/oversight/postgres/personal-settings';
import { isEventWithin } from '@fundflow/queries/events';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import type { PayeeValues } from '@fundflow/vault/payload';
import { Erasures } from '@fundflow/vault/postgres/erasures';
import { PersonalMeasures } from '@fundflow/vault/postgres/measures';
import { type PersonPayee, VaultTampered } from '@fundflow/vault/vault';
import { Freshness } from '../freshness.js';
import { altered, unknownPerson } from './refusals.js';

/** A payment to a person, as the log has it. */
export interface RecordedPerson {
  readonly eventId: string;
  readonly region: RegionCode;
  /** YYYY-MM-DD. */
  readonly occurredOn: string;
  /** `record:<id>`. */
  readonly key: string;
  readonly row: WirePaymentRow;
  readonly payee: PersonPayee;
}

/** As the record writes it: amounts are text. */
export type WirePaymentRow = Omit<PaymentRow, 'amountFen'> & { readonly amountFen: string };

type WireRecord = Pick<PaymentMade, 'region' | 'key' | 'data'> & { readonly occurredOn: string };

/** What unmasking, searching and erasing work with. */
export class PersonalDesk {
  readonly measures: PersonalMeasures;
  readonly erasures: Erasures;
  readonly settings: PersonalSettings;
  readonly freshness: Freshness;

  constructor(
    readonly ledger: LedgerProcess,
    private readonly clock: () => Date = () => new Date(),
  ) {
    this.measures = new PersonalMeasures(ledger.pool);
    this.erasures = new Erasures(ledger.pool);
    this.settings = new PersonalSettings(ledger.pool);
    this.freshness = new Freshness(ledger);
  }

  now(): Date {
    return this.clock();
  }

  /** The day it is in Asia/Shanghai, which keeps no summer time. */
  today(): string {
    return new Date(this.clock().getTime() + 8 * 3_600_000).toISOString().slice(0, 10);
  }

  /** Payments to persons with these event ids; others are left out. */
  async recorded(eventIds: readonly string[]): Promise<RecordedPerson[]> {
    const events = await this.ledger.store.findEvents(eventIds);
    return events.flatMap(({ eventId, type, record }) => {
      if (type !== 'PaymentMade') return [];
      const { region, occurredOn, key, data } = JSON.parse(record) as WireRecord;
      const { payee } = data.row;
      if (payee.kind !== 'person') return [];
      const row = data.row as unknown as WirePaymentRow;
      return [{ eventId, region, occurredOn, key, row, payee }];
    });
  }

  /** @throws Problem 404 `unknown-person` also for what lies outside the scope */
  async visible(eventId: string, scope: Scope): Promise<RecordedPerson> {
    const [person] = await this.recorded([eventId]);
    if (!person) throw unknownPerson();
    const isVisible =
      scope.covers(person.region, this.ledger.regions) &&
      (await isEventWithin(this.ledger.within(scope), eventId));
    if (isVisible) return person;
    throw unknownPerson().denying({ code: 'out-of-jurisdiction', about: person.region });
  }

  /** @throws Problem 500 `personal-data-altered` */
  async open(people: readonly RecordedPerson[]): Promise<Map<string, PayeeValues>> {
    try {
      return await this.ledger.vault.open(people);
    } catch (error) {
      if (error instanceof VaultTampered) throw altered(error.eventIds);
      throw error;
    }
  }
}
