import { maskAccount, maskResidentId, normaliseAccount, residentIdWithin } from './identifiers.js';
import { toHalfWidth } from './money.js';

const PROVINCE = '(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])';
const BIRTHDAY = '(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])';
/** As one types an ID, also with a wrong check digit (GB 11643-1999), and that of before 1999 with 15 digits. */
const LIKE_AN_ID = new RegExp(
  `(?<!\\d)${PROVINCE}\\d{4}(?:(?:18|19|20)\\d{2}${BIRTHDAY}\\d{3}[\\dXx]|\\d{2}${BIRTHDAY}\\d{3})(?!\\d)`,
  'g',
);
/** A card of a Chinese bank: 16 to 19 digits, 62 first, in whatever groups. */
const LIKE_A_CARD = /(?<!\d)62(?:[ -]?\d){14,17}(?!\d)/g;
/** A mobile telephone of mainland China, in whatever groups. */
const LIKE_A_MOBILE = /(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)/g;

const SHORTEST = 11;
const ENOUGH_DIGITS = /\d(?:[ -]?\d){10}/;

export type PersonalNumber = 'resident-id' | 'card' | 'mobile';

/**
 * The first sort of personal number that stands in a text, full-width digits included: a valid resident ID, what looks
 * like a bank card, what looks like a mobile telephone. Null where there is none. For words: a text that is nothing but
 * a figure or a number of a voucher may look like one and be none.
 */
export function personalNumberWithin(text: string): PersonalNumber | null {
  if (text.length < SHORTEST) return null;
  const half = toHalfWidth(text);
  if (!ENOUGH_DIGITS.test(half)) return null;
  if (residentIdWithin(half) !== null) return 'resident-id';
  if (half.search(LIKE_A_CARD) >= 0) return 'card';
  return half.search(LIKE_A_MOBILE) >= 0 ? 'mobile' : null;
}

/**
 * The text with what looks like an ID (also mistyped), a card or a mobile telephone masked; as given where nothing does.
 * Names cannot be told from other words and stay.
 */
export function hidePersonalNumbers(text: string): string {
  if (text.length < SHORTEST) return text;
  const half = toHalfWidth(text);
  if (!ENOUGH_DIGITS.test(half)) return text;
  const account = (found: string): string => maskAccount(normaliseAccount(found));
  const hidden = half
    .replace(LIKE_AN_ID, maskResidentId)
    .replace(LIKE_A_CARD, account)
    .replace(LIKE_A_MOBILE, account);
  return hidden === half ? text : hidden;
}
