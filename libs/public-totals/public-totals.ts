import { recordKey } from '@fundflow/domain/books';
import { CENTRE, countyKey, type RegionCode } from '@fundflow/domain/region';
import { NOTHING_PAID, type PaidToPeople, withPaid } from '@fundflow/domain/small-cell';
import { eventIdOf } from '@fundflow/event-store/event-id';
import type { EventStore, StoredEvent } from '@fundflow/event-store/event-store';
import { decode } from '@fundflow/projections/records/decode';
import { KIND_FACTS } from '@fundflow/projections/movements/effect';
import type { Pool, PoolClient } from 'pg';

const PAGE = 5_000;
/** Pages of one call: a stranger's question costs this much at most, and the next goes on from there. */
const PAGES_MAX = 20;

/** What left the ledger, as everybody may know it; fen. */
export interface PublicPaid {
  readonly toUnitsFen: bigint;
  /** Only what was paid to at least five people together (`withPaid`). */
  readonly toPeopleFen: bigint;
  /** Something paid to fewer people is not in it yet. */
  readonly isWithheld: boolean;
  /** Every record up to here is in it. */
  readonly position: bigint;
}

interface Paid {
  /** Province, city or county: smaller places are told as a part of it. */
  readonly place: RegionCode;
  /** Event id of the payment it is about. */
  readonly payment: string;
  /** Null: the payment has to be asked. */
  readonly isPerson: boolean | null;
  readonly amountFen: bigint;
}

interface Totals {
  unitsFen: bigint;
  people: PaidToPeople;
}

/**
 * What was paid, by county, for strangers: a fold over the log in the order of positions, kept in a table because it could
 * not be made again after a person was erased. A place's number is the sum of the numbers told of the places in it.
 */
export class PublicTotals {
  #under: Promise<bigint> | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly log: Pick<EventStore, 'readAll' | 'findEvents' | 'head'>,
  ) {}

  /**
   * Goes on towards the head of the log, by at most `PAGES_MAX` pages; calls at the same time share one.
   *
   * @param head how far the log went when it was asked
   * @returns whether everything up to there is in the totals
   */
  async follow(head: bigint): Promise<boolean> {
    // One that was under way already may have begun to read before.
    return (await this.#shared()) >= head || (await this.#shared()) >= head;
  }

  #shared(): Promise<bigint> {
    this.#under ??= this.#follow().finally(() => {
      this.#under = null;
    });
    return this.#under;
  }

  /** What is told of a province, a city, a county or everything. */
  async of(region: RegionCode): Promise<PublicPaid> {
    const { rows } = await this.pool.query<{
      units: string;
      told: string;
      withheld: boolean;
      position: string;
    }>(
      `SELECT coalesce(sum(units_fen), 0)::text AS units, coalesce(sum(told_fen), 0)::text AS told,
         coalesce(bool_or(held_fen <> 0 OR held_for <> '{}'), false) AS withheld,
         (SELECT position::text FROM public_totals_position) AS position
       FROM public_totals WHERE $1 = '${CENTRE}' OR place >= $1 AND place < $1 || ':'`,
      [region],
    );
    const { units, told, withheld, position } = rows[0]!;
    return {
      ...{ toUnitsFen: BigInt(units), toPeopleFen: BigInt(told), isWithheld: withheld },
      position: BigInt(position),
    };
  }

  async #follow(): Promise<bigint> {
    let reached = 0n;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { position, isLast } = await this.#page();
      reached = position;
      if (isLast) break;
    }
    return reached;
  }

  async #page(): Promise<{ readonly position: bigint; readonly isLast: boolean }> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<{ position: string }>(
        'SELECT position::text FROM public_totals_position FOR UPDATE',
      );
      const position = BigInt(rows[0]!.position);
      const events = await this.log.readAll(position, PAGE);
      const last = events.at(-1);
      if (last !== undefined) {
        await this.#add(client, events);
        await client.query('UPDATE public_totals_position SET position = $1', [last.position]);
      }
      await client.query('COMMIT');
      return { position: last?.position ?? position, isLast: events.length < PAGE };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  async #add(client: PoolClient, events: readonly StoredEvent[]): Promise<void> {
    const paid = events.flatMap(paidBy);
    if (paid.length === 0) return;
    const people = await this.#peopleOf(client, paid);
    const totals = await totalsOf(client, [...new Set(paid.map(({ place }) => place))]);
    for (const { place, payment, amountFen } of paid) {
      const total = totals.get(place) as Totals;
      const person = people.get(payment);
      if (person === undefined) total.unitsFen += amountFen;
      else total.people = withPaid(total.people, person, amountFen);
    }
    await save(client, totals);
  }

  /** By payments to people: who, as a blind index; null where the vault does not know (any more). Units are not in it. */
  async #peopleOf(
    client: PoolClient,
    paid: readonly Paid[],
  ): Promise<ReadonlyMap<string, string | null>> {
    const people = new Map<string, string | null>();
    const asked = new Set<string>();
    for (const { payment, isPerson } of paid) {
      if (isPerson === true) people.set(payment, null);
      if (isPerson === null) asked.add(payment);
    }
    for (const { eventId, record } of await this.log.findEvents([...asked])) {
      const { data } = JSON.parse(record) as { data: { row: { payee: { kind: string } } } };
      if (data.row.payee.kind === 'person') people.set(eventId, null);
    }
    const { rows } = await client.query<{ eventId: string; subject: Buffer }>(
      // While people are being renamed (`heldNames`), an entry may have the former name yet.
      `SELECT event_id AS "eventId",
         coalesce((SELECT present FROM vault_renamed WHERE former = subject), subject) AS subject
       FROM vault_entries WHERE event_id = ANY($1::uuid[])`,
      [[...people.keys()]],
    );
    for (const { eventId, subject } of rows) people.set(eventId, subject.toString('hex'));
    return people;
  }
}

