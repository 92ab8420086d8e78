/** SQLSTATE classes and codes of the driver that a moment may mend: connection, resources, shutdown, deadlock. */
const PASSING = [
  /^(08|53|57P0|58)/,
  /^(40001|40P01|55P03|57014)$/,
  /^(ECONNREFUSED|ECONNRESET|ENOENT|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|ENOSPC|EDQUOT)$/,
];
/** What `pg` says without a code. */
const PASSING_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|timeout)/;

/** Whether trying again later is worth it. Anything else contradicts what was expected: stop and say so. */
export function passes(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(passes);
  if ('name' in error && error.name === 'EventStoreUnavailable') return true;
  if ('code' in error && typeof error.code === 'string') {
    const { code } = error;
    return PASSING.some((form) => form.test(code));
  }
  const message = 'message' in error ? String(error.message) : '';
  return PASSING_MESSAGES.test(message);
}
