import { kindOfCode } from '@fundflow/projections/movements/effect';
import { holdingFacts } from './holding.js';
import type { Snapshot } from './snapshot.js';
import type { EdgeRow } from './trace-edges.js';
import { isLine } from './trace-edges.js';
import type { PageRequest, TracePage } from './trace-page.js';
import { drawnForProject, projectHoldings, projectPayments } from './trace-project.js';
import type { TraceStart } from './trace-start.js';
import {
  type Arrival,
  edgesAbove,
  type SharedEdge,
  shortOf,
  type UpWalk,
  walkUp,
} from './trace-up.js';

/** Holdings of one project looked at by a trace upward, at most; more is no project but a mistake. */
const PROJECT_HOLDINGS_MAX = 10_000;

/**
 * A page of what lies above the start. The ancestors of a holding are few, so they are worked out for every page; of a
 * project's many payments a page shows what it has room for.
 */
export async function traceAbove(
  snapshot: Snapshot,
  start: TraceStart,
  request: PageRequest,
): Promise<TracePage> {
  if (start.kind === 'project') return aboveProject(snapshot, start.id, request);
  const { own, arrivals, fixed } = await beginning(snapshot, start);
  const walk = await (request.depthMax > 0
    ? walkUp(snapshot, fixed, arrivals, request.depthMax)
    : nothingAbove(fixed));
  const shown = request.depthMax > 0 ? [...own, ...walk.edges] : [];
  return pageOf(snapshot, shown, walk, request);
}

const nothingAbove = (fixed: readonly Arrival[]): UpWalk => ({
  edges: [],
  holdingIds: fixed.map(({ holdingId }) => holdingId),
});

interface Beginning {
  /** Edges between the start itself and the first holdings above it. */
  readonly own: readonly SharedEdge[];
  readonly arrivals: readonly Arrival[];
  readonly fixed: readonly Arrival[];
}

const asRecorded = (rows: readonly EdgeRow[]): SharedEdge[] =>
  rows.map((row) => ({ row, shareFen: null }));

async function beginning(
  snapshot: Snapshot,
  start: Exclude<TraceStart, { kind: 'project' }>,
): Promise<Beginning> {
  switch (start.kind) {
    case 'holding': {
      const amountFen = BigInt((await holdingFacts(snapshot, [start.id]))[0]?.amountFen ?? 0);
      const fixed = [{ holdingId: start.id, amountFen, depth: 0 }];
      return { own: [], arrivals: [], fixed };
    }
    case 'payment': {
      const own = asRecorded(await edgesAbove(snapshot, [start.id]));
      return { own, arrivals: start.reversed ? [] : [arrival(start, start.holdingId)], fixed: [] };
    }
    case 'supplement': {
      const edges = await edgesAbove(snapshot, [start.holdingId]);
      const own = edges.filter((row) => (isLine(row) ? row.recordId : row.lineId) === start.id);
      const ids = new Set([start.id, ...own.map(({ recordId }) => recordId)]);
      const undone = edges.filter(({ reversalOf }) => reversalOf !== null && ids.has(reversalOf));
      const arrivals =
        start.reversed || start.giverId === null ? [] : [arrival(start, start.giverId)];
      return { own: asRecorded([...own, ...undone]), arrivals, fixed: [] };
    }
  }
}

const arrival = ({ amountFen }: { readonly amountFen: string }, holdingId: string): Arrival => ({
  holdingId,
  amountFen: BigInt(amountFen),
  depth: 1,
});

async function pageOf(
  snapshot: Snapshot,
  edges: readonly SharedEdge[],
  { holdingIds }: UpWalk,
  { limit, stage }: PageRequest,
): Promise<TracePage> {
  const from = stage?.at === 'above' ? stage.shown : 0;
  const untracedFen = await shortOf(snapshot, holdingIds);
  const shown = edges.slice(from, from + limit);
  const next = from + limit < edges.length ? ({ at: 'above', shown: from + limit } as const) : null;
  return { edges: shown, nodeIds: [], untracedFen, next };
}

/** First the project's payments and where each was drawn, then everything above those holdings and its own. */
async function aboveProject(
  snapshot: Snapshot,
  projectId: string,
  request: PageRequest,
): Promise<TracePage> {
  const { stage, limit, depthMax } = request;
  const walk = await aboveHoldings(snapshot, projectId, depthMax);
  if (stage?.at === 'above') return pageOf(snapshot, walk.edges, walk, request);
  const after = stage?.at === 'payments' ? stage.after : 0;
  const rows = await projectPayments(snapshot, projectId, after, limit);
  const own = depthMax > 0 ? asRecorded(rows) : [];
  const nodeIds = [
    ...(stage ? [] : walk.starts),
    ...rows.filter(({ kind }) => kindOfCode(kind) === 'payment-made').map((row) => row.lowerId),
  ];
  const untracedFen = await shortOf(snapshot, walk.holdingIds);
  const last = rows.at(-1);
  if (last && rows.length === limit) {
    const next = { at: 'payments', after: Number(last.position), untracedFen: '0' } as const;
    return { edges: own, nodeIds, untracedFen, next };
  }
  const room = limit - rows.length;
  const shown = walk.edges.slice(0, room);
  const next = walk.edges.length > room ? ({ at: 'above', shown: room } as const) : null;
  return { edges: [...own, ...shown], nodeIds, untracedFen, next };
}

async function aboveHoldings(
  snapshot: Snapshot,
  projectId: string,
  depthMax: number,
): Promise<UpWalk & { readonly starts: readonly string[] }> {
  const holdings = await projectHoldings(snapshot, projectId, 0, PROJECT_HOLDINGS_MAX);
  const fixed = holdings.map(({ id, amountFen }) => ({
    ...{ holdingId: id, amountFen: BigInt(amountFen), depth: 0 },
  }));
  const starts = holdings.map(({ id }) => id);
  if (depthMax === 0) return { ...nothingAbove(fixed), starts };
  const own = new Set(starts);
  const drawn = await drawnForProject(snapshot, projectId);
  const others = drawn.filter(({ holdingId }) => !own.has(holdingId));
  return { ...(await walkUp(snapshot, fixed, others, depthMax)), starts };
}
