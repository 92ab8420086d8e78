import { type Day, isDay } from '@fundflow/domain/calendar';
import { parseRegion, type RegionCode, type RegionTable } from '@fundflow/domain/region';
import { Problem } from '@fundflow/nest-edge/problem';
import { parseMoment, type Question, questionOf } from '@fundflow/queries/question';
import type { TimeQuery } from './requests.js';

const badValue = (field: string, expected: string): Problem =>
  new Problem({
    status: 400,
    code: 'bad-value',
    title: '请求中有不正确的值',
    titleEn: 'Bad value',
    detail: `${field}：${expected}`,
    extra: { fields: [{ field, rule: 'value', message: expected }] },
  });

/** A day of a query, or null when it is not given. */
export function dayOf(field: string, text: string | undefined): Day | null {
  if (text === undefined) return null;
  if (!isDay(text)) throw badValue(field, '须为 1900 至 2199 年间存在的日期（YYYY-MM-DD）');
  return text;
}

/** The two times of a question (contract §4): today in Asia/Shanghai, and everything posted, by default. */
export function timesOf(query: TimeQuery): Question {
  const knownAt = query.knownAt === undefined ? null : parseMoment(query.knownAt);
  if (query.knownAt !== undefined && knownAt === null) {
    throw badValue('knownAt', '须为 RFC 3339 时刻，如 2020-12-31T08:00:00Z');
  }
  return questionOf({ asOf: dayOf('asOf', query.asOf), knownAt, now: Date.now() });
}

/**
 * A region of the address or a query: any level, padded or not.
 *
 * @throws Problem 400 `bad-value` for no code, 404 `unknown-region` for one no table knows: never an empty answer
 */
export function regionOf(regions: RegionTable, text: string): RegionCode {
  const region = parseRegion(text);
  if (region === null) throw badValue('region', '须为 2、4、6、9 或 12 位行政区划代码');
  if (regions.knows(region)) return region;
  throw new Problem({
    status: 404,
    code: 'unknown-region',
    title: '没有这个区划',
    titleEn: 'Unknown region',
    detail: `区划代码 ${text} 不在区划表中。`,
  });
}

export const notFound = (code: string): Problem =>
  new Problem({
    status: 404,
    code,
    title: '没有这条记录',
    titleEn: 'Nothing recorded under this id',
    detail: '截至所查日期和时刻，没有这个编号的记录。',
  });

export const badCursor = (): Problem =>
  new Problem({
    status: 400,
    code: 'bad-cursor',
    title: '翻页标记无效',
    titleEn: 'Bad cursor',
    detail: '翻页标记不属于本查询，请从第一页重新查询。',
  });
