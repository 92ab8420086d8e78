import type { Ancestor, Line } from './trace-ancestors.js';

/** How a holding is reached from the start of a trace downward. */
export interface Reach {
  /** Lines between the start and it, on the shortest way. */
  readonly distance: number;
  /**
   * The one line over which a trace goes on below it: pooled money has several ways into a holding, and what lies below
   * is shown once. Null for a start.
   */
  readonly over: Line | null;
}

/**
 * Reach of everything in `ancestors`; what cannot be reached from a start is left out. A start that lies below another
 * one is reached from there.
 */
export function reachFrom(
  isStart: (ancestor: Ancestor) => boolean,
  ancestors: ReadonlyMap<string, Ancestor>,
): Map<string, Reach> {
  const found = new Map<string, Reach>();
  for (const id of lowerLast(ancestors)) {
    const ancestor = ancestors.get(id) as Ancestor;
    let best: Reach | null = null;
    for (const line of ancestor.lines) {
      const above = line.giverId === null ? undefined : found.get(line.giverId);
      if (!above) continue;
      const distance = above.distance + 1;
      if (!best || distance < best.distance || (distance === best.distance && isOlder(line, best)))
        best = { distance, over: line };
    }
    if (!best && isStart(ancestor)) best = { distance: 0, over: null };
    if (best) found.set(id, best);
  }
  return found;
}

const isOlder = (line: Line, { over }: Reach): boolean =>
  over !== null && BigInt(line.issuedPosition) < BigInt(over.issuedPosition);

/** Every holding behind all its givers. */
export function lowerLast(ancestors: ReadonlyMap<string, Ancestor>): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of ancestors.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const id = stack[stack.length - 1] as string;
      const waiting = state.has(id) ? [] : giversOf(ancestors, id).filter((g) => !state.has(g));
      if (!state.has(id)) state.set(id, 'open');
      stack.push(...waiting);
      if (waiting.length > 0) continue;
      stack.pop();
      if (state.get(id) === 'done') continue;
      state.set(id, 'done');
      order.push(id);
    }
  }
  return order;
}

const giversOf = (ancestors: ReadonlyMap<string, Ancestor>, id: string): string[] =>
  (ancestors.get(id)?.lines ?? []).flatMap(({ giverId }) =>
    giverId !== null && ancestors.has(giverId) ? [giverId] : [],
  );