/** What an event changes in what was paid; its lower end is the payment. */
function paidBy(stored: StoredEvent): Paid[] {
  const recorded = decode(stored);
  const movement = recorded?.movement;
  if (!movement || movement.amountFen === null) return [];
  const sign = KIND_FACTS[movement.kind].measures.paid;
  if (sign === undefined) return [];
  const payment = eventIdOf(recordKey(movement.lowerId as string), 0);
  const place = countyKey(movement.holdingRegion as RegionCode);
  const isPerson = recorded.event.type === 'PaymentMade' ? movement.personal : null;
  return [{ place, payment, isPerson, amountFen: movement.amountFen * BigInt(sign) }];
}

async function totalsOf(
  client: PoolClient,
  places: readonly RegionCode[],
): Promise<Map<RegionCode, Totals>> {
  const { rows } = await client.query<{
    place: RegionCode;
    units: string;
    told: string;
    held: string;
    heldFor: string[];
  }>(
    `SELECT place, units_fen::text AS units, told_fen::text AS told, held_fen::text AS held,
       held_for AS "heldFor"
     FROM public_totals WHERE place = ANY($1::text[])`,
    [places],
  );
  const known = rows.map(({ place, units, told, held, heldFor }): [RegionCode, Totals] => {
    const people = { toldFen: BigInt(told), heldFen: BigInt(held), heldFor };
    return [place, { unitsFen: BigInt(units), people }];
  });
  const fresh = places.map((place): [RegionCode, Totals] => [
    ...([place, { unitsFen: 0n, people: NOTHING_PAID }] as const),
  ]);
  return new Map([...fresh, ...known]);
}

async function save(client: PoolClient, totals: ReadonlyMap<RegionCode, Totals>): Promise<void> {
  for (const [place, { unitsFen, people }] of totals) {
    await client.query(
      `INSERT INTO public_totals (place, units_fen, told_fen, held_fen, held_for)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (place) DO UPDATE SET units_fen = excluded.units_fen,
         told_fen = excluded.told_fen, held_fen = excluded.held_fen, held_for = excluded.held_for`,
      [place, `${unitsFen}`, `${people.toldFen}`, `${people.heldFen}`, people.heldFor],
    );
  }
}
