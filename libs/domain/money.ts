/** Whole fen (分), 1/100 yuan. Signed: balances may fall below zero, amounts handed in may not. */
export type Fen = bigint & { readonly __unit: 'fen' };

export const fen = (amount: bigint): Fen => amount as Fen;
export const ZERO = fen(0n);

/** PostgreSQL bigint; a larger amount is a bad value, not an overflow somewhere later. */
export const FEN_MAX = fen(9_223_372_036_854_775_807n);

export type MoneyUnit = '元' | '万元' | '亿元';
export const MONEY_UNITS: Readonly<Record<MoneyUnit, number>> = { 元: 2, 万元: 6, 亿元: 10 };

export type ParsedMoney =
  | { readonly ok: true; readonly amountFen: Fen }
  | { readonly ok: false; readonly reason: 'not-a-number' | 'finer-than-a-fen' | 'too-large' };

const FULL_WIDTH: Readonly<Record<string, string>> = {
  '．': '.',
  '，': ',',
  '－': '-',
  '＋': '+',
  '　': ' ',
};

const FULL_WIDTH_CHARACTER = /[０-９．，－＋　]/;
const FULL_WIDTH_CHARACTERS = /[０-９．，－＋　]/g;

/** Full-width digits and signs as a spreadsheet of an office may hold them. */
export function toHalfWidth(text: string): string {
  if (!FULL_WIDTH_CHARACTER.test(text)) return text;
  return text.replace(FULL_WIDTH_CHARACTERS, (c) =>
    c >= '０' && c <= '９' ? String.fromCharCode(c.charCodeAt(0) - 0xfee0) : (FULL_WIDTH[c] ?? c),
  );
}

const DECIMAL = /^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/;

/**
 * Decimal text and its unit to fen, exactly: `724.712484` 万元 is 724712484 fen.
 *
 * Thousands separators and full-width digits are accepted; finer than one fen is refused, never
 * rounded (zeros behind the last fen carry no value and are accepted). Source: contract §1.
 */
export function parseMoney(text: string, unit: MoneyUnit): ParsedMoney {
  const plain = plainFen(text, MONEY_UNITS[unit]);
  return plain === null ? parseDecimal(text, unit) : { ok: true, amountFen: fen(BigInt(plain)) };
}

/** Digits of which a double carries every one. */
const EXACT_DIGITS_MAX = 15;

/**
 * Fen of digits with at most one point among them, which is how nearly every amount of a file is written; null where it
 * is written otherwise, finer than a fen, or has more digits than are exact here.
 */
function plainFen(text: string, places: number): number | null {
  const point = text.indexOf('.');
  const fraction = point < 0 ? 0 : text.length - point - 1;
  const digits = point < 0 ? text.length : text.length - 1;
  if (fraction > places || digits - fraction + places > EXACT_DIGITS_MAX) return null;
  // A number has digits on both sides of its point.
  if (digits === fraction || (point >= 0 && fraction === 0)) return null;
  let amount = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (at === point) continue;
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return null;
    amount = amount * 10 + digit;
  }
  for (let place = fraction; place < places; place += 1) amount *= 10;
  return amount;
}

function parseDecimal(text: string, unit: MoneyUnit): ParsedMoney {
  const match = DECIMAL.exec(toHalfWidth(text).trim());
  if (!match) return { ok: false, reason: 'not-a-number' };
  const [, sign, wholeText, fraction = ''] = match;
  const whole = (wholeText ?? '').replaceAll(',', '').replace(/^0+(?=\d)/, '');
  const places = MONEY_UNITS[unit];
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > places) return { ok: false, reason: 'finer-than-a-fen' };
  if (whole.length + places > 20) return { ok: false, reason: 'too-large' };
  const magnitude = BigInt(whole + significant.padEnd(places, '0'));
  if (magnitude > FEN_MAX) return { ok: false, reason: 'too-large' };
  return { ok: true, amountFen: fen(sign === '-' ? -magnitude : magnitude) };
}

/** The wire form of contract §1: a decimal string of whole fen. */
export function parseFenText(text: string): Fen | null {
  if (!/^-?\d{1,19}$/.test(text)) return null;
  const amount = BigInt(text);
  return amount > FEN_MAX || amount < -FEN_MAX ? null : fen(amount);
}

/** Yuan for people: `1,250,000.00`. */
export function formatYuan(amount: Fen): string {
  const negative = amount < 0n;
  const digits = (negative ? -amount : amount).toString().padStart(3, '0');
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}${yuan}.${digits.slice(-2)}`;
}

/**
 * a / b as a decimal string with four places, half up (away from zero at the half); null when b is
 * zero.
 */
export function ratioText(a: Fen, b: Fen): string | null {
  if (b === 0n) return null;
  const negative = a < 0n !== b < 0n;
  const [num, den] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const scaled = (num * 20_000n + den) / (den * 2n);
  const text = scaled.toString().padStart(5, '0');
  const minus = negative && scaled !== 0n ? '-' : '';
  return `${minus}${text.slice(0, -4)}.${text.slice(-4)}`;
}

/**
 * Splits `total` over `weights` in proportion, each share rounded down; the remainder goes to the
 * first line. Contract §6 (several lines). All weights ≥ 0; when all are zero everything goes to
 * the first.
 */
export function splitProRata(total: Fen, weights: readonly Fen[]): Fen[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  const shares = weights.map((weight) => (sum === 0n ? 0n : (total * weight) / sum));
  const rest = total - shares.reduce((a, b) => a + b, 0n);
  return shares.map((share, index) => fen(index === 0 ? share + rest : share));
}
