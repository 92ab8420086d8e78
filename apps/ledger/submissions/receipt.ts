import { ApiProperty } from '@nestjs/swagger';
import type { PostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import type { SubmissionRecord } from '@fundflow/submissions/staged';
import type { Pool } from 'pg';

/** Name of the log in SHA-256 in the tables of the proof. */
const LOG = 'fund-plan';
/** Records looked at for one page: those of other submissions may lie between the parts of a large one. */
const RECEIPT_PAGE_MAX = 1_000;

class ReceiptEntry {
  @ApiProperty() position: number;
  @ApiProperty({ description: 'Place in the tree: position - 1' }) index: number;
  @ApiProperty({ description: 'SHA-256(0x00 ‖ record), hexadecimal' }) leafHash: string;
  @ApiProperty({ description: 'Address of the .tlog-proof, once witnessed' }) proof: string;
}

/** What the unit keeps as its evidence: where in the log its records stand, and under which hash. */
export class ReceiptAnswer {
  @ApiProperty({ format: 'uuid' }) submission: string;
  @ApiProperty({ type: String, nullable: true, description: 'Origin of the log' })
  log: string | null;
  @ApiProperty({ description: 'Records that witnesses have put their names to' })
  witnessedSize: number;
  @ApiProperty({ type: [ReceiptEntry] }) entries: ReceiptEntry[];
  @ApiProperty({ type: Number, nullable: true, description: 'Ask again with after=' })
  next: number | null;
}

export interface ReceiptParts {
  readonly store: Pick<PostgresEventStore, 'readRecords'>;
  readonly pool: Pool;
}

/**
 * The receipt of what a submission posted, from the records as they are stored.
 *
 * @param after position behind which the page begins
 */
export async function receiptOf(
  { store, pool }: ReceiptParts,
  { id, firstPosition, lastPosition }: SubmissionRecord,
  after: bigint,
): Promise<ReceiptAnswer> {
  const [tree, witnessed] = await Promise.all([
    new TileTable(pool, LOG).tree(),
    new CheckpointTable(pool, LOG).newest('witnessed'),
  ]);
  const head = { submission: id, log: tree?.origin ?? null, witnessedSize: witnessed?.size ?? 0 };
  if (firstPosition === null || lastPosition === null) return { ...head, entries: [], next: null };
  const from = after >= firstPosition ? after : firstPosition - 1n;
  const left = lastPosition - from;
  const limit = left < BigInt(RECEIPT_PAGE_MAX) ? Number(left) : RECEIPT_PAGE_MAX;
  const records = limit > 0 ? await store.readRecords(from, limit) : [];
  const entries = records.flatMap((record, at) => {
    const position = Number(from) + at + 1;
    return isOf(id, record) ? [entryOf(position, record)] : [];
  });
  const upTo = Number(from) + records.length;
  return { ...head, entries, next: BigInt(upTo) < lastPosition ? upTo : null };
}

const isOf = (submission: string, record: string): boolean =>
  (JSON.parse(record) as { cause?: unknown }).cause === `submission:${submission}`;

const entryOf = (position: number, record: string): ReceiptEntry => ({
  position,
  index: position - 1,
  leafHash: Buffer.from(sha256Tree.leaf(record)).toString('hex'),
  proof: `/api/v1/events/${position}/proof`,
});
