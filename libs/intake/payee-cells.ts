import {
  isAccountDoubtful,
  isCreditCode,
  isResidentId,
  normaliseAccount,
  plainCode,
} from '@fundflow/domain/identifiers';
import type { Payee } from '@fundflow/domain/rows';
import { readOneOf } from './cells.js';
import { PAYEE_KINDS, spellingsOf } from './enumerations.js';
import type { UnsealedPerson } from './parsed-row.js';
import type { RowReading } from './row-reading.js';

const PAYEE_KIND = spellingsOf(PAYEE_KINDS);

/** A unit's credit code. Warns check-digit: registered codes that fail exist (contract §1). */
export function readCreditCode(reading: RowReading, name: string): string | null {
  const text = reading.text(name);
  if (text === null) return null;
  const code = plainCode(text);
  if (!isCreditCode(code)) reading.warn('check-digit', name, text, null);
  return code;
}

/**
 * Digits, letters and signs of an account; a spreadsheet's `6.22848E+18` has lost its last digits.
 */
const ACCOUNT = /^[\p{L}\p{N}*]+$/u;

/**
 * An account without the blanks people group it by. Refuses: bad-value (no account at all). Warns
 * check-digit where a card number breaks Luhn's rule: always for a person, for a unit only on a
 * number that begins like a card (62), for the accounts of units follow rules of their own.
 */
export function readAccount(reading: RowReading, name: string, isPersons: boolean): string | null {
  const text = reading.text(name);
  if (text === null) return null;
  const account = normaliseAccount(text);
  if (!ACCOUNT.test(account)) {
    reading.fail('bad-value', name, text, '账号，请按文本填写');
    return null;
  }
  const mayBeCard = isPersons || account.startsWith('62');
  if (mayBeCard && isAccountDoubtful(account)) reading.warn('check-digit', name, text, null);
  return account;
}

/**
 * A resident ID, or another document. Warns check-digit on anything that is neither a valid ID nor
 * visibly something else.
 */
function readPersonsCode(reading: RowReading): string | null {
  const text = reading.text('payee_code');
  if (text === null) return null;
  const code = plainCode(text);
  // Passports and permits begin with a letter; IDs of before 1999 have 15 digits and no check
  // digit.
  const hasNoCheckDigit = /^[A-Z]/.test(code) || /^\d{15}$/.test(code);
  if (!hasNoCheckDigit && !isResidentId(code)) {
    reading.warn('check-digit', 'payee_code', text, null);
  }
  return code;
}

/**
 * The payee, a person's values in clear. A row without a readable kind is treated as a person's:
 * its values are masked.
 */
export function readPayee(reading: RowReading): Extract<Payee, { kind: 'unit' }> | UnsealedPerson {
  const kind = readOneOf(reading, 'payee_kind', PAYEE_KIND) ?? 'person';
  reading.payeeIsPerson = kind === 'person';
  const name = reading.text('payee_name') ?? '';
  const isPerson = kind === 'person';
  const code = isPerson ? readPersonsCode(reading) : readCreditCode(reading, 'payee_code');
  return { kind, name, code, account: readAccount(reading, 'payee_account', isPerson) };
}
