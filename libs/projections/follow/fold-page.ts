import { decode } from '../records/decode.js';
import type { ReadPage } from './page-reader.js';
import { PaymentRecord } from '../records/payment-record.js';
import { CannotFold, type Page, type PageFold, type Projection } from '../projection.js';

/** The event that could not be folded; everything before it is. */
export interface FoldFailure {
  readonly position: bigint;
  readonly message: string;
}

/** A page folded in memory, ready to be written. */
export interface FoldedPage {
  /** Null when not even its first event could be folded. */
  readonly page: Page | null;
  readonly folds: readonly PageFold[];
  readonly failure: FoldFailure | null;
  /** Only who looked or who may: no event of it is for any table. */
  readonly isQuiet: boolean;
}

/** Events between two breaths: whoever writes the page before, or answers a request, gets a turn every few ms. */
const SLICE = 200n;

/**
 * Decodes and folds consecutive events up to the first that cannot be folded, which is named and never skipped.
 *
 * @param read.atHead whether the log held nothing behind the page
 * @param upTo leave out everything behind it
 */
export async function foldPage(
  { after, records, atHead }: ReadPage & { readonly atHead: boolean },
  projections: readonly Projection[],
  upTo: bigint | null = null,
): Promise<FoldedPage> {
  const taken = upTo === null ? records : records.slice(0, Number(upTo - after));
  const folds = projections.map((projection) => projection.beginPage());
  const payment = new PaymentRecord();
  let isQuiet = true;
  try {
    let position = after;
    for (const record of taken) {
      if (position > after && (position - after) % SLICE === 0n) await breathe();
      position += 1n;
      if (payment.read(position, record)) {
        isQuiet = false;
        for (const fold of folds) fold.addPayment(payment);
        continue;
      }
      const recorded = decode({ position, record });
      if (recorded === null) continue;
      isQuiet = false;
      for (const fold of folds) fold.add(recorded);
    }
  } catch (error) {
    if (!(error instanceof CannotFold)) throw error;
    const { position, message } = error;
    // Some folds may have taken the event in already: the page is folded again without it.
    const read = { after, records, atHead: false };
    const before = await foldPage(read, projections, position - 1n);
    return { ...before, failure: { position, message } };
  }
  const upToLast = after + BigInt(taken.length);
  const page = upToLast > after ? { after, upTo: upToLast, atHead } : null;
  return { page, folds, failure: null, isQuiet };
}

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
