import type { Day } from '../calendar.js';

/**
 * How old money is. The age of a balance counts from `originalIssuedOn`: the earliest issue date among the outermost
 * ancestors of all its lines, as of the day (contract §4, §6). Passing on, splitting, supplementing and pooling never
 * make money younger.
 *
 * A holding's first line counts from the day the holding exists; a supplement only from its acknowledgement until it is
 * reversed. Both may lie on any holding on the way up, so the answer is a function of the day.
 */
export interface AgeLine {
  /** The first line of its holding; else a supplement. */
  readonly first: boolean;
  /** Where it was drawn; null = it entered the ledger from outside and is itself an outermost line. */
  readonly giverId: string | null;
  readonly issuedOn: Day;
  readonly receivedOn: Day | null;
  readonly reversedOn: Day | null;
}

/** Holds from `from` (null: from the beginning) until the next step. */
export interface OriginStep {
  readonly from: Day | null;
  /** null: a source on the way up is not recorded, the age cannot be judged. */
  readonly originalIssuedOn: Day | null;
}

/** Ascending by `from`; the first step begins at null. Never empty. */
export type Origins = readonly OriginStep[];

const UNKNOWN: Origins = [{ from: null, originalIssuedOn: null }];

/** The lines of a holding, known to whoever asks; undefined when nobody recorded the holding. */
export type LinesOf = (holdingId: string) => readonly AgeLine[] | undefined;

export function originalIssuedOn(origins: Origins, day: Day): Day | null {
  for (let at = origins.length - 1; at > 0; at -= 1) {
    const step = origins[at] as OriginStep;
    if (step.from !== null && step.from <= day) return step.originalIssuedOn;
  }
  return (origins[0] as OriginStep).originalIssuedOn;
}

/**
 * The origins of one holding and, on the way, of all its ancestors: `memo` keeps them, so a thousand holdings of one
 * parent cost one walk. Walks with its own stack: a chain of holdings may be longer than the call stack is deep.
 *
 * @throws Error when the lines close a circle, which posting refuses (`unknown-source`): the tables are broken then.
 */
export function originsOf(
  holdingId: string,
  linesOf: LinesOf,
  memo: Map<string, Origins> = new Map(),
): Origins {
  const stack = [holdingId];
  const open = new Set<string>();
  while (stack.length > 0) {
    const id = stack[stack.length - 1] as string;
    if (memo.has(id)) {
      stack.pop();
      continue;
    }
    const lines = linesOf(id);
    const missing = [...new Set((lines ?? []).map((line) => line.giverId))].filter(
      (giverId): giverId is string => giverId !== null && !memo.has(giverId),
    );
    if (missing.length === 0) {
      memo.set(id, lines && lines.length > 0 ? mergeLines(lines, memo) : UNKNOWN);
      open.delete(id);
      stack.pop();
      continue;
    }
    if (open.has(id)) throw new Error(`the lines above holding ${id} close a circle`);
    open.add(id);
    stack.push(...missing);
  }
  return memo.get(holdingId) as Origins;
}

const lineOrigins = (line: AgeLine, memo: ReadonlyMap<string, Origins>): Origins =>
  line.giverId === null
    ? [{ from: null, originalIssuedOn: line.issuedOn }]
    : (memo.get(line.giverId) as Origins);

const counts = (line: AgeLine, from: Day | null): boolean => {
  if (line.first) return true;
  if (from === null || line.receivedOn === null || line.receivedOn > from) return false;
  return line.reversedOn === null || line.reversedOn > from;
};

function mergeLines(lines: readonly AgeLine[], memo: ReadonlyMap<string, Origins>): Origins {
  const only = lines.length === 1 ? lines[0] : undefined;
  if (only?.first) return lineOrigins(only, memo);
  const starts = new Set<Day>();
  for (const line of lines) {
    for (const step of lineOrigins(line, memo)) if (step.from !== null) starts.add(step.from);
    if (line.first) continue;
    if (line.receivedOn !== null) starts.add(line.receivedOn);
    if (line.reversedOn !== null) starts.add(line.reversedOn);
  }
  const steps: OriginStep[] = [];
  for (const from of [null, ...[...starts].sort()]) {
    const counting = lines.filter((line) => counts(line, from));
    const value = earliestOrigin(counting, from, memo);
    const before = steps[steps.length - 1];
    if (!before || before.originalIssuedOn !== value) {
      steps.push({ from, originalIssuedOn: value });
    }
  }
  return steps;
}

/** One line whose origin nobody recorded makes the whole unknown: it might be the oldest. */
function earliestOrigin(
  lines: readonly AgeLine[],
  from: Day | null,
  memo: ReadonlyMap<string, Origins>,
): Day | null {
  let earliest: Day | null = null;
  for (const line of lines) {
    const origins = lineOrigins(line, memo);
    const origin =
      from === null ? (origins[0] as OriginStep).originalIssuedOn : originalIssuedOn(origins, from);
    if (origin === null) return null;
    if (earliest === null || origin < earliest) earliest = origin;
  }
  return earliest;
}
