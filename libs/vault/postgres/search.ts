import type { KeyObject } from 'node:crypto';
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
import type { Indexes } from './indexes.js';

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
  /** Blind index or token under each key of those, the current one first: all that is ever kept of what was sought. */
  readonly keys: readonly [Buffer, ...Buffer[]];
}

// Codes are digits: ':' is the next byte after '9'.
const IN_REGIONS = `EXISTS (SELECT FROM unnest($2::text[]) AS place
  WHERE region >= place AND region < place || ':')`;
const within = (table: string, condition: string): string =>
  `SELECT event_id, region, entry_no FROM ${table} WHERE ${condition} AND ${IN_REGIONS}`;
const newest = (...parts: readonly string[]): string =>
  `SELECT event_id, region FROM (${parts.join(' UNION ALL ')}) found
    ORDER BY entry_no DESC LIMIT $3`;

const BY_SUBJECT = newest(within('vault_entries', 'subject = ANY ($1::bytea[])'));
/** Tokens are filed, or recent and not yet filed: see `token-filing.ts`. */
const byToken = (table: string, column: string): string =>
  newest(
    ...[table, 'vault_recent_tokens'].map((place) =>
      within(place, `${column} = ANY ($1::bytea[])`),
    ),
  );
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
  indexes: Indexes,
  question: SearchQuestion,
): Promise<
  | { readonly outcome: 'refused'; readonly refusal: SearchRefusal }
  | {
      readonly outcome: 'found';
      /** Under the current key. */
      readonly key: Buffer;
      readonly entries: readonly FoundEntry[];
      /** For `matches`, where a name was sought. */
      readonly sounds: NameSounds | null;
    }
> {
  const lookedUp = lookupOf(question.sought, indexes);
  if (typeof lookedUp === 'string') return { outcome: 'refused', refusal: lookedUp };
  const limit = Math.min(question.limit, FOUND_MAX);
  const { sought, regions } = question;
  const sounds = sought.by === 'name' ? await NameSounds.load() : null;
  type Row = { event_id: string; region: string };
  const rows = await reads.ask<Row>(lookedUp.sql, [lookedUp.keys, regions, limit]);
  if (sounds !== null && sought.by === 'name' && rows.length < limit) {
    const names = sounds.namesLike(sought.name);
    const alike = indexes.flatMap((index) => names.map((name) => foldedToken(name, index)));
    const rest = limit - rows.length;
    if (alike.length > 0) rows.push(...(await reads.ask<Row>(BY_SOUND, [alike, regions, rest])));
  }
  const entries = rows.map(({ event_id: eventId, region }) => ({ eventId, region }));
  return { outcome: 'found', key: lookedUp.keys[0], entries, sounds };
}

/** The blind index under which a search is recorded, and those under which it is made; a refusal where it cannot be. */
function lookupOf(sought: Sought, indexes: Indexes): Lookup | SearchRefusal {
  switch (sought.by) {
    case 'name':
      return lookup(indexes, byToken('vault_name_index', 'folded'), (index) =>
        nameToken(sought.name, index),
      );
    case 'account':
      return lookup(indexes, byToken('vault_number_index', 'account'), (index) =>
        accountToken(sought.account, index),
      );
    case 'id': {
      const id = canonicalValue('code', sought.id);
      if (WHOLE_ID.test(id)) {
        const who = { name: null, code: id, account: null };
        return lookup(indexes, BY_SUBJECT, (index) => subjectOf(who, index));
      }
      if (TAIL.test(id)) {
        const byTail = byToken('vault_number_index', 'id_tail');
        return lookup(indexes, byTail, (index) => idTailToken(id, index));
      }
      if (MASKED_ID.test(id)) {
        const byEnds = byToken('vault_number_index', 'id_shown');
        return lookup(indexes, byEnds, (index) => idShownToken(id, index));
      }
      return 'unclear-id';
    }
  }
}

function lookup(
  [current, ...others]: Indexes,
  sql: string,
  keyUnder: (index: KeyObject) => Buffer | null,
): Lookup | SearchRefusal {
  const key = keyUnder(current);
  if (key === null) return 'nothing-sought';
  return { sql, keys: [key, ...others.flatMap((index) => keyUnder(index) ?? [])] };
}

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
