import type { Decision } from './decision.js';
import type { LedgerEvent } from './events.js';
import type { RegionCode, RegionTable } from './region.js';

/** Who hands in, and what the divisions are. */
export interface PostingContext {
  /** Region of the submitter's unit. */
  readonly jurisdiction: RegionCode;
  readonly regions: RegionTable;
}

export type RowDecision = Decision<LedgerEvent>;
