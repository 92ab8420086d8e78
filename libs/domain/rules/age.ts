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
 * Lines close no circle on any one day, but lines of different days may: a reversed supplement one way, a later one the
 * other way. A holding in such a circle is looked at day by day.
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
    const lines = linesOf(id) ?? [];
    const missing = memo.has(id) ? [] : giversOf(lines).filter((giverId) => !memo.has(giverId));
    if (missing.length > 0 && !open.has(id)) {
      open.add(id);
      stack.push(...missing);
      continue;
    }
    if (!memo.has(id)) memo.set(id, missing.length > 0 ? byDay(id, linesOf) : merged(lines, memo));
    stack.pop();
  }
  return memo.get(holdingId) as Origins;
}

const giversOf = (lines: readonly AgeLine[]): string[] => [
  ...new Set(lines.flatMap((line) => (line.giverId === null ? [] : [line.giverId]))),
];

const counts = (line: AgeLine, day: Day | null): boolean => {
  if (line.first) return true;
  if (day === null || line.receivedOn === null || line.receivedOn > day) return false;
  return line.reversedOn === null || line.reversedOn > day;
};

/** The definition, for one day (null: before every supplement): all outermost lines on the way up. */
function originOnDay(holdingId: string, linesOf: LinesOf, day: Day | null): Day | null {
  let origin: Day | null = null;
  const seen = new Set([holdingId]);
  for (const id of seen) {
    const lines = linesOf(id);
    if (!lines || lines.length === 0) return null;
    for (const line of lines) {
      if (!counts(line, day)) continue;
      if (line.giverId !== null) seen.add(line.giverId);
      else if (origin === null || line.issuedOn < origin) origin = line.issuedOn;
    }
  }
  return origin;
}

function byDay(holdingId: string, linesOf: LinesOf): Origins {
  const above = new Set([holdingId]);
  const starts = new Set<Day>();
  for (const id of above) {
    const lines = linesOf(id) ?? [];
    for (const line of lines) addStarts(starts, line);
    for (const giverId of giversOf(lines)) above.add(giverId);
  }
  return stepsOn(starts, (day) => originOnDay(holdingId, linesOf, day));
}

function addStarts(starts: Set<Day>, line: AgeLine): void {
  if (line.first) return;
  if (line.receivedOn !== null) starts.add(line.receivedOn);
  if (line.reversedOn !== null) starts.add(line.reversedOn);
}

function stepsOn(starts: ReadonlySet<Day>, originOn: (day: Day | null) => Day | null): Origins {
  const steps: OriginStep[] = [];
  for (const from of [null, ...[...starts].sort()]) {
    const origin = originOn(from);
    const before = steps[steps.length - 1];
    if (!before || before.originalIssuedOn !== origin) {
      steps.push({ from, originalIssuedOn: origin });
    }
  }
  return steps;
}

const lineOrigins = (line: AgeLine, memo: ReadonlyMap<string, Origins>): Origins =>
  line.giverId === null
    ? [{ from: null, originalIssuedOn: line.issuedOn }]
    : (memo.get(line.giverId) as Origins);

function merged(lines: readonly AgeLine[], memo: ReadonlyMap<string, Origins>): Origins {
  const only = lines.length === 1 ? lines[0] : undefined;
  if (lines.length === 0) return UNKNOWN;
  if (only?.first) return lineOrigins(only, memo);
  const starts = new Set<Day>();
  for (const line of lines) {
    addStarts(starts, line);
    for (const step of lineOrigins(line, memo)) if (step.from !== null) starts.add(step.from);
  }
  return stepsOn(starts, (day) => earliestOrigin(lines, day, memo));
}

/** One line whose origin nobody recorded makes the whole unknown: it might be the oldest. */
function earliestOrigin(
  lines: readonly AgeLine[],
  day: Day | null,
  memo: ReadonlyMap<string, Origins>,
): Day | null {
  let earliest: Day | null = null;
  for (const line of lines) {
    if (!counts(line, day)) continue;
    const origins = lineOrigins(line, memo);
    const origin =
      day === null ? (origins[0] as OriginStep).originalIssuedOn : originalIssuedOn(origins, day);
    if (origin === null) return null;
    if (earliest === null || origin < earliest) earliest = origin;
  }
  return earliest;
}
