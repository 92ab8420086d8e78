import { kindCode } from '@fundflow/projections/movements/effect';
import { READ_SCHEMA } from '@fundflow/projections/read-table';
import { seen, seenPair, seenRow, type Snapshot } from './snapshot.js';

/** What a trace begins with, as it is on the day. */
export type TraceStart =
  | { readonly kind: 'holding'; readonly id: string; readonly reversed: boolean }
  /** A further line: upward over its own giver, downward below the allocation that grew. */
  | {
      readonly kind: 'supplement';
      readonly id: string;
      readonly holdingId: string;
      /** Null: from outside. */
      readonly giverId: string | null;
      readonly amountFen: string;
      readonly received: boolean;
      readonly reversed: boolean;
    }
  | {
      readonly kind: 'payment';
      readonly id: string;
      readonly holdingId: string;
      readonly amountFen: string;
      readonly reversed: boolean;
    }
  | { readonly kind: 'project'; readonly id: string };

const LINE = `
  SELECT l.id, l.holding_id AS "holdingId", l.giver_id AS "giverId",
         l.amount_fen::text AS "amountFen", ${seen('l', 'received')} IS TRUE AS received,
         ${seen('l', 'reversed')} IS TRUE AS reversed
  FROM ${READ_SCHEMA}.lines l WHERE l.id = $4::text AND ${seen('l', 'issued')}`;

const PAYMENT = `
  SELECT m.upper_id AS "holdingId", m.amount_fen::text AS "amountFen",
         EXISTS (
           SELECT 1 FROM ${READ_SCHEMA}.movements x
           WHERE x.lower_id = m.lower_id AND x.kind = ${kindCode('payment-reversed')}
             AND ${seenRow('x')}
         ) AS reversed
  FROM ${READ_SCHEMA}.movements m
  WHERE m.lower_id = $4::text AND m.kind = ${kindCode('payment-made')} AND ${seenRow('m')}
    AND EXISTS (SELECT FROM ${READ_SCHEMA}.holdings h WHERE h.id = m.upper_id)`;

/** A project exists once it is known: its registration has no date. */
const PROJECT = `
  SELECT p.id FROM ${READ_SCHEMA}.projects p
  WHERE p.id = $3::text AND ${seenPair('$1::date', 'p.registered_at')}`;

/** The record with this id, if a trace can begin with it and it exists on the day. */
export async function findStart(snapshot: Snapshot, id: string): Promise<TraceStart | null> {
  type Line = Omit<Extract<TraceStart, { kind: 'supplement' }>, 'kind'>;
  const line = (await snapshot.ask<Line>(LINE, [id]))[0];
  if (line?.holdingId === id) return { kind: 'holding', id, reversed: line.reversed };
  if (line) return { kind: 'supplement', ...line };
  type Payment = Omit<Extract<TraceStart, { kind: 'payment' }>, 'kind' | 'id'>;
  const payment = (await snapshot.ask<Payment>(PAYMENT, [id]))[0];
  if (payment) return { kind: 'payment', id, ...payment };
  const project = (await snapshot.askPair<{ id: string }>(PROJECT, [id]))[0];
  return project ? { kind: 'project', id } : null;
}
