import type { Connection, Submittable } from 'pg';

const BYTES_MIN = 1 << 16;
/** Room beyond what was asked for: a page that is a little longer than the last need not be moved. */
const ROOM = 1.125;

/**
 * What `COPY … TO STDOUT` sends, in one piece of memory: the driver hands a row out as a view of its socket's buffer, from
 * where it goes straight there. Streams of it cost two more copies, and memory of four times its length that the collector has
 * to look after.
 */
export class CopiedBytes implements Submittable {
  readonly bytes: Promise<Buffer>;
  #memory: Buffer;
  #length = 0;
  #end!: { done: (bytes: Buffer) => void; failed: (error: Error) => void };

  /** @param expected how many bytes it may be */
  constructor(
    private readonly statement: string,
    expected: number,
  ) {
    this.#memory = Buffer.allocUnsafe(Math.max(BYTES_MIN, Math.ceil(expected * ROOM)));
    this.bytes = new Promise((done, failed) => (this.#end = { done, failed }));
  }

  submit(connection: Connection): void {
    connection.query(this.statement);
  }

  /** Called with every row; what it holds is written over by the next. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    const length = this.#length + chunk.length;
    if (length > this.#memory.length) this.#grow(length);
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  handleReadyForQuery(): void {
    this.#end.done(this.#memory.subarray(0, this.#length));
  }

  handleError(error: Error): void {
    this.#end.failed(error);
  }

  // Called by the driver, and nothing to be said to it.
  handleCommandComplete(): void {}

  #grow(length: number): void {
    const memory = Buffer.allocUnsafe(2 * length);
    memory.set(this.#memory.subarray(0, this.#length));
    this.#memory = memory;
  }
}
