/** What spreadsheets look for to tell UTF-8 from the code page of the machine. */
export const BYTE_ORDER_MARK = '\uFEFF';

const FORMULA_START = /^[\s]*[=+\-@＝＋－＠]/;
const CONTROL_START = /^[\t\r\n]/;
const PLAIN_NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * A cell that a spreadsheet will not run: what begins like a formula gets an apostrophe in front
 * (OWASP, CSV injection). Plain numbers, negative ones too, stay numbers.
 */
export function withoutFormula(text: string): string {
  const isRisky = FORMULA_START.test(text) || CONTROL_START.test(text);
  return isRisky && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}

/** One line of CSV (RFC 4180), its end included; formulas neutralised. */
export function csvLine(cells: readonly string[]): string {
  const written = cells.map((cell) => {
    const safe = withoutFormula(cell);
    return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  });
  return `${written.join(',')}\r\n`;
}
