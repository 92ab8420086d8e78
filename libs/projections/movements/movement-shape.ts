import type { RegionCode } from '@fundflow/domain/region';
import type { MovementKind } from './effect.js';

/** What an event says about money and places, before it is spread over the counties it names. */
export interface Movement {
  readonly kind: MovementKind;
  readonly recordId: string;
  /** The holding created, drawn on or returned to. */
  readonly holdingId: string | null;
  readonly projectId: string | null;
  readonly amountFen: bigint | null;
  readonly giverRegion: RegionCode | null;
  readonly holdingRegion: RegionCode | null;
  /** Every place the record names beside the two. */
  readonly alsoNames: readonly (string | null)[];
  readonly upperId: string | null;
  readonly lowerId: string | null;
  readonly documentNo: string | null;
  readonly voucherNo: string | null;
  readonly counterparty: string | null;
  readonly personal: boolean;
  readonly reversalOf: string | null;
}

/** The fields most kinds leave empty. */
export const PLAIN = {
  holdingId: null,
  projectId: null,
  amountFen: null,
  giverRegion: null,
  holdingRegion: null,
  alsoNames: [] as readonly (string | null)[],
  upperId: null,
  lowerId: null,
  documentNo: null,
  voucherNo: null,
  counterparty: null,
  personal: false,
  reversalOf: null,
} as const;
