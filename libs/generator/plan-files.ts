import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory } from '@fundflow/directories/make-directory';
import { csvCell, type FileKey, FILES, headersOf, kindOf } from './file-columns.js';

/** A larger file is split: half a million rows open in a spreadsheet. */
const ROWS_PER_FILE_MAX = 500_000;
const BYTE_ORDER_MARK = '\uFEFF';
/** Text kept in memory before it is written, over all files together, in UTF-16 units. */
const BUFFERED_MAX = 4 * 1024 * 1024;
/** Only these outgrow one file in a plan of ten million payments. */
const NUMBERED: readonly FileKey[] = ['payments', 'payments-again'];

export interface PlanFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
}

interface OpenFile {
  readonly name: string;
  readonly handle: FileHandle;
  rows: number;
  bytes: number;
}

/** Rows waiting to be written: a run of lines that all belong to one file. */
interface Waiting {
  part: number;
  lines: string[];
}

/** `05-payments-002.csv`: the number of the kind is the order of import. */
export function fileName(file: FileKey, part: number): string {
  const order = `${FILES.indexOf(file) + 1}`.padStart(2, '0');
  const number = NUMBERED.includes(file) ? `-${`${part}`.padStart(3, '0')}` : '';
  return `${order}-${file}${number}.csv`;
}

/** The folder holds an older plan, which must not be imported with this one. */
class TargetExists extends Error {
  override readonly name = 'TargetExists';
}

/**
 * The files of a plan in one folder, written side by side: rows come county by county, and files are by kind. Holds a
 * few megabytes, whatever the size of the plan.
 */
export class PlanFiles {
  readonly #folder: string;
  readonly #rowsMax: number;
  readonly #waiting = new Map<FileKey, Waiting>();
  readonly #open = new Map<FileKey, OpenFile>();
  readonly #done: PlanFile[] = [];
  #buffered = 0;

  private constructor(folder: string, rowsMax: number) {
    this.#folder = folder;
    this.#rowsMax = rowsMax;
  }

  /** @throws TargetExists when the folder holds CSV files: an older plan must not be imported with this one */
  static async inFolder(folder: string, rowsMax = ROWS_PER_FILE_MAX): Promise<PlanFiles> {
    await makeDirectory(folder);
    const old = (await readdir(folder)).find((name) => name.endsWith('.csv'));
    if (old !== undefined) {
      throw new TargetExists(`目录中已有 CSV 文件，请另选目录：${join(folder, old)}`);
    }
    return new PlanFiles(folder, rowsMax);
  }

  /** Takes one row; nothing is written before `flush` or `close`. */
  readonly write = (file: FileKey, cells: readonly string[]): void => {
    const line = `${cells.map(csvCell).join(',')}\n`;
    const waiting = this.#waiting.get(file);
    if (waiting) waiting.lines.push(line);
    else this.#waiting.set(file, { part: 1, lines: [line] });
    this.#buffered += line.length;
  };

  /** True when the caller should `flush` before it goes on. */
  get isFull(): boolean {
    return this.#buffered >= BUFFERED_MAX;
  }

  async flush(): Promise<void> {
    for (const [file, waiting] of this.#waiting) await this.#drain(file, waiting);
    this.#buffered = 0;
  }

  /** Writes what is left, and gives the files in their order of import. */
  async close(): Promise<readonly PlanFile[]> {
    await this.flush();
    for (const file of [...this.#open.keys()]) await this.#finish(file);
    return this.#done.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Gives the files back to the system after a failure; what is written stays where it is. */
  async abandon(): Promise<void> {
    for (const { handle } of this.#open.values()) await handle.close();
    this.#open.clear();
  }

  async #drain(file: FileKey, waiting: Waiting): Promise<void> {
    while (waiting.lines.length > 0) {
      const opened = this.#open.get(file) ?? (await this.#begin(file, waiting.part));
      const lines = waiting.lines.splice(0, this.#rowsMax - opened.rows);
      const text = Buffer.from(lines.join(''));
      await opened.handle.appendFile(text);
      opened.rows += lines.length;
      opened.bytes += text.length;
      if (opened.rows < this.#rowsMax) continue;
      await this.#finish(file);
      waiting.part += 1;
    }
  }

  async #begin(file: FileKey, part: number): Promise<OpenFile> {
    if (part > 1 && !NUMBERED.includes(file)) {
      throw new Error(`more than ${this.#rowsMax} rows of ${file}: the plan is out of shape`);
    }
    const name = fileName(file, part);
    const handle = await open(join(this.#folder, name), 'wx');
    const header = Buffer.from(`${BYTE_ORDER_MARK}${headersOf(kindOf(file)).join(',')}\n`);
    await handle.appendFile(header);
    const opened = { name, handle, rows: 0, bytes: header.length };
    this.#open.set(file, opened);
    return opened;
  }

  async #finish(file: FileKey): Promise<void> {
    const opened = this.#open.get(file);
    if (!opened) return;
    this.#open.delete(file);
    await opened.handle.close();
    this.#done.push({ name: opened.name, rows: opened.rows, bytes: opened.bytes });
  }
}
