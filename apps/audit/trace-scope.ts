import type { RegionCode } from '@fundflow/domain/region';
import type { TraceEdge } from '@fundflow/queries/trace-edges';
import type { TraceNode } from '@fundflow/queries/trace-nodes';

/** An edge between two places outside the scope says that money went that way, and no more. */
export type VisibleEdge = TraceEdge;

const BARE_NODE = { label: null, amountFen: null, availableFen: null, personalEventId: null };
const BARE_EDGE = { amountFen: null, documentNo: null, voucherNo: null, daysSincePrevious: null };

/**
 * A trace as somebody of a jurisdiction may see it. Money is followed to its source and to its end wherever these lie, but
 * places outside are bare nodes (id, kind and region), and so is what passed between two of them.
 */
export function withinScope(
  trace: { readonly nodes: readonly TraceNode[]; readonly edges: readonly TraceEdge[] },
  covers: (region: RegionCode) => boolean,
): { readonly nodes: readonly TraceNode[]; readonly edges: readonly VisibleEdge[] } {
  const inside = new Set<string>();
  const nodes = trace.nodes.map((node) => {
    if (!covers(node.region as RegionCode)) return { ...node, ...BARE_NODE };
    inside.add(node.id);
    return node;
  });
  const edges = trace.edges.map((edge) =>
    inside.has(edge.from) || inside.has(edge.to) ? edge : { ...edge, ...BARE_EDGE },
  );
  return { nodes, edges };
}
