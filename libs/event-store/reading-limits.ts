import { FIND_MAX, PAGE_MAX } from './event-store.js';

/** @throws RangeError for a page no adapter reads: a fault of the caller. */
export function checkPage(after: bigint | number, limit: number): void {
  if (after < 0) throw new RangeError(`after ${after}`);
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) {
    throw new RangeError(`limit ${limit}, allowed are 1 to ${PAGE_MAX}`);
  }
}

/** @throws RangeError for more ids or streams than one question may name. */
export function checkNames(names: readonly string[]): void {
  if (names.length > FIND_MAX) throw new RangeError(`${names.length} names, at most ${FIND_MAX}`);
}
