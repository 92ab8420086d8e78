import { type Command, InvalidArgumentError } from 'commander';
import { isDay } from '@fundflow/domain/calendar';
import { formatYuan, parseFenText } from '@fundflow/domain/money';
import { parseMoment } from '@fundflow/queries/question';
import type { ApiClient } from './api-client.js';
import { type ConnectionOptions, withConnection } from './connection.js';
import { print } from './output.js';

export interface ReadingOptions extends ConnectionOptions {
  readonly asOf?: string;
  readonly knownAt?: string;
  readonly json?: boolean;
}

export function day(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError('须为存在的日期，形如 2020-12-31。');
}

function moment(text: string): string {
  if (parseMoment(text) !== null) return text;
  throw new InvalidArgumentError('须为 RFC 3339 时刻，形如 2020-12-31T08:00:00Z。');
}

export function wholeNumber(limits: { readonly min: number; readonly max: number }) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= limits.min && value <= limits.max) return value;
    throw new InvalidArgumentError(`须为 ${limits.min} 至 ${limits.max} 的整数。`);
  };
}

/** A question of contract §4 as a command. */
export const withReading = (command: Command): Command =>
  withConnection(
    command
      .option('--as-of <日期>', '截至哪一天的账（含当日；默认今天）', day)
      .option('--known-at <时刻>', '以哪一时刻（含）已入账的记录为准（RFC 3339；默认现在）', moment)
      .option('--json', '输出接口的 JSON 原文'),
  );

/**
 * 口径 of a printed answer, so that it says by itself what it is: as of which day, by which records, how far into the log.
 *
 * @param scope what the ledger itself says of a total; it names the times as well
 */
export async function printTimes({ answersFor }: ApiClient, scope?: string): Promise<void> {
  if (answersFor === null) return scope === undefined ? undefined : print(scope);
  const { asOf, knownAt, position } = answersFor;
  const records = knownAt === null ? '已入账的全部记录' : ` ${knownAt} 前入账的记录`;
  await print(`${scope ?? `口径：截至 ${asOf}，以${records}为准。`}账本位置 ${position}。`);
}

export const timesOf = ({ asOf, knownAt }: ReadingOptions) => ({ asOf, knownAt });

/** Fen as the API gives them, in yuan as people read them. */
export function yuan(fenText: unknown): string {
  const amount = typeof fenText === 'string' ? parseFenText(fenText) : null;
  return amount === null ? '' : formatYuan(amount);
}

export const text = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value);
