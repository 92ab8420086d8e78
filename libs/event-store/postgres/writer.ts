import type { AppendUnit } from '../append-units.js';
import type { AppendResult } from '../event-store.js';
import {
  type AppendAnswer,
  APPEND_STATEMENT,
  batchParameters,
  batchResults,
} from './append-batch.js';
import type { BatchAppend } from './coalescer.js';
import type { WritingConnection } from './writing-connection.js';

/** What appends a prepared batch: one statement on the connection that writes. */
export class Writer implements BatchAppend<Buffer[]> {
  constructor(
    private readonly connection: WritingConnection,
    /** Told of the position of the last event after each batch. */
    private readonly announce: (head: bigint) => void,
  ) {}

  prepare(units: readonly AppendUnit[]): Buffer[] {
    return batchParameters(units);
  }

  /** @throws EventStoreUnavailable, InvalidAppend or EventStoreCorrupt; nothing is half applied. */
  async append(units: readonly AppendUnit[], values: Buffer[]): Promise<AppendResult[][]> {
    const rows = await this.connection.query<AppendAnswer>({ ...APPEND_STATEMENT, values });
    const { results, head } = batchResults(units, rows[0] as AppendAnswer);
    this.announce(head);
    return results;
  }
}
