import { setTimeout } from 'node:timers/promises';

/** Resolves after `ms` (at once when it is not above 0), or when `signal` aborts. Never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  ms <= 0 ? Promise.resolve() : setTimeout(ms, undefined, { signal }).catch(() => undefined);
