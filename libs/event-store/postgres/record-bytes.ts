import pg from 'pg';
import { EventStoreCorrupt, RecordMissing } from '../event-store.js';
import { portError, sessionConfig } from './connection.js';
import { CopiedBytes } from './copied-bytes.js';

/** One page is read while the last is worked on. */
const CONNECTIONS_MAX = 2;
/** The server ends a page that takes longer; a client's own timer would not see the end of a COPY. */
const STATEMENT_MAX_MS = 120_000;
/** `PGCOPY\n\xff\r\n\0`, 4 bytes of flags, 4 bytes of the length of an extension. */
const HEADER_BYTES = 19;
/** A row: the number of its fields, then each after its length; the end is a row of −1 fields. */
const POSITION_AT = 2 + 4;
const LENGTH_AT = POSITION_AT + 8;
const RECORD_AT = LENGTH_AT + 4;
const HALF = 2 ** 32;

/**
 * Records as the bytes that are stored, by COPY in its binary form: node-postgres makes a text of every field, and a text
 * has to be made bytes again before it is hashed.
 */
export class RecordBytes {
  readonly #pool: pg.Pool;
  /** What a page takes: neighbours in the log are alike. */
  #pageBytes = 0;

  constructor(config: pg.ClientConfig) {
    const session = sessionConfig(config, 'reader');
    const options = `${session.options} -c statement_timeout=${STATEMENT_MAX_MS}`;
    const settings = { ...session, options, query_timeout: undefined, max: CONNECTIONS_MAX };
    this.#pool = new pg.Pool(settings);
    // A connection that breaks leaves the pool by itself, and its page fails; without a listener it ends us.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** @throws RecordMissing when the positions after `after` are not dense. */
  async read(after: bigint, limit: number): Promise<Buffer[]> {
    const page = await this.#copy(
      `COPY (SELECT e.position, e.record FROM event_store.es_events e
        WHERE e.position > ${after} ORDER BY e.position LIMIT ${limit}) TO STDOUT (FORMAT binary)`,
    ).catch((error: unknown) => {
      throw portError(error);
    });
    return recordsOf(page, after);
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #copy(statement: string): Promise<Buffer> {
    const client = await this.#pool.connect();
    let failure: Error | undefined;
    try {
      const copied = client.query(new CopiedBytes(statement, this.#pageBytes));
      const page = await copied.bytes;
      this.#pageBytes = page.length;
      return page;
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      // After a failure nobody knows what the connection still has to say.
      client.release(failure);
    }
  }
}

/** The records of a page of (int8, json) rows. */
function recordsOf(page: Buffer, after: bigint): Buffer[] {
  const records: Buffer[] = [];
  let expected = Number(after);
  let at = HEADER_BYTES;
  while (page.readInt16BE(at) !== -1) {
    expected += 1;
    // In halves: a bigint a row costs more than all else that is done for it.
    const high = page.readInt32BE(at + POSITION_AT);
    const position = high * HALF + page.readUInt32BE(at + POSITION_AT + 4);
    if (position !== expected) throw new RecordMissing(BigInt(expected), BigInt(position));
    const end = at + RECORD_AT + page.readInt32BE(at + LENGTH_AT);
    records.push(page.subarray(at + RECORD_AT, end));
    at = end;
  }
  if (at + 2 !== page.length) {
    throw new EventStoreCorrupt(`the page after ${after} does not end where it should`);
  }
  return records;
}
