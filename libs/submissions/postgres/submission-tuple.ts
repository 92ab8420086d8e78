import type { RegionCode } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import type { Officer, RowsChoice, SubmissionStatus } from '@fundflow/domain/submission/submission';
import type { SubmissionRecord, SubmissionRefusal } from '../staged.js';

/** A row of the table `submissions` as the driver gives it. */
export interface SubmissionTuple {
  id: string;
  created_at: Date;
  status: SubmissionStatus;
  kind: RowKind | null;
  file_name: string | null;
  maker_id: string;
  maker_unit: string;
  maker_region: string;
  handed_in_sha256: string | null;
  bytes_total: string;
  bytes_read: string;
  row_count: number;
  accepted_rows: number;
  already_posted_rows: number;
  errors: number;
  warnings: number;
  refusal: SubmissionRefusal | null;
  checker_id: string | null;
  checker_unit: string | null;
  checker_region: string | null;
  certified_at: Date | null;
  rows_choice: RowsChoice | null;
  posted_parts: number;
  posted_rows: number;
  first_position: string | null;
  last_position: string | null;
}

function officerOf(id: string | null, unit: string | null, region: string | null): Officer | null {
  return id === null ? null : { id, unit: unit ?? '', region: (region ?? '') as RegionCode };
}

export function recordOf(tuple: SubmissionTuple): SubmissionRecord {
  return {
    id: tuple.id,
    createdAt: tuple.created_at.toISOString(),
    status: tuple.status,
    kind: tuple.kind,
    fileName: tuple.file_name,
    maker: officerOf(tuple.maker_id, tuple.maker_unit, tuple.maker_region) as Officer,
    handedInSha256: tuple.handed_in_sha256,
    bytesTotal: Number(tuple.bytes_total),
    bytesRead: Number(tuple.bytes_read),
    rows: tuple.row_count,
    acceptedRows: tuple.accepted_rows,
    alreadyPostedRows: tuple.already_posted_rows,
    errors: tuple.errors,
    warnings: tuple.warnings,
    refusal: tuple.refusal,
    checker: officerOf(tuple.checker_id, tuple.checker_unit, tuple.checker_region),
    certifiedAt: tuple.certified_at?.toISOString() ?? null,
    rowsChoice: tuple.rows_choice,
    postedParts: tuple.posted_parts,
    postedRows: tuple.posted_rows,
    firstPosition: tuple.first_position === null ? null : BigInt(tuple.first_position),
    lastPosition: tuple.last_position === null ? null : BigInt(tuple.last_position),
  };
}
