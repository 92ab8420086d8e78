/**
 * Identities that look right to every check and can belong to nobody.
 *
 * - Resident IDs carry a real county and a valid check digit, but a date of birth of 2130-2199: the year of a plausible
 *   birth plus two hundred. No such ID has been given to anybody.
 * - Accounts begin with 9 (ISO/IEC 7812: left to national bodies) and a country number of 900-999 (ISO 3166: never given
 *   to a country), so no bank issues them; they follow Luhn's rule.
 * - Credit codes have both check characters (GB 11714 and GB 32100), and an organisation number that begins with YY, a
 *   series nobody has opened.
 */
const RESIDENT_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const RESIDENT_CHECK = '10X98765432';
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FIRST_BIRTH_YEAR = 2130;
const BIRTH_DAYS = 70 * 365;
const SEQUENCES = 999;

/** How many different resident IDs a county has room for. */
export const IDENTITIES = BIRTH_DAYS * SEQUENCES;
/** A prime that shares no factor with `IDENTITIES`: multiplying by it visits every identity once. */
const STRIDE = 15_485_863;

const BIRTHDAYS: readonly string[] = MONTH_DAYS.flatMap((days, month) =>
  Array.from({ length: days }, (_, day) => two(month + 1) + two(day + 1)),
);

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`;
}

/**
 * The resident ID of the `index`-th person of a county, different for every index below `IDENTITIES`.
 *
 * @param county six digits
 */
export function residentId(county: string, index: number): string {
  const scattered = (index * STRIDE + 1_234_577) % IDENTITIES;
  const sequence = (scattered % SEQUENCES) + 1;
  const day = Math.floor(scattered / SEQUENCES);
  const birth = `${FIRST_BIRTH_YEAR + Math.floor(day / 365)}${BIRTHDAYS[day % 365] as string}`;
  const body = `${county}${birth}${sequence < 100 ? '0' : ''}${two(sequence)}`;
  let sum = 0;
  for (let at = 0; at < 17; at += 1) {
    sum += (body.charCodeAt(at) - 48) * (RESIDENT_WEIGHTS[at] as number);
  }
  return body + RESIDENT_CHECK.charAt(sum % 11);
}

/** Luhn's check digit (ISO/IEC 7812). */
function luhnDigit(body: string): number {
  let sum = 0;
  for (let at = 0; at < body.length; at += 1) {
    const digit = body.charCodeAt(body.length - 1 - at) - 48;
    const weighed = at % 2 === 0 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return (10 - (sum % 10)) % 10;
}

/** The account of the `index`-th person of a county: 19 digits. */
export function bankAccount(county: string, index: number): string {
  const body = `9999${county}${index.toString().padStart(8, '0')}`;
  return `${body}${luhnDigit(body)}`;
}

/** The account under which a payment is made again that a bank sent back. */
export function correctedAccount(account: string): string {
  const body = `9997${account.slice(4, -1)}`;
  return `${body}${luhnDigit(body)}`;
}

const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const CREDIT_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** 11 a public body, 91 a company, 93 a cooperative, N2 the economic organisation of a village. */
export type UnitSort = '11' | '91' | '93' | 'N2';

/** The unified social credit code of the `number`-th unit of a sort in a county; `number` below 1,000,000. */
export function creditCode(sort: UnitSort, county: string, number: number): string {
  const body = `YY${number.toString().padStart(6, '0')}`;
  const total = Array.from(body).reduce((sum, character, at) => {
    const value = character === 'Y' ? 34 : Number(character);
    return sum + value * (ORGANISATION_WEIGHTS[at] as number);
  }, 0);
  const rest = 11 - (total % 11);
  const organisation = `${body}${rest === 10 ? 'X' : rest === 11 ? '0' : rest}`;
  const text = `${sort}${county}${organisation}`;
  const sum = Array.from(text).reduce(
    (all, character, at) => all + CREDIT_ALPHABET.indexOf(character) * (CREDIT_WEIGHTS[at] ?? 0),
    0,
  );
  return text + CREDIT_ALPHABET.charAt((31 - (sum % 31)) % 31);
}
