import { Problem } from './problem.js';

/** SQLSTATE or code of the system: the disk that takes what is written has no room. */
const FULL = /^(?:53100|ENOSPC|EDQUOT)$/;
/** The database is not there, starts, stops, or has no connection or memory left: what a moment may mend. */
const AWAY =
  /^(?:08\w{3}|53\w{3}|57P0\d|58\w{3}|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** What `pg` says without a code. */
const AWAY_MESSAGES =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded)/;
/** How deep libraries wrap what the driver says. */
const CAUSES_MAX = 5;

/**
 * The problem of a request that failed for what the machine lacks and not for a defect: 503 `storage-full` or
 * `database-unavailable`, both with the cause. Null: something else.
 */
export function failedResource(exception: unknown): Problem | null {
  let error = exception;
  for (let depth = 0; depth < CAUSES_MAX && error instanceof Error; depth += 1) {
    const { code, message } = error as Error & { readonly code?: unknown };
    const said = typeof code === 'string' ? code : '';
    if (FULL.test(said)) return storageFull(exception);
    if (AWAY.test(said) || AWAY_MESSAGES.test(message)) return databaseAway(exception);
    error = 'errors' in error && Array.isArray(error.errors) ? error.errors[0] : error.cause;
  }
  return null;
}

const storageFull = (cause: unknown): Problem =>
  new Problem(
    {
      status: 503,
      code: 'storage-full',
      title: '磁盘空间不足',
      titleEn: 'The disk is full',
      detail:
        '服务器磁盘空间不足，本次请求未予保存；已入账的记录不受影响。请告知管理员，腾出空间后重试。',
      headers: { 'retry-after': '60' },
    },
    { cause },
  );

const databaseAway = (cause: unknown): Problem =>
  new Problem(
    {
      status: 503,
      code: 'database-unavailable',
      title: '数据库暂不可用',
      titleEn: 'The database is not available',
      detail: '数据库正在重新启动或暂时无法连接，请稍后重试；已入账的记录不受影响。',
      headers: { 'retry-after': '2' },
    },
    { cause },
  );
