import Table from 'cli-table3';
import { formatYuan, parseFenText } from '@fundflow/domain/money';

/** Fen as the API gives them, in yuan as people read them. */
export function yuan(fenText: string | null | undefined): string {
  const amount = fenText === null || fenText === undefined ? null : parseFenText(fenText);
  return amount === null ? '' : formatYuan(amount);
}

/** A table for the terminal; columns named 金额 or ending in （元） stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: [...head],
    colAligns: head.map((name) => (/元|天数|位置/.test(name) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** The API's own JSON. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));
