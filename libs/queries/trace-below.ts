import type { Snapshot } from './snapshot.js';
import { type DownStart, walkDown } from './trace-down.js';
import type { EdgeRow } from './trace-edges.js';
import { NOTHING, PAYMENTS_A_PAGE, type PageRequest, type TracePage } from './trace-page.js';
import type { TraceStage } from './trace-page.js';
import { ofProject, projectHoldings, projectPayments } from './trace-project.js';
import { strayPayments, topmost } from './trace-project.js';
import type { TraceStart } from './trace-start.js';

/** A page of what lies below the start. Below something reversed lies nothing. */
export async function traceBelow(
  snapshot: Snapshot,
  start: TraceStart,
  request: PageRequest,
): Promise<TracePage> {
  switch (start.kind) {
    case 'payment':
      return NOTHING;
    case 'project':
      return belowProject(snapshot, start.id, request);
    case 'holding':
      return start.reversed ? NOTHING : belowHolding(snapshot, start.id, request);
    case 'supplement':
      // On its way it has not reached the allocation; what is below that came from other lines.
      if (start.reversed || !start.received) return NOTHING;
      return belowHolding(snapshot, start.holdingId, request);
  }
}

const shared = (rows: readonly EdgeRow[]) => rows.map((row) => ({ row, shareFen: null }));

async function belowHolding(
  snapshot: Snapshot,
  id: string,
  { depthMax, limit, stage }: PageRequest,
): Promise<TracePage> {
  const from = stage?.at === 'below' ? stage : { holdingId: id, after: 0, untracedFen: '0' };
  const start: DownStart = { isStart: (ancestor) => ancestor.id === id, depthMax };
  const { rows, untracedFen: found, stoppedAt } = await walkDown(snapshot, start, from, limit);
  const untracedFen = BigInt(from.untracedFen) + found;
  const next: TraceStage | null = stoppedAt && {
    ...{ at: 'below', ...stoppedAt, root: 0, untracedFen: `${untracedFen}` },
  };
  return { edges: shared(rows), nodeIds: [], untracedFen, next };
}

/**
 * First what lies below each of the project's holdings, then its payments out of other money. A holding of the project
 * below another one is met on the way from there.
 */
async function belowProject(
  snapshot: Snapshot,
  projectId: string,
  { depthMax, limit, stage }: PageRequest,
): Promise<TracePage> {
  const start: DownStart = { isStart: ofProject(projectId), depthMax };
  const rows: EdgeRow[] = [];
  const nodeIds: string[] = [];
  let untracedFen = stage && 'untracedFen' in stage ? BigInt(stage.untracedFen) : 0n;
  const page = (next: TraceStage | null): TracePage => ({
    ...{ edges: shared(rows), nodeIds, untracedFen, next },
  });
  if (stage?.at === 'payments') return page(await addPayments(snapshot, projectId, stage, nodeIds));
  let after = stage?.at === 'holdings' ? stage.after : 0;
  if (stage?.at === 'below') {
    const walked = await walkDown(snapshot, start, stage, limit);
    rows.push(...walked.rows);
    untracedFen += walked.untracedFen;
    if (walked.stoppedAt) return page(below(walked.stoppedAt, stage.root, untracedFen));
    after = stage.root;
  }
  const holdings = await projectHoldings(snapshot, projectId, after, limit);
  const roots = await topmost(snapshot, projectId, holdings);
  for (const { id, position, reversed } of holdings) {
    if (rows.length + nodeIds.length >= limit) {
      return page({ at: 'holdings', after, untracedFen: `${untracedFen}` });
    }
    after = Number(position);
    nodeIds.push(id);
    if (!roots.has(id) || reversed) continue;
    const room = Math.max(limit - rows.length - nodeIds.length, 1);
    const walked = await walkDown(snapshot, start, { holdingId: id, after: 0 }, room);
    rows.push(...walked.rows);
    untracedFen += walked.untracedFen;
    if (walked.stoppedAt) return page(below(walked.stoppedAt, after, untracedFen));
  }
  const text = `${untracedFen}`;
  if (holdings.length === limit) return page({ at: 'holdings', after, untracedFen: text });
  return page(await addPayments(snapshot, projectId, { after: 0, untracedFen: text }, nodeIds));
}

const below = (
  place: { readonly holdingId: string; readonly after: number },
  root: number,
  untracedFen: bigint,
): TraceStage => ({ at: 'below', ...place, root, untracedFen: `${untracedFen}` });

/** Nothing lies below a payment: they are nodes without an edge. */
async function addPayments(
  snapshot: Snapshot,
  projectId: string,
  { after, untracedFen }: { readonly after: number; readonly untracedFen: string },
  nodeIds: string[],
): Promise<TraceStage | null> {
  const edges = await projectPayments(snapshot, projectId, after, PAYMENTS_A_PAGE);
  nodeIds.push(...(await strayPayments(snapshot, projectId, edges)));
  const last = edges.at(-1);
  if (!last || edges.length < PAYMENTS_A_PAGE) return null;
  return { at: 'payments', after: Number(last.position), untracedFen };
}
