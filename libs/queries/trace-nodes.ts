import { kindCode } from '@fundflow/projections/movements/effect';
import { LINEAGE, READ_SCHEMA } from '@fundflow/projections/read-table';
import { balancesOf } from './balances.js';
import { holdingFacts } from './holding.js';
import { seen, seenRow, type Snapshot } from './snapshot.js';

/** A node of a trace; fen as decimal text. */
export interface TraceNode {
  /** The recorded id, or `outside:<region>`. */
  readonly id: string;
  readonly kind: 'allocation' | 'disbursement' | 'payment' | 'project' | 'outside';
  readonly region: string;
  /** Receiver, recipient, payee (a unit), name of the project; null where none is recorded and for persons. */
  readonly label: string | null;
  /** Null for what lies outside, and for a project without a plan. */
  readonly amountFen: string | null;
  /** Null for all but holdings. */
  readonly availableFen: string | null;
  /** Set when the payee is a person: the edge masks or leaves out what the vault says, and drops this field. */
  readonly personalEventId: string | null;
}

const OUTSIDE = 'outside:';
const SAYS_NOTHING = { label: null, amountFen: null, availableFen: null, personalEventId: null };

const PAYMENTS = `
  SELECT m.lower_id AS id, m.holding_region AS region, m.counterparty AS label,
         m.amount_fen::text AS "amountFen",
         CASE WHEN m.personal THEN m.event_id::text END AS "personalEventId"
  FROM ${READ_SCHEMA}.movements m
  WHERE m.lower_id = ANY ($4::text[]) AND m.kind = ${kindCode('payment-made')} AND ${seenRow('m')}`;

const PROJECT = `
  SELECT p.id, p.county AS region, p.name AS label, p.planned_fen::text AS "amountFen"
  FROM ${READ_SCHEMA}.projects p
  WHERE p.id = $3 AND ($2::timestamptz IS NULL OR p.registered_at <= $2::timestamptz)
    AND $1::date IS NOT NULL`;

/** What the trace says of a place outside the scope: that it is there. */
const BARE = `
  SELECT h.id, h.kind, h.region FROM ${LINEAGE}_holdings h JOIN ${LINEAGE}_lines l ON l.id = h.id
  WHERE h.id = ANY ($4::text[]) AND ${seen('l', 'issued')}
  UNION ALL
  SELECT m.lower_id, 'payment', m.holding_region FROM ${LINEAGE}_movements m
  WHERE m.lower_id = ANY ($4::text[]) AND m.kind = ${kindCode('payment-made')} AND ${seenRow('m')}`;

/**
 * Nodes in the order of their first mention; ids that do not exist on the day are left out, and those outside the scope
 * are bare.
 */
export async function nodesOf(snapshot: Snapshot, ids: Iterable<string>): Promise<TraceNode[]> {
  const all = [...new Set(ids)];
  const recorded = all.filter((id) => !id.startsWith(OUTSIDE));
  const found = new Map<string, TraceNode>();
  for (const node of await holdingNodes(snapshot, recorded)) found.set(node.id, node);
  const others = recorded.filter((id) => !found.has(id));
  for (const node of await paymentNodes(snapshot, others)) found.set(node.id, node);
  const beyond = others.filter((id) => !found.has(id));
  for (const node of await bareNodes(snapshot, beyond)) found.set(node.id, node);
  for (const id of all) if (id.startsWith(OUTSIDE)) found.set(id, outside(id));
  return all.flatMap((id) => found.get(id) ?? []);
}

function outside(id: string): TraceNode {
  const region = id.slice(OUTSIDE.length);
  return { id, kind: 'outside', region, ...SAYS_NOTHING };
}

async function bareNodes(snapshot: Snapshot, ids: readonly string[]): Promise<TraceNode[]> {
  if (ids.length === 0) return [];
  const rows = await snapshot.ask<Pick<TraceNode, 'id' | 'kind' | 'region'>>(BARE, [ids]);
  return rows.map((row) => ({ ...row, ...SAYS_NOTHING }));
}

async function holdingNodes(snapshot: Snapshot, ids: readonly string[]): Promise<TraceNode[]> {
  if (ids.length === 0) return [];
  const facts = await holdingFacts(snapshot, ids);
  const known = facts.map(({ id }) => id);
  const balances = await balancesOf(snapshot, known);
  return facts.map(({ id, kind, region, label, amountFen }) => ({
    ...{ id, kind, region, label, amountFen },
    availableFen: balances.get(id)?.availableFen ?? '0',
    personalEventId: null,
  }));
}

async function paymentNodes(snapshot: Snapshot, ids: readonly string[]): Promise<TraceNode[]> {
  if (ids.length === 0) return [];
  const rows = await snapshot.ask<Omit<TraceNode, 'kind' | 'availableFen'>>(PAYMENTS, [ids]);
  return rows.map((row) => ({ ...row, kind: 'payment', availableFen: null }));
}

/** The project itself; null when it is not known at the moment. */
export async function projectNode(snapshot: Snapshot, id: string): Promise<TraceNode | null> {
  const rows = await snapshot.askPair<Pick<TraceNode, 'id' | 'region' | 'label' | 'amountFen'>>(
    PROJECT,
    [id],
  );
  const row = rows[0];
  return row ? { ...row, kind: 'project', availableFen: null, personalEventId: null } : null;
}
