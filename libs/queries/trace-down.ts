import type { Snapshot } from './snapshot.js';
import { type Ancestor, ancestorsOf } from './trace-ancestors.js';
import { EdgeBlocks } from './trace-block.js';
import { reachFrom } from './trace-distance.js';
import { type EdgeRow, isInTransit, isLive } from './trace-edges.js';

/** Where a walk stands: edges of the holding up to `after` are shown, and everything below those. */
export interface Place {
  readonly holdingId: string;
  readonly after: number;
}

export interface DownWalk {
  readonly rows: readonly EdgeRow[];
  /** On the way below the start, as far as it was walked in this page. */
  readonly untracedFen: bigint;
  /** Null when everything below the start is shown. */
  readonly stoppedAt: Place | null;
}

export interface DownStart {
  /** Whether a holding is one the trace begins with. */
  readonly isStart: (ancestor: Ancestor) => boolean;
  /** Edges between a start and what is shown, at most. */
  readonly depthMax: number;
}

interface Frame {
  readonly holdingId: string;
  after: number;
}

/**
 * Walks depth first from a place, below a start, until the page is full. The way from the start to a place follows from
 * the tables, so a cursor is the place alone, however deep it is.
 *
 * @param limit edges shown
 */
export async function walkDown(
  snapshot: Snapshot,
  start: DownStart,
  from: Place,
  limit: number,
): Promise<DownWalk> {
  const blocks = new EdgeBlocks(snapshot);
  const rows: EdgeRow[] = [];
  const stack = await framesTo(snapshot, start, from);
  const ways = new Map<string, string | undefined>();
  let untracedFen = 0n;
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame;
    const shown = stack.length <= start.depthMax;
    const room = limit - rows.length;
    const edge = shown ? await blocks.next(frame.holdingId, frame.after, room) : null;
    if (!edge) {
      stack.pop();
      continue;
    }
    if (room === 0) return { rows, untracedFen, stoppedAt: { ...frame } };
    frame.after = Number(edge.position);
    rows.push(edge);
    if (isInTransit(edge)) untracedFen += BigInt(edge.amountFen);
    if (isLive(edge) && (await goesOnHere(snapshot, start, edge, ways))) {
      stack.push({ holdingId: edge.lowerId, after: 0 });
    }
  }
  return { rows, untracedFen, stoppedAt: null };
}

/**
 * Of several lines into a pooled holding one shows what lies below it.
 *
 * @param ways the line of every pooled holding met so far
 */
async function goesOnHere(
  snapshot: Snapshot,
  { isStart }: DownStart,
  { pooled, lowerId, recordId }: EdgeRow,
  ways: Map<string, string | undefined>,
): Promise<boolean> {
  if (!pooled) return true;
  if (!ways.has(lowerId)) {
    const reach = reachFrom(isStart, await ancestorsOf(snapshot, [lowerId]));
    ways.set(lowerId, reach.get(lowerId)?.over?.id);
  }
  return ways.get(lowerId) === recordId;
}

async function framesTo(snapshot: Snapshot, { isStart }: DownStart, from: Place): Promise<Frame[]> {
  const reach = reachFrom(isStart, await ancestorsOf(snapshot, [from.holdingId]));
  const frames: Frame[] = [{ ...from }];
  for (;;) {
    const over = reach.get((frames[0] as Frame).holdingId)?.over;
    if (!over?.giverId) return frames;
    frames.unshift({ holdingId: over.giverId, after: Number(over.issuedPosition) });
  }
}
