import type { SharedEdge } from './trace-up.js';

/** Where the next page begins. Plain JSON. */
export type TraceStage =
  /** Below a holding, behind a position; `root` is the position of the project's holding above it. */
  | {
      readonly at: 'below';
      readonly holdingId: string;
      readonly after: number;
      readonly root: number;
      readonly untracedFen: string;
    }
  /** Holdings of the project behind a position. */
  | { readonly at: 'holdings'; readonly after: number; readonly untracedFen: string }
  /** Payments of the project behind a position. */
  | { readonly at: 'payments'; readonly after: number; readonly untracedFen: string }
  /** Above the start: edges shown so far. */
  | { readonly at: 'above'; readonly shown: number };

export interface PageRequest {
  /** Infinity: all of it. */
  readonly depthMax: number;
  readonly limit: number;
  /** Null: the first page. */
  readonly stage: TraceStage | null;
}

export interface TracePage {
  readonly edges: readonly SharedEdge[];
  /** Nodes of the page that no edge may name. */
  readonly nodeIds: readonly string[];
  readonly untracedFen: bigint;
  readonly next: TraceStage | null;
}

export const NOTHING: TracePage = { edges: [], nodeIds: [], untracedFen: 0n, next: null };

/** Payments of a project looked at for one page, at most: most of them are drawn on its own holdings. */
export const PAYMENTS_A_PAGE = 2_000;
