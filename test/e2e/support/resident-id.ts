const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A resident ID nobody has (its division is made up), with its check digit: another one for every number up to 999. */
export function residentId(number: number): string {
  const body = `459999${1950 + (number % 40)}0${1 + (number % 9)}1${number % 10}${String(number).padStart(3, '0')}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'.charAt(sum % 11);
}

/** As an input method of Chinese writes digits and letters. */
export const wide = (text: string): string =>
  text.replace(/[0-9A-Z]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));
