import { fen, splitProRata } from '@fundflow/domain/money';
import { LINEAGE } from '@fundflow/projections/read-table';
import { balancesOf } from './balances.js';
import { seenRow, type Snapshot } from './snapshot.js';
import { type Ancestor, ancestorsOf } from './trace-ancestors.js';
import { lowerLast } from './trace-distance.js';
import { EDGE_COLUMNS, EDGE_JOINS, type EdgeRow, isInTransit, isLine } from './trace-edges.js';

/** A holding the trace comes from below: with how much, and how many edges lie between the start and it. */
export interface Arrival {
  readonly holdingId: string;
  readonly amountFen: bigint;
  readonly depth: number;
}

/** An edge, and the share it carries; null: the recorded amount. */
export interface SharedEdge {
  readonly row: EdgeRow;
  readonly shareFen: bigint | null;
}

export interface UpWalk {
  readonly edges: readonly SharedEdge[];
  /** Holdings on the way. */
  readonly holdingIds: readonly string[];
}

interface Carried {
  /** Of the start's amount. */
  amountFen: bigint;
  /** Shares begin further up, if at all. */
  exact: boolean;
  depth: number;
  /** A start: what comes from below is part of its own amount. */
  readonly fixed: boolean;
}

const EDGES = `
  SELECT ${EDGE_COLUMNS} FROM ${LINEAGE}_movements m ${EDGE_JOINS}
  WHERE m.lower_id = ANY ($4::text[]) AND ${seenRow('m')}
  ORDER BY m.position`;

/** Every edge between records and what lies above them, in the order of the log. */
export const edgesAbove = (snapshot: Snapshot, ids: readonly string[]): Promise<EdgeRow[]> =>
  snapshot.ask<EdgeRow>(EDGES, [ids]);

/**
 * Everything above the arrivals: one edge a line at its recorded amount; from the first holding with several lines on,
 * shares of the start's amount in proportion to what the lines recorded (contract §6). Returns and reversals stand
 * beside the lines they undo as long as amounts are the recorded ones.
 *
 * @param starts arrivals whose amount is their own, whatever else comes from below
 * @param depthMax edges between the start and what is shown, at most
 */
export async function walkUp(
  snapshot: Snapshot,
  starts: readonly Arrival[],
  fromPayments: readonly Arrival[],
  depthMax: number,
): Promise<UpWalk> {
  const carried = new Map<string, Carried>();
  for (const { holdingId, amountFen, depth } of starts) {
    carried.set(holdingId, { amountFen, exact: true, depth, fixed: true });
  }
  for (const arrival of fromPayments) carry(carried, arrival, true);
  const ancestors = await ancestorsOf(snapshot, [...carried.keys()]);
  const shares = new Map<string, bigint | null>();
  const order: string[] = [];
  for (const id of lowerLast(ancestors).reverse()) {
    const own = carried.get(id);
    if (!own || own.depth > depthMax) continue;
    order.push(id);
    if (own.depth < depthMax) passUp(ancestors.get(id) as Ancestor, own, carried, shares);
  }
  const edges = await shownEdges(snapshot, order, carried, shares, depthMax);
  return { edges, holdingIds: order };
}

function passUp(
  { lines }: Ancestor,
  own: Carried,
  carried: Map<string, Carried>,
  shares: Map<string, bigint | null>,
): void {
  const exact = own.exact && lines.length <= 1;
  const weights = lines.map(({ amountFen }) => fen(BigInt(amountFen)));
  const parts = splitProRata(fen(own.amountFen), weights);
  lines.forEach(({ id, giverId }, at) => {
    const amountFen = parts[at] as bigint;
    shares.set(id, exact ? null : amountFen);
    if (giverId !== null) {
      carry(carried, { holdingId: giverId, amountFen, depth: own.depth + 1 }, exact);
    }
  });
}

function carry(carried: Map<string, Carried>, arrival: Arrival, exact: boolean): void {
  const { holdingId, amountFen, depth } = arrival;
  const known = carried.get(holdingId);
  if (!known) {
    carried.set(holdingId, { amountFen, exact, depth, fixed: false });
    return;
  }
  known.depth = Math.min(known.depth, depth);
  if (known.fixed) return;
  known.amountFen += amountFen;
  known.exact &&= exact;
}

async function shownEdges(
  snapshot: Snapshot,
  order: readonly string[],
  carried: ReadonlyMap<string, Carried>,
  shares: ReadonlyMap<string, bigint | null>,
  depthMax: number,
): Promise<SharedEdge[]> {
  const shown = order.filter((id) => (carried.get(id) as Carried).depth < depthMax);
  const below = new Map<string, SharedEdge[]>(shown.map((id) => [id, []]));
  for (const row of await edgesAbove(snapshot, shown)) {
    const { exact } = carried.get(row.lowerId) as Carried;
    const share = isLine(row) ? shares.get(row.recordId) : undefined;
    const onItsWay = isLine(row) && isInTransit(row);
    if (share === undefined && !exact && !onItsWay) continue;
    below.get(row.lowerId)?.push({ row, shareFen: share ?? null });
  }
  return [...below.values()].flat();
}

/** How far holdings on the way are below zero: what no recorded source explains. */
export async function shortOf(snapshot: Snapshot, holdingIds: readonly string[]): Promise<bigint> {
  let short = 0n;
  for (const { availableFen } of (await balancesOf(snapshot, holdingIds)).values()) {
    const available = BigInt(availableFen);
    if (available < 0n) short -= available;
  }
  return short;
}
