import type { RegionCode } from '@fundflow/domain/region';
import type { ScopedReads } from '@fundflow/row-security/scoped-reads';
import type { Question } from './question.js';
import { type Snapshot, withSnapshot } from './snapshot.js';
import { traceAbove } from './trace-above.js';
import { traceBelow } from './trace-below.js';
import { type TraceEdge, toEdges } from './trace-edges.js';
import { nodesOf, projectNode, type TraceNode } from './trace-nodes.js';
import { findStart, type TraceStart } from './trace-start.js';
import type { TracePage, TraceStage } from './trace-page.js';

export interface TraceQuestion {
  /** An allocation, supplement, disbursement, payment or project. */
  readonly id: string;
  readonly direction: 'up' | 'down';
  /** Edges between the start and what is shown; null: all of it. */
  readonly depth: number | null;
  /** Edges a page, at most `TRACE_MAX`. */
  readonly limit: number;
  readonly question: Question;
  /** `next` of the page before; it pins depth, day, moment and position, and overrules those given. */
  readonly cursor: TraceCursor | null;
}

/** Plain JSON: the edge seals it. */
export type TraceCursor = {
  readonly id: string;
  readonly direction: 'up' | 'down';
  readonly depth: number | null;
  readonly asOf: string;
  readonly knownAt: string | null;
  readonly upTo: string;
  readonly generation: string;
  readonly stage: TraceStage;
};

export type TraceResult =
  | {
      readonly outcome: 'found';
      readonly position: bigint;
      /** Where the start lies: the holding of a payment or supplement, the county of a project. */
      readonly startRegion: RegionCode;
      /** The start first (on the first page), then whatever the edges of this page name. */
      readonly nodes: readonly TraceNode[];
      readonly edges: readonly TraceEdge[];
      /**
       * Down: money in transit below the start, as far as the pages walked up to here; on the last page all of it. Up: how
       * far holdings on the way are below zero, on every page.
       */
      readonly untracedFen: string;
      readonly next: TraceCursor | null;
    }
  /** Nothing of this id exists on the day, or nothing a trace can begin with. */
  | { readonly outcome: 'not-found'; readonly position: bigint }
  /** The cursor is of another trace. */
  | { readonly outcome: 'bad-cursor' }
  /** The tables were rebuilt since: begin again. */
  | { readonly outcome: 'cursor-expired' };

export const TRACE_DEFAULT = 100;
const TRACE_MAX = 1_000;

/**
 * Follows money from a record: upward to where it came from, downward to where it went. One edge a movement at its
 * recorded amount, returns and reversals the other way (contract §6 "Trace"). The work of a page is bounded by its size
 * and the depth of the tree, not by what lies behind it.
 */
export function askTrace(reads: ScopedReads, asked: TraceQuestion): Promise<TraceResult> {
  const { id, direction, cursor } = asked;
  if (cursor && (cursor.id !== id || cursor.direction !== direction)) {
    return Promise.resolve({ outcome: 'bad-cursor' });
  }
  const pinned = cursor
    ? {
        question: { asOf: cursor.asOf, knownAt: cursor.knownAt } as Question,
        pin: BigInt(cursor.upTo),
      }
    : { question: asked.question };
  return withSnapshot(reads, { ...pinned, byIds: true }, async (snapshot) => {
    if (cursor && cursor.generation !== snapshot.generation) return { outcome: 'cursor-expired' };
    const start = await findStart(snapshot, id);
    if (!start) return { outcome: 'not-found', position: snapshot.upTo };
    const depth = cursor ? cursor.depth : asked.depth;
    const page = await (direction === 'down' ? traceBelow : traceAbove)(snapshot, start, {
      depthMax: depth ?? Infinity,
      limit: Math.min(asked.limit, TRACE_MAX),
      stage: cursor?.stage ?? null,
    });
    return answer(snapshot, start, { ...asked, depth }, page);
  });
}

async function answer(
  snapshot: Snapshot,
  start: TraceStart,
  { id, direction, depth, cursor }: TraceQuestion,
  page: TracePage,
): Promise<TraceResult> {
  const edges = await toEdges(snapshot, page.edges);
  const named = [...page.nodeIds, ...edges.flatMap(({ from, to }) => [from, to])];
  const project = start.kind === 'project' ? await projectNode(snapshot, id) : null;
  const first = startNodes(start);
  const found = await nodesOf(snapshot, [...first, ...named]);
  const startNode = project ?? found.find((node) => node.id === first[0]);
  if (!startNode) throw new Error(`the start ${id} of a trace is no node`);
  const startRegion = startNode.region as RegionCode;
  // On later pages the start stands only where an edge names it.
  const shown = cursor ? found.filter((node) => named.includes(node.id)) : found;
  const nodes = project && !cursor ? [project, ...shown] : shown;
  const { asOf, knownAt } = snapshot.question;
  const pins = { asOf, knownAt, upTo: snapshot.upTo.toString(), generation: snapshot.generation };
  const next = page.next ? { id, direction, depth, ...pins, stage: page.next } : null;
  const untracedFen = `${page.untracedFen}`;
  const { upTo: position } = snapshot;
  return { outcome: 'found', position, startRegion, nodes, edges, untracedFen, next };
}

function startNodes(start: TraceStart): string[] {
  if (start.kind === 'project') return [];
  return [start.kind === 'supplement' ? start.holdingId : start.id];
}
