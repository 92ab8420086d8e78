import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import { canonicalValue } from '../commitment.js';
import { foldName } from '../name-folding.js';
import { NameSounds } from '../names/name-sounds.js';
import type { PayeeValues } from '../payload.js';
import { subjectOf } from '../seal.js';
import {
  accountToken,
  foldedToken,
  idShownToken,
  idTailToken,
  nameToken,
} from '../search-tokens.js';
import type { VaultKeys } from '../vault-key.js';

/** Whom somebody looks for. An ID may be whole, masked (first six and last four shown), or its last six alone. */
export type Sought =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'account'; readonly account: string }
  | { readonly by: 'name'; readonly name: string };

export interface SearchQuestion {
  readonly sought: Sought;
  /** Region codes (unpadded) whose places are searched; the empty code stands for all of them. */
  readonly regions: readonly string[];
  /** At most `FOUND_MAX`. */
  readonly limit: number;
}

export interface FoundEntry {
  readonly eventId: string;
  readonly region: string;
}

/** Entries of one answer. Who finds more must say more. */
export const FOUND_MAX = 100;
const WHOLE_ID = /^\d{17}[\dX]$/;
const TAIL = /^\d{5}[\dX]$/;
const MASKED_ID = /^\d{6}.{4,}[\dX]{4}$/;

/** Why a search cannot be made: an ID must be whole, masked, or its last six. */
export type SearchRefusal = 'unclear-id' | 'nothing-sought';

interface Lookup {
  readonly sql: string;
  /** Blind index or token: all that is ever kept of what was sought. */
  readonly key: Buffer;
}

// Codes are digits: ':' is the next byte after '9'.
const IN_REGIONS = `EXISTS (SELECT FROM unnest($2::text[]) AS place
  WHERE region >= place AND region < place || ':')`;
const within = (table: string, condition: string): string =>
  `SELECT event_id, region, entry_no FROM ${table} WHERE ${condition} AND ${IN_REGIONS}`;
const newest = (...parts: readonly string[]): string =>
  `SELECT event_id, region FROM (${parts.join(' UNION ALL ')}) found
    ORDER BY entry_no DESC LIMIT $3`;

const BY_SUBJECT = newest(within('vault_entries', 'subject = $1'));
/** Tokens are filed, or recent and not yet filed: see `token-filing.ts`. */
const byToken = (table: string, column: string): string =>
  newest(...[table, 'vault_recent_tokens'].map((place) => within(place, `${column} = $1`)));
/** Values: tokens, places, limit. */
export const BY_SOUND = newest(
  within('vault_name_index', 'folded = ANY ($1::bytea[])'),
  // Read whole. As a truth value it is no join, which would be planned for a few rows and compare each with each token.
  within('vault_recent_tokens', '(folded IN (SELECT unnest($1::bytea[]))) IS TRUE'),
);

/**
 * Finds entries by keyed tokens, newest first; of a name also, behind them, entries with names that sound like it. A token
 * is cut short, and a name's stands for its variants: whoever shows something opens the entries and asks `matches`.
 */
export async function searchEntries(
  reads: ScopedReads,
  keys: VaultKeys,
  question: SearchQuestion,
): Promise<
  | { readonly outcome: 'refused'; readonly refusal: SearchRefusal }
  | {
      readonly outcome: 'found';
      readonly key: Buffer;
      readonly entries: readonly FoundEntry[];
      /** For `matches`, where a name was sought. */
      readonly sounds: NameSounds | null;
    }
> {
  const lookup = lookupOf(question.sought, keys);
  if (typeof lookup === 'string') return { outcome: 'refused', refusal: lookup };
  const limit = Math.min(question.limit, FOUND_MAX);
  const { sought, regions } = question;
  const sounds = sought.by === 'name' ? await NameSounds.load() : null;
  type Row = { event_id: string; region: string };
  const rows = await reads.ask<Row>(lookup.sql, [lookup.key, regions, limit]);
  if (sounds !== null && sought.by === 'name' && rows.length < limit) {
    const alike = sounds.namesLike(sought.name).map((name) => foldedToken(name, keys.index));
    const rest = limit - rows.length;
    if (alike.length > 0) rows.push(...(await reads.ask<Row>(BY_SOUND, [alike, regions, rest])));
  }
  const entries = rows.map(({ event_id: eventId, region }) => ({ eventId, region }));
  return { outcome: 'found', key: lookup.key, entries, sounds };
}

/** The blind index under which a search is recorded and made; a refusal where it cannot be made. */
function lookupOf(sought: Sought, keys: VaultKeys): Lookup | SearchRefusal {
  const { index } = keys;
  switch (sought.by) {
    case 'name':
      return orNothing(nameToken(sought.name, index), byToken('vault_name_index', 'folded'));
    case 'account': {
      const key = accountToken(sought.account, index);
      return orNothing(key, byToken('vault_number_index', 'account'));
    }
    case 'id': {
      const id = canonicalValue('code', sought.id);
      if (WHOLE_ID.test(id)) {
        const key = subjectOf({ name: null, code: id, account: null }, index);
        return { key, sql: BY_SUBJECT };
      }
      if (TAIL.test(id)) {
        return orNothing(idTailToken(id, index), byToken('vault_number_index', 'id_tail'));
      }
      if (MASKED_ID.test(id)) {
        return orNothing(idShownToken(id, index), byToken('vault_number_index', 'id_shown'));
      }
      return 'unclear-id';
    }
  }
}

const orNothing = (key: Buffer | null, sql: string): Lookup | SearchRefusal =>
  key === null ? 'nothing-sought' : { key, sql };

/** How sure: as written; but for characters of one group, or by what a masked number shows; by sound alone. */
export const MATCHES = ['exact', 'variant', 'sound'] as const;
export type Match = (typeof MATCHES)[number];

/** Whether what was opened is what was sought, and how; null: it is not. @param sounds as `searchEntries` gave them */
export function matches(
  sought: Sought,
  values: PayeeValues,
  sounds: NameSounds | null,
): Match | null {
  switch (sought.by) {
    case 'name': {
      const [mine, theirs] = [sought.name, values.name ?? ''];
      if (canonicalValue('name', mine) === canonicalValue('name', theirs)) return 'exact';
      if (foldName(mine) === foldName(theirs)) return 'variant';
      return sounds?.soundAlike(mine, theirs) ? 'sound' : null;
    }
    case 'account': {
      const mine = canonicalValue('account', sought.account);
      return mine === canonicalValue('account', values.account ?? '') ? 'exact' : null;
    }
    case 'id': {
      const [mine, theirs] = [sought.id, values.code ?? ''].map((id) => canonicalValue('code', id));
      if (mine === undefined || theirs === undefined) return null;
      if (mine === theirs) return 'exact';
      if (TAIL.test(mine)) return theirs.endsWith(mine) ? 'exact' : null;
      const ends = mine.slice(0, 6) === theirs.slice(0, 6) && mine.slice(-4) === theirs.slice(-4);
      // Of two masked forms the ends are all there is to compare.
      return ends && !(WHOLE_ID.test(mine) && WHOLE_ID.test(theirs)) ? 'variant' : null;
    }
  }
}
