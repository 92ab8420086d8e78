import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Text that has to wait and may be larger than memory: written once, then read once, then removed. */
export class Spool {
  readonly #directory: string;
  readonly #stream: WriteStream;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#stream = createWriteStream(join(directory, 'spool'), { mode: 0o600 });
  }

  static async create(): Promise<Spool> {
    return new Spool(await mkdtemp(join(tmpdir(), 'fundflow-')));
  }

  async write(text: string): Promise<void> {
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  /** What was written, in pieces; nothing can be written afterwards. */
  async *read(): AsyncGenerator<string> {
    this.#stream.end();
    await once(this.#stream, 'finish');
    const path = join(this.#directory, 'spool');
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) yield chunk as string;
  }

  async remove(): Promise<void> {
    this.#stream.destroy();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
