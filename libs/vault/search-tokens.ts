import type { KeyObject } from 'node:crypto';
import { type CanonicalValues, canonicalValue, canonicalValues } from './commitment.js';
import { type KeyedHash, keyedHashOf } from './keyed-hash.js';
import { foldName } from './name-folding.js';
import type { PayeeValues } from './payload.js';

/** Bytes of one token: enough to keep people apart, too few to say anything; every hit is opened and compared. */
export const TOKEN_BYTES = 8;

/**
 * What a person's entry is found by besides the blind index of the whole ID: keyed, cut HMACs. `folded` is the name with
 * variant characters as one. Null where the row has nothing of the kind.
 */
export interface SearchTokens {
  readonly folded: Buffer | null;
  readonly account: Buffer | null;
  /** Of the last six of an ID, as people say it on the telephone. */
  readonly idTail: Buffer | null;
  /** Of the first six and last four: an ID as it is masked. */
  readonly idShown: Buffer | null;
}

export const TOKEN_NAMES = ['folded', 'account', 'idTail', 'idShown'] as const;
export type TokenName = (typeof TOKEN_NAMES)[number];

export const TOKENS_BYTES = TOKEN_NAMES.length * TOKEN_BYTES;

const ID_TAIL = 6;
const ID_HEAD = 6;
const ID_END = 4;
const ID_LENGTH_MIN = ID_HEAD + ID_END;

/** HMAC-SHA256(index key, `search/1` ‖ 0 ‖ kind ‖ 0 ‖ text), a character a byte; cut to a token by whoever takes it. */
const macOf = (kind: TokenName, text: string, index: KeyObject): string =>
  HASHES[kind](index, text, 'binary');

const HASHES: { readonly [T in TokenName]: KeyedHash } = {
  folded: keyedHashOf('search/1\0folded\0'),
  account: keyedHashOf('search/1\0account\0'),
  idTail: keyedHashOf('search/1\0idTail\0'),
  idShown: keyedHashOf('search/1\0idShown\0'),
};

/** A text that is empty has none. */
function token(kind: TokenName, text: string, index: KeyObject): Buffer | null {
  if (text === '') return null;
  return Buffer.from(macOf(kind, text, index).slice(0, TOKEN_BYTES), 'binary');
}

const isMasked = (code: string): boolean => /[*＊xX×]{4,}/.test(code);
const idEnds = (code: string): string => `${code.slice(0, ID_HEAD)}…${code.slice(-ID_END)}`;

/** What the tokens of a row are made of. A masked code has the ends it shows, and no tail of six. */
function textsOf(name: string | null, { code, account }: CanonicalValues) {
  const isLong = code.length > ID_LENGTH_MIN;
  return {
    folded: foldName(name ?? ''),
    account,
    idTail: isLong && !isMasked(code) ? code.slice(-ID_TAIL) : '',
    idShown: isLong ? idEnds(code) : '',
  };
}

/** Tokens of a row as it is sealed. */
export function tokensOf(values: PayeeValues, index: KeyObject): SearchTokens {
  const texts = textsOf(values.name, canonicalValues(values));
  return {
    folded: token('folded', texts.folded, index),
    account: token('account', texts.account, index),
    idTail: token('idTail', texts.idTail, index),
    idShown: token('idShown', texts.idShown, index),
  };
}

/** `tokenBytes` of `tokensOf` into `target`. @param canonical of the row whose name is `name` */
export function writeTokens(
  target: Buffer,
  at: number,
  { name, canonical }: { readonly name: string | null; readonly canonical: CanonicalValues },
  index: KeyObject,
): void {
  const texts = textsOf(name, canonical);
  for (let i = 0; i < TOKEN_NAMES.length; i += 1) {
    const kind = TOKEN_NAMES[i] as TokenName;
    const [text, from] = [texts[kind], at + i * TOKEN_BYTES];
    if (text === '') target.fill(0, from, from + TOKEN_BYTES);
    else target.write(macOf(kind, text, index), from, TOKEN_BYTES, 'binary');
  }
}

export const nameToken = (name: string, index: KeyObject): Buffer | null =>
  token('folded', foldName(name), index);

/** The same of a name that is folded already, and not empty. */
export const foldedToken = (folded: string, index: KeyObject): Buffer =>
  token('folded', folded, index) as Buffer;

export const accountToken = (account: string, index: KeyObject): Buffer | null =>
  token('account', canonicalValue('account', account), index);

/** @param tail an ID, or its last six */
export const idTailToken = (tail: string, index: KeyObject): Buffer | null =>
  token('idTail', canonicalValue('code', tail).slice(-ID_TAIL), index);

/** @param ends an ID, masked or whole: its first six and last four count */
export const idShownToken = (ends: string, index: KeyObject): Buffer | null =>
  token('idShown', idEnds(canonicalValue('code', ends)), index);

/** One after the other in the order of `TOKEN_NAMES`; zeros stand for none. */
export function tokenBytes(tokens: SearchTokens): Buffer {
  const bytes = Buffer.alloc(TOKENS_BYTES);
  TOKEN_NAMES.forEach((name, at) => {
    const token = tokens[name];
    if (token) bytes.set(token, at * TOKEN_BYTES);
  });
  return bytes;
}
