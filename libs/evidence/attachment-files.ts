import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { HEAD_BYTES } from '@fundflow/domain/attachment/media-type';

/** Bytes of one attachment. */
export const ATTACHMENT_BYTES_MAX = 20 * 1024 * 1024;

/** More than `ATTACHMENT_BYTES_MAX` came; nothing of it is kept. */
export class AttachmentTooLarge extends Error {
  override readonly name = 'AttachmentTooLarge';
}

export interface ReceivedFile {
  readonly sha256: string;
  readonly sm3: string;
  readonly bytes: number;
  readonly head: Uint8Array;
}

/** A file on its way in: written, then kept under its digest or dropped. */
export interface Incoming {
  readonly sink: Writable;
  /** After the sink has ended: durable on disk, under no name yet. */
  received(): ReceivedFile;
  keep(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * Attachments on disk, beside the database: each once, under its SHA-256, readable by this process alone. Nothing is
 * overwritten and nothing is ever run or shown from here.
 */
export class AttachmentFiles {
  constructor(private readonly directory: string) {}

  async begin(): Promise<Incoming> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const part = join(this.directory, `${randomUUID()}.part`);
    const handle = await open(part, 'wx', 0o600);
    const [first, second] = [createHash('sha256'), createHash('sm3')];
    let bytes = 0;
    let head: Buffer = Buffer.alloc(0);
    let done: ReceivedFile | null = null;
    const write = async (chunk: Buffer): Promise<void> => {
      bytes += chunk.length;
      if (bytes > ATTACHMENT_BYTES_MAX) throw new AttachmentTooLarge();
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
      first.update(chunk);
      second.update(chunk);
      await handle.write(chunk);
    };
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, next) => void write(chunk).then(() => next(), next),
      final: (next) =>
        void handle.sync().then(() => {
          done = { sha256: first.digest('hex'), sm3: second.digest('hex'), bytes, head };
          next();
        }, next),
    });
    const received = (): ReceivedFile => {
      if (done === null) throw new Error('the file has not ended');
      return done;
    };
    return {
      sink,
      received,
      keep: async () => {
        await handle.close();
        await rename(part, this.#path(received().sha256));
        await this.#syncDirectory();
      },
      drop: async () => {
        await handle.close().catch(() => undefined);
        await rm(part, { force: true });
      },
    };
  }

  /**
   * The bytes; null when they are not here, or when something else on the machine, a virus scanner, lets nobody open them.
   *
   * @param sha256 64 hexadecimal digits in lower case
   */
  async read(sha256: string): Promise<Readable | null> {
    const handle = await open(this.#path(sha256), 'r').catch(() => null);
    return handle?.createReadStream() ?? null;
  }

  /** Whether `read` would give it. */
  async has(sha256: string): Promise<boolean> {
    const handle = await open(this.#path(sha256), 'r').catch(() => null);
    await handle?.close();
    return handle !== null;
  }

  /** All of it at once, at most `ATTACHMENT_BYTES_MAX`. @throws Error (ENOENT) when it is not here */
  whole(sha256: string): Promise<Uint8Array> {
    return readFile(this.#path(sha256));
  }

  #path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('not a digest');
    return join(this.directory, sha256);
  }

  async #syncDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r');
    await directory.sync().finally(() => directory.close());
  }
}
