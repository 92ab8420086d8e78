import { dayOf } from './calendar.js';
import { toHalfWidth } from './money.js';

/**
 * A document number (文号) as the ledger keeps it: `stated` in its normal form, `unreadable` exactly
 * as handed in (never guessed), `not-stated` where the source says 未载明. Source: contract §1.
 */
export interface DocumentNumberReading {
  readonly text: string;
  readonly status: 'stated' | 'unreadable' | 'not-stated';
}

/** What a source writes that prints no number. */
const NOT_STATED = '未载明';

const OPENING = /[﹝【[(（［]/g;
const CLOSING = /[﹞】\])）］]/g;
const SERIAL = '第?\\d{1,6}(?:-\\d{1,3})?号?';
const NUMBER = `[^〔〕0-9、,，;；]{1,40}〔(?:19|20)\\d{2}〕${SERIAL}(?:[、,，和]${SERIAL})*(?<=号)`;
const STATED = new RegExp(`^${NUMBER}(?:[、,，;；和]${NUMBER})*$`);

/**
 * Normalises `桂财农〔2018〕123号`: the brackets 〔〕﹝﹞【】[]() and their full-width forms become 〔〕,
 * full-width digits half-width, spaces go. Several serials or several numbers in one cell
 * (`〔2017〕450号、490号`) are stated too.
 */
export function readDocumentNumber(handedIn: string): DocumentNumberReading {
  const trimmed = handedIn.trim();
  const text = toHalfWidth(trimmed)
    .replace(/\s+/g, '')
    .replace(OPENING, '〔')
    .replace(CLOSING, '〕');
  if (text === NOT_STATED) return { text, status: 'not-stated' };
  return STATED.test(text) ? { text, status: 'stated' } : { text: trimmed, status: 'unreadable' };
}

const DIGIT_ZERO = '0'.charCodeAt(0);
const RESIDENT_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const RESIDENT_CHECK = '10X98765432';

/**
 * An 18-digit resident ID whose date of birth exists and whose last character is the check digit
 * (GB 11643). Its first six digits may be a division long gone and are not looked at.
 */
export function isResidentId(text: string): boolean {
  if (!/^[1-9]\d{16}[\dXx]$/.test(text)) return false;
  const [year, month, day] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)];
  if (dayOf(Number(year), Number(month), Number(day)) === null) return false;
  let sum = 0;
  RESIDENT_WEIGHTS.forEach((weight, i) => {
    sum += weight * (text.charCodeAt(i) - DIGIT_ZERO);
  });
  return RESIDENT_CHECK[sum % 11] === text[17]?.toUpperCase();
}

/**
 * The provinces whose codes begin a resident ID: without this every eleventh 18-digit account would
 * look like one.
 */
const PROVINCES = /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/;

/**
 * The first valid resident ID that stands anywhere in a text, full-width digits included; null when
 * there is none.
 */
export function residentIdWithin(text: string): string | null {
  if (text.length < 18) return null;
  const candidates = toHalfWidth(text).match(/(?<!\d)\d{17}[\dXx](?!\d)/g) ?? [];
  return candidates.find((found) => PROVINCES.test(found) && isResidentId(found)) ?? null;
}

const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** A unified social credit code of 18 characters whose last is the check character (GB 32100). */
export function isCreditCode(text: string): boolean {
  if (text.length !== 18) return false;
  const values = Array.from(text, (character) => CREDIT_ALPHABET.indexOf(character));
  if (values.includes(-1)) return false;
  const sum = CREDIT_WEIGHTS.reduce((total, weight, i) => total + weight * (values[i] ?? 0), 0);
  return (31 - (sum % 31)) % 31 === values[17];
}

/** Luhn's rule (ISO/IEC 7812) over a text of digits only. */
function followsLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - DIGIT_ZERO;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * Whether an account looks mistyped: 16 to 19 digits that break Luhn's rule. Anything else is
 * plausible: passbooks and the accounts of units have lengths and check rules of their own, so this
 * may warn and never block.
 */
export function isAccountDoubtful(account: string): boolean {
  return /^\d{16,19}$/.test(account) && !followsLuhn(account);
}

/**
 * Spaces and hyphens by which people group digits carry nothing: `6228 4804 …` is the account
 * `62284804…`.
 */
export function normaliseAccount(text: string): string {
  return toHalfWidth(text).replace(/[\s-]/g, '');
}

const FULL_WIDTH_LETTERS = /[Ａ-Ｚａ-ｚ]/g;

/** A code of digits and letters in half width and upper case, as whoever types in Chinese may not have written it. */
export function plainCode(text: string): string {
  const half = toHalfWidth(text).replace(FULL_WIDTH_LETTERS, (letter) =>
    String.fromCharCode(letter.charCodeAt(0) - 0xfee0),
  );
  return half.toUpperCase();
}

const DIGITS_OF_ID = /^\d{5,17}[\dX]$/;

/**
 * An ID, or its end, as it is typed at a desk in the spelling of files: half width, upper case, and where it is digits
 * without the blanks and hyphens that group them.
 */
export function normaliseResidentId(text: string): string {
  const code = plainCode(text).trim();
  const digits = code.replace(/[\s-]/g, '');
  return DIGITS_OF_ID.test(digits) ? digits : code;
}

/** The longest id a record may have, in characters. */
export const RECORD_ID_LENGTH_MAX = 64;

/** Trimmed, 1 to 64 characters, no whitespace, control or invisible character inside. */
export function isRecordId(text: string): boolean {
  if (text.length === 0 || text.length > RECORD_ID_LENGTH_MAX * 2) return false;
  if (/[\s\p{C}]/u.test(text)) return false;
  return text.length <= RECORD_ID_LENGTH_MAX || Array.from(text).length <= RECORD_ID_LENGTH_MAX;
}

/** 支出功能分类: class, section, item (3, 5 or 7 digits), e.g. 2130504. */
export const isFunctionCode = (text: string): boolean => /^\d{3}(?:\d{2}){0,2}$/.test(text);

/** 经济分类: class, section (3 or 5 digits), e.g. 30310, 50901. */
export const isEconomicCode = (text: string): boolean => /^\d{3}(?:\d{2})?$/.test(text);

const hidden = (length: number): string => '*'.repeat(length);

/**
 * 韦小某 becomes 韦*某, 韦某 becomes 韦*: the first character stays, and the last where one between is
 * hidden.
 */
export function maskName(name: string): string {
  const characters = Array.from(name.trim());
  const [first = ''] = characters;
  if (characters.length < 2) return hidden(characters.length);
  if (characters.length === 2) return `${first}*`;
  return `${first}${hidden(characters.length - 2)}${characters.at(-1) ?? ''}`;
}

/**
 * First six and last four characters; a text too short to hide anything that way is hidden whole.
 */
export function maskResidentId(id: string): string {
  const text = id.trim();
  if (text.length < 15) return hidden(text.length);
  return `${text.slice(0, 6)}${hidden(text.length - 10)}${text.slice(-4)}`;
}

/** The last four characters; a text of eight or fewer is hidden whole. */
export function maskAccount(account: string): string {
  const text = account.trim();
  if (text.length <= 8) return hidden(text.length);
  return `${hidden(text.length - 4)}${text.slice(-4)}`;
}
