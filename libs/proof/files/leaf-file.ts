import { constants } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { HASH_BYTES, type Hash } from '../tree-hash.js';

/** Leaves of one read, 160 KiB. */
export const LEAF_PAGE_MAX = 5_120;

/**
 * The leaf hashes a signer put its name to, one behind the other, 32 bytes each: `<name>.leaves` in the folder of its
 * memory. Whoever rewrites the ledger with its tiles cannot rewrite these, so they tell which record was changed. They are
 * believed only where the signed root comes out of them, so they need not be flushed: what a power cut takes is read again.
 */
export class LeafFile {
  readonly #path: string;

  constructor(
    private readonly directory: string,
    name: string,
  ) {
    this.#path = join(directory, `${name}.leaves`);
  }

  /** Whole leaves it has; 0 when it is not there. */
  async size(): Promise<number> {
    const found = await stat(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return found === null ? 0 : Math.floor(found.size / HASH_BYTES);
  }

  /**
   * Puts leaves from the index `first` on; mode 0600. The same again changes nothing.
   *
   * @param leaves their hashes, each or many of them one behind the other
   */
  async write(first: number, leaves: readonly Uint8Array[]): Promise<void> {
    if (leaves.length === 0) return;
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      const bytes = Buffer.concat(leaves);
      await file.write(bytes, 0, bytes.length, first * HASH_BYTES);
    } finally {
      await file.close();
    }
  }

  /** Leaves from `first` on, at most `LEAF_PAGE_MAX`; fewer where the file ends. */
  async read(first: number, count: number): Promise<readonly Hash[]> {
    if (count > LEAF_PAGE_MAX) throw new RangeError(`${count} leaves at once`);
    let file: FileHandle;
    try {
      file = await open(this.#path, constants.O_RDONLY);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      const { bytesRead, buffer } = await file.read({
        ...{ buffer: Buffer.alloc(count * HASH_BYTES), position: first * HASH_BYTES },
      });
      return Array.from({ length: Math.floor(bytesRead / HASH_BYTES) }, (_, at) =>
        buffer.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
      );
    } finally {
      await file.close();
    }
  }

  /** The leaves 0 to `size` − 1 in pages of at most `LEAF_PAGE_MAX`; ends early where the file ends. */
  async *pages(size: number): AsyncGenerator<readonly Hash[]> {
    for (let first = 0; first < size; first += LEAF_PAGE_MAX) {
      const page = await this.read(first, Math.min(LEAF_PAGE_MAX, size - first));
      if (page.length === 0) return;
      yield page;
    }
  }
}
