import type { StoredEvent } from '@fundflow/event-store/event-store';
import { decode } from './decode.js';
import { CannotFold, type Page, type PageFold, type Projection } from './projection.js';

/** The event that could not be folded; everything before it is. */
export interface FoldFailure {
  readonly position: bigint;
  readonly message: string;
}

/** Consecutive events as the log gave them. */
export interface ReadPage {
  readonly after: bigint;
  readonly stored: readonly StoredEvent[];
  readonly atHead: boolean;
}

/** A page folded in memory, ready to be written. */
export interface FoldedPage {
  /** Null when not even its first event could be folded. */
  readonly page: Page | null;
  readonly folds: readonly PageFold[];
  readonly failure: FoldFailure | null;
}

/** Events between two breaths: whoever writes the page before, or answers a request, gets a turn every few ms. */
const SLICE = 200;

/**
 * Decodes and folds consecutive events up to the first that cannot be folded, which is named and never skipped.
 *
 * @param upTo leave out everything behind it
 */
export async function foldPage(
  { after, stored, atHead }: ReadPage,
  projections: readonly Projection[],
  upTo: bigint | null = null,
): Promise<FoldedPage> {
  const events = upTo === null ? stored : stored.slice(0, Number(upTo - after));
  const folds = projections.map((projection) => projection.beginPage());
  try {
    for (let i = 0; i < events.length; i += 1) {
      if (i > 0 && i % SLICE === 0) await breathe();
      addTo(folds, after + BigInt(i + 1), events[i] as StoredEvent);
    }
  } catch (error) {
    if (!(error instanceof CannotFold)) throw error;
    const { position, message } = error;
    // Some folds may have taken the event in already: the page is folded again without it.
    const before = await foldPage({ after, stored, atHead: false }, projections, position - 1n);
    return { ...before, failure: { position, message } };
  }
  const last = events.at(-1);
  const page = last ? { after, upTo: last.position, atHead } : null;
  return { page, folds, failure: null };
}

function addTo(folds: readonly PageFold[], position: bigint, stored: StoredEvent): void {
  if (stored.position !== position) {
    throw new CannotFold(position, `the log continues at ${stored.position}`);
  }
  const recorded = decode(stored);
  for (const fold of folds) fold.add(recorded);
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
