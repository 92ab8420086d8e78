import { liesIn, type RegionCode } from '@fundflow/domain/region';
import {
  type Effect,
  effectOn,
  KIND_FACTS,
  kindOfCode,
} from '@fundflow/projections/movements/effect';

/** An entry of the audit trail; fen as decimal text. */
export interface TrailEntry {
  readonly position: number;
  readonly eventId: string;
  /** Type of the event in the log. */
  readonly type: string;
  readonly occurredOn: string;
  readonly recordedAt: string;
  /** Id of the row handed in, or that the acknowledgement completes. */
  readonly recordId: string;
  /** The holding created, drawn on or returned to. */
  readonly holdingId: string | null;
  readonly projectId: string | null;
  /** Positive; null for the dates of projects and notices. */
  readonly amountFen: string | null;
  readonly effect: Effect;
  /** Running balance after the entry. */
  readonly accountableFen: string;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  /** Name of a unit; null for a person, whom the vault knows under `personalEventId`, and where none is recorded. */
  readonly counterparty: string | null;
  /** Set when the counterparty is a person: the edge masks or leaves out what the vault says, and drops this field. */
  readonly personalEventId: string | null;
  readonly actor: string;
  /** Id of the record it reverses. */
  readonly reversalOf: string | null;
}

/** A row of `movements` as the trail reads it. */
export interface TrailRow {
  readonly position: string;
  readonly eventId: string;
  readonly kind: number;
  readonly occurredOn: string;
  readonly recordedAt: string;
  readonly recordId: string;
  readonly holdingId: string | null;
  readonly projectId: string | null;
  readonly amountFen: string | null;
  readonly giverRegion: RegionCode | null;
  readonly holdingRegion: RegionCode | null;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  readonly counterparty: string | null;
  readonly personal: boolean;
  readonly actor: string;
  readonly reversalOf: string | null;
}

/** The entry as the region sees it, and by how much it changes the running balance. */
export function toEntry(
  region: RegionCode,
  row: TrailRow,
  balance: bigint,
): { readonly entry: TrailEntry; readonly change: bigint } {
  const { giverRegion, holdingRegion } = row;
  const kind = kindOfCode(row.kind);
  const sides = {
    giverIn: giverRegion !== null && liesIn(giverRegion, region),
    holderIn: holdingRegion !== null && liesIn(holdingRegion, region),
  };
  const { effect, sign } = effectOn(sides, kind);
  const change = BigInt(sign) * BigInt(row.amountFen ?? 0);
  // Written out: a hundred a page, and taking the rest of a row costs more than everything else here.
  const entry = {
    position: Number(row.position),
    eventId: row.eventId,
    type: KIND_FACTS[kind].eventType,
    occurredOn: row.occurredOn,
    recordedAt: row.recordedAt,
    recordId: row.recordId,
    holdingId: row.holdingId,
    projectId: row.projectId,
    amountFen: row.amountFen,
    effect,
    accountableFen: `${balance + change}`,
    documentNo: row.documentNo,
    voucherNo: row.voucherNo,
    counterparty: row.counterparty,
    personalEventId: row.personal ? row.eventId : null,
    actor: row.actor,
    reversalOf: row.reversalOf,
  };
  return { entry, change };
}
