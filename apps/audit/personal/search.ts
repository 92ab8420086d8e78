import { NAMED_EVENTS_MAX } from '@fundflow/domain/oversight/events';
import { normaliseAccount, normaliseResidentId } from '@fundflow/domain/identifiers';
import type { RegionCode } from '@fundflow/domain/region';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import { outOfJurisdiction } from '@fundflow/identity/refusals';
import type { Scope } from '@fundflow/identity/scope';
import { paymentsUndone, type Undone } from '@fundflow/queries/payments-undone';
import { masked } from '@fundflow/vault/open-recorded';
import type { PayeeValues } from '@fundflow/vault/payload';
import type { NameSounds } from '@fundflow/vault/names/name-sounds';
import {
  FOUND_MAX,
  type Match,
  MATCHES,
  matches,
  searchEntries,
  type Sought,
} from '@fundflow/vault/postgres/search';
import { regionOf } from '../question-of.js';
import type { PersonalDesk, RecordedPerson } from './personal-desk.js';
import { badSearch } from './refusals.js';
import type { SearchBody } from './requests.js';

const DEFAULT_LIMIT = 50;
const COUNTY_DIGITS = 6;
const QUESTION = 'POST /api/v1/personal/search';
const STANDS: Undone = { returnedFen: '0', reversedOn: null };
const NOBODY: PayeeValues = { name: null, code: null, account: null };

/** One payment to a person who may be the one sought, and what came back of it; personal fields masked. */
export interface FoundLine extends Undone {
  readonly eventId: string;
  readonly id: string;
  /** Where the money lies. */
  readonly region: string;
  /** Where the payee is, as handed in. */
  readonly payeeRegion: string | null;
  readonly holdingId: string;
  readonly paidOn: string;
  readonly amountFen: string;
  readonly voucherNo: string;
  readonly name: string | null;
  readonly code: string | null;
  readonly account: string | null;
  /** `variant`: only by characters written for one another, or by what a masked number shows; `sound`: 同音. */
  readonly match: Match;
  /** Data are kept and not shown: then the masked fields are null. */
  readonly restricted: boolean;
}

type RecordedLine = Omit<FoundLine, keyof Undone>;

export interface SearchAnswer {
  /** Exact ones first, then the newest. */
  readonly lines: readonly FoundLine[];
  /** Whether there may be more: then say more. */
  readonly more: boolean;
}

/**
 * Finds payments to a person by ID, account, or name within a county or a place in it: where the money lies there, or the
 * payee is. What was sought is kept nowhere, not even in the
 * log: only its keyed blind index is, before anything is answered.
 *
 * Refuses, first match wins: 400 `bad-search`, 403 `out-of-jurisdiction`, 503 `not-up-to-date`, `not-recorded`.
 */
export async function searchPeople(
  desk: PersonalDesk,
  asker: { readonly by: Principal; readonly scope: Scope },
  body: SearchBody,
): Promise<SearchAnswer> {
  const sought = soughtOf(body);
  const within = body.county === undefined ? null : regionOf(desk.ledger.regions, body.county);
  if (within !== null && !asker.scope.covers(within, desk.ledger.regions)) {
    throw outOfJurisdiction(within);
  }
  const { vault, oversight } = desk.ledger;
  const limit = Math.min(body.limit ?? DEFAULT_LIMIT, FOUND_MAX);
  // A household is paid by its county: by the place of the money alone nobody of a village would be found.
  const near = within && (within.slice(0, COUNTY_DIGITS) as RegionCode);
  const most = near === within ? limit : FOUND_MAX;
  await desk.freshness.upToNow('read-model');
  const reads = desk.ledger.within(asker.scope);
  const regions = placesOf(near === null ? asker.scope : { regions: [near] });
  const result = await vault.withIndexes((indexes) =>
    searchEntries(reads, indexes, { sought, regions, limit: most }),
  );
  if (result.outcome === 'refused') throw badSearch(WHY[result.refusal]);
  const { lines: found, shown } = await linesOf(
    desk,
    { sought, sounds: result.sounds, isNear: isThere(within) },
    result.entries.map(({ eventId }) => eventId),
  );
  const ids = found.map(({ id }) => id);
  const undone = await paymentsUndone(reads, ids, desk.today());
  const lines = found.map((line) => ({ ...line, ...(undone.get(line.id) ?? STANDS) }));
  const by = officerOf(asker.by);
  const { purpose, caseId, reason } = body;
  const why = { purpose, caseId };
  await recordedFirst(
    Promise.all([
      oversight.record(by, {
        type: 'PersonalDataSearched',
        data: {
          ...why,
          ...{ by: sought.by, sought: result.key.toString('hex'), within, found: lines.length },
        },
        reason,
      }),
      ...(shown.length === 0
        ? []
        : [
            oversight.record(by, {
              type: 'PersonalDataRead',
              data: {
                ...why,
                ...{ question: QUESTION, about: within ?? by.region, masked: true },
                ...{ fields: ['name', 'code', 'account'], persons: shown.length },
                eventIds: shown.slice(0, NAMED_EVENTS_MAX),
              },
              reason,
            }),
          ]),
    ]),
  );
  return { lines, more: result.entries.length >= most };
}

