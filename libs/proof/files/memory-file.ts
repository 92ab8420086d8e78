import { readdir, readFile, unlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { createDurably } from './durable-file.js';

/** What was remembered, and the generation it is: the next one must follow on it. */
export interface Remembered {
  readonly generation: number;
  readonly text: string;
}

/** The memory is there and cannot be read: it must not be taken for an empty one. */
export class MemoryDamaged extends Error {
  override readonly name = 'MemoryDamaged';
}

const GENERATION = /^\.(\d{1,15})$/;
/** Generations that stay beside the newest, for whoever has to look into what happened. */
const KEPT = 2;

/**
 * A small text that survives a crash and is replaced by compare-and-swap: what a signer or a witness has put its name to.
 *
 * Every generation is a file of its own, `<name>.<generation>`, which is only ever made: of two processes that follow on
 * the same generation one loses, whatever the timing. It is in place when `replace` answers true, the directory flushed too.
 */
export class MemoryFile {
  constructor(
    private readonly directory: string,
    private readonly name: string,
  ) {}

  /**
   * Null when nothing was ever remembered.
   *
   * @throws MemoryDamaged when the newest generation is not what was written
   */
  async read(): Promise<Remembered | null> {
    const newest = (await this.#generations()).at(-1);
    if (newest === undefined) return null;
    const content = await readFile(this.#path(newest), 'utf8');
    const cut = content.indexOf('\n');
    const text = content.slice(cut + 1);
    if (content.slice(0, cut) !== checkOf(newest, text)) {
      throw new MemoryDamaged(
        `记忆文件已损坏：${this.#path(newest)}。请从备份恢复整个目录，不要删除。`,
      );
    }
    return { generation: newest, text };
  }

  /**
   * Remembers `text` in the place of the generation `known` (0: nothing remembered yet).
   *
   * @returns false when another process was faster; nothing of ours is remembered then
   */
  async replace(known: number, text: string): Promise<boolean> {
    await makeDirectory(this.directory, { mode: 0o700 });
    if (((await this.#generations()).at(-1) ?? 0) !== known) return false;
    const next = known + 1;
    if (!(await createDurably(this.#path(next), `${checkOf(next, text)}\n${text}`))) return false;
    return this.#settle(next);
  }

  /** A process that slept while others went on may have linked a name that was free again: it lost. */
  async #settle(mine: number): Promise<boolean> {
    const generations = await this.#generations();
    if (generations.at(-1) !== mine) {
      await unlink(this.#path(mine));
      return false;
    }
    for (const old of generations.slice(0, -1 - KEPT)) {
      // Somebody else may have tidied up.
      await unlink(this.#path(old)).catch(() => undefined);
    }
    return true;
  }

  async #generations(): Promise<number[]> {
    const names = await readdir(this.directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names
      .filter((name) => name.startsWith(this.name))
      .flatMap((name) => GENERATION.exec(name.slice(this.name.length))?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #path(generation: number): string {
    return join(this.directory, `${this.name}.${generation}`);
  }
}

const checkOf = (generation: number, text: string): string =>
  createHash('sha256').update(`${generation}\n${text}`).digest('hex');