const WHY = {
  'unclear-id': '证件号码须为全部 18 位、遮盖后的（前 6 后 4）或后 6 位。',
  'nothing-sought': '请给出证件号码、账号或姓名。',
} as const;

function soughtOf({ id, account, name, county }: SearchBody): Sought {
  const given = [id, account, name].filter((text) => text !== undefined && text.trim() !== '');
  if (given.length !== 1) throw badSearch('证件号码、账号、姓名须给出其中一项。');
  if (id !== undefined && id.trim() !== '') return { by: 'id', id: normaliseResidentId(id) };
  if (account !== undefined && account.trim() !== '') {
    return { by: 'account', account: normaliseAccount(account) };
  }
  if (county === undefined) throw badSearch('按姓名查找须同时给出县（county）。');
  return { by: 'name', name: name ?? '' };
}

/** Prefixes of the codes to search; the centre is everywhere. */
const placesOf = ({ regions }: { readonly regions: readonly RegionCode[] }): string[] =>
  regions.map((region) => (/^0+$/.test(region) ? '' : region));

interface SoughtThere {
  readonly sought: Sought;
  readonly sounds: NameSounds | null;
  readonly isNear: (person: RecordedPerson) => boolean;
}

/** Whether a payment or its payee is in the place; null: any. */
const isThere =
  (place: RegionCode | null) =>
  ({ region, row: { payeeRegion } }: RecordedPerson): boolean =>
    place === null ||
    /^0+$/.test(place) ||
    [region, payeeRegion].some((at) => at?.startsWith(place));

async function linesOf(
  desk: PersonalDesk,
  { sought, sounds, isNear }: SoughtThere,
  eventIds: readonly string[],
): Promise<{ readonly lines: RecordedLine[]; readonly shown: readonly string[] }> {
  if (eventIds.length === 0) return { lines: [], shown: [] };
  const people = (await desk.recorded(eventIds)).filter(isNear);
  const opened = await desk.open(people);
  const standing = await desk.ledger.vault.standing(eventIds);
  const order = new Map(eventIds.map((id, index) => [id, index]));
  const found = people.flatMap((person) => {
    const values = opened.get(person.eventId);
    const match = values ? matches(sought, values, sounds) : null;
    if (!values || match === null) return [];
    const isShut = standing.get(person.eventId) === 'restricted';
    return [lineOf(person, isShut ? NOBODY : masked(values), match, isShut)];
  });
  const rank = (line: RecordedLine): number =>
    MATCHES.indexOf(line.match) * FOUND_MAX + (order.get(line.eventId) ?? 0);
  const lines = found.sort((a, b) => rank(a) - rank(b));
  return { lines, shown: lines.filter((l) => !l.restricted).map(({ eventId }) => eventId) };
}

function lineOf(
  { eventId, region, row }: RecordedPerson,
  values: PayeeValues,
  match: Match,
  isRestricted: boolean,
): RecordedLine {
  const { id, sourceId: holdingId, payeeRegion, paidOn, amountFen, voucherNo } = row;
  return {
    ...{ eventId, id, region, payeeRegion, holdingId, paidOn, amountFen, voucherNo },
    ...values,
    ...{ match, restricted: isRestricted },
  };
}
