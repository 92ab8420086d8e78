import { formatCheckpoint } from '@fundflow/proof/checkpoint';
import { type SigningKey, signText } from '@fundflow/proof/ed25519';
import type { LeafFile } from '@fundflow/proof/files/leaf-file';
import type { MemoryFile } from '@fundflow/proof/files/memory-file';
import type { LeafRun } from '@fundflow/proof/leaf-run';
import { formatNote } from '@fundflow/proof/note';
import {
  emptyMemory,
  extendByRun,
  extendSigned,
  formatMemory,
  nextIndex,
  parseMemory,
  type SignerMemory,
} from '@fundflow/proof/signer';
import { type Hash, isEqualBytes, type TreeHash } from '@fundflow/proof/tree-hash';
import { PAGE_RECORDS_MAX, type RecordSource } from './tile-follower.js';

/** Why the signer puts its name to nothing more. */
export type RefusalReason =
  /** Records that were signed are gone: a cut tail, or an old backup brought back. */
  | 'log-is-shorter'
  /** The last record that was signed is another one now. */
  | 'history-changed'
  /** The tiles are not those of the tree it signed. */
  | 'tiles-differ'
  /** The log has been signed before and the memory of it is gone. */
  | 'memory-missing'
  /** More leaves are kept than the memory says were signed: an older memory was brought back. */
  | 'memory-is-older';

const REASONS: Readonly<Record<RefusalReason, string>> = {
  'log-is-shorter': '已签过名的记录不见了：账本被截短，或恢复了旧备份',
  'history-changed': '已签过名的最后一条记录变了：账本被改写，或恢复了旧备份后又新增了记录',
  'tiles-differ': '账本或哈希瓦片与已签过名的内容不一致：历史被改写，或恢复了旧备份',
  'memory-missing': '此日志以前签过名，但签名程序的记忆文件不见了',
  'memory-is-older': '签名程序的记忆文件比它所存的叶哈希旧：恢复了旧的记忆文件',
};

/** The signer refuses; message in zh-CN, for whoever looks after the machine. It stays refused until somebody has looked. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';
  constructor(
    readonly reason: RefusalReason,
    readonly signedSize: number,
    readonly logSize: number,
  ) {
    super(
      `签名已停止（${reason}）：${REASONS[reason]}。已签至 ${signedSize} 条，账本现有 ${logSize} 条。` +
        '请保留现场，运行 npx fundflow verify 核对，勿删除记忆文件。',
    );
  }
}

/**
 * Beyond it they are read from the log again, not held in memory until they are signed: 8 MB, and more than a processor
 * hashes between two signatures.
 */
const FRESH_LEAVES_MAX = 250_000;

/** Another process followed on the same memory first: read it again and go on from there. */
export class SignerOvertaken extends Error {
  override readonly name = 'SignerOvertaken';
}

export interface SignedCheckpoint {
  readonly size: number;
  /** The signed note. */
  readonly note: string;
}

/**
 * Signs the heads of one log, with a key and a memory of its own. It recomputes what it signs from leaf hashes of the
 * records and refuses whatever is not the continuation of what it signed before. The memory is durable before a signature
 * leaves.
 */
export class Signer {
  #generation = 0;
  #kept: SignerMemory;
  #next: SignerMemory;
  /** Leaves of `#next` that `#kept` does not have, each or many together; null: too many to hold. */
  #fresh: Uint8Array[] | null = [];
  #isFirst = true;

  constructor(
    private readonly parts: {
      readonly origin: string;
      /** All of them sign: two while one is exchanged for the other. */
      readonly keys: readonly SigningKey[];
      readonly tree: TreeHash;
      readonly memory: MemoryFile;
      readonly leaves: LeafFile;
      readonly log: Pick<RecordSource, 'readRecords'>;
    },
  ) {
    this.#kept = emptyMemory(parts.origin, parts.tree);
    this.#next = this.#kept;
  }

  /** Leaves of the tree it signed last. */
  get signedSize(): number {
    return this.#kept.range.size;
  }

  /**
   * Reads the memory; to be called first, and again after anything threw.
   *
   * @param signedBefore whether a checkpoint of this log was ever published
   * @throws MemoryDamaged, Malformed; SigningRefused when the memory of a log that was signed is gone or an older one
   */
  async load(signedBefore: boolean): Promise<void> {
    await this.#remember(signedBefore);
    const leaves = await this.parts.leaves.size();
    if (leaves <= this.signedSize) return;
    // Another signer may have gone on since the memory was read; leaves are written after the memory.
    await this.#remember(signedBefore);
    if (leaves > this.signedSize) {
      throw new SigningRefused('memory-is-older', this.signedSize, leaves);
    }
  }

  async #remember(signedBefore: boolean): Promise<void> {
    const { origin, tree, memory } = this.parts;
    const remembered = await memory.read();
    if (remembered === null && signedBefore) throw new SigningRefused('memory-missing', 0, 0);
    this.#isFirst = remembered === null;
    this.#generation = remembered?.generation ?? 0;
    this.#kept = remembered ? parseMemory(remembered.text, tree) : emptyMemory(origin, tree);
    if (this.#kept.origin !== origin) {
      throw new Error(`记忆文件属于另一个日志 ${this.#kept.origin}，而不是 ${origin}`);
    }
    this.#next = this.#kept;
    this.#fresh = [];
  }

  /**
   * Recomputes the tree up to `size` and compares it with the tiles.
   *
   * @param fresh leaves that this process has just read from the records: the tree goes on by them if they begin where it
   * ends. Otherwise all are read now, from the last one that was signed on.
   * @throws SigningRefused when it is not the continuation of the tree that was signed
   */
  async extend(
    at: { readonly size: number; readonly root: Hash },
    fresh: LeafRun | null,
  ): Promise<void> {
    const known = this.#next.range.size;
    if (at.size < known) throw new SigningRefused('log-is-shorter', this.signedSize, at.size);
    if (fresh?.first === known && known + fresh.count === at.size) {
      this.#next = extendByRun(this.parts.tree, this.#next, fresh);
      this.#freshen([fresh.bytes]);
    } else {
      await this.#readTo(at.size);
    }
    if (!isEqualBytes(this.#next.range.root(), at.root)) {
      throw new SigningRefused('tiles-differ', this.signedSize, at.size);
    }
  }

  /** Pages from the last record that was signed, so that it is seen again. */
  async #readTo(size: number): Promise<void> {
    const { log, tree } = this.parts;
    do {
      const first = nextIndex(this.#next);
      const limit = Math.min(PAGE_RECORDS_MAX, size - first);
      const records = limit === 0 ? [] : await log.readRecords(BigInt(first), limit);
      const leaves = records.map((record) => tree.leaf(record));
      if (leaves.length < limit) {
        throw new SigningRefused('log-is-shorter', this.signedSize, first + leaves.length);
      }
      this.#take(leaves, size);
    } while (this.#next.range.size < size);
  }

  #take(leaves: readonly Hash[], logSize: number): void {
    const first = nextIndex(this.#next);
    const step = extendSigned(this.parts.tree, this.#next, { first, leaves, logSize });
    if (step.outcome === 'refused') {
      throw new SigningRefused(step.reason, this.signedSize, logSize);
    }
    const isFirst = this.#next.lastLeaf === null;
    this.#next = step.memory;
    this.#freshen(isFirst ? leaves : leaves.slice(1));
  }

  #freshen(leaves: readonly Uint8Array[]): void {
    this.#fresh?.push(...leaves);
    const count = this.#next.range.size - this.#kept.range.size;
    if (count > FRESH_LEAVES_MAX) this.#fresh = null;
  }

  /**
   * Signs the tree that `extend` came to; null when it is signed already.
   *
   * @throws SignerOvertaken: nothing was signed
   */
  async sign(): Promise<SignedCheckpoint | null> {
    const { tree, memory } = this.parts;
    const { range } = this.#next;
    const size = range.size;
    if (size === this.signedSize && !this.#isFirst) return null;
    const kept = await memory.replace(this.#generation, formatMemory(this.#next, tree));
    if (!kept) throw new SignerOvertaken('another signer has the same memory');
    this.#generation += 1;
    this.#isFirst = false;
    const before = this.#kept.range.size;
    const fresh = this.#fresh;
    this.#kept = this.#next;
    this.#fresh = [];
    await this.#keepLeaves(fresh === null ? size : before, fresh ?? []);
    return this.#note();
  }

  /** Behind the memory and never before it, so that leaves nobody signed are not among them. */
  async #keepLeaves(first: number, leaves: readonly Uint8Array[]): Promise<void> {
    const { leaves: file, log, tree } = this.parts;
    // After a crash, or the first signature of a long log: what is not there is read from the log.
    for (let at = await file.size(); at < first;) {
      const records = await log.readRecords(BigInt(at), Math.min(PAGE_RECORDS_MAX, first - at));
      if (records.length === 0) throw new SigningRefused('log-is-shorter', first, at);
      await file.write(
        at,
        records.map((record) => tree.leaf(record)),
      );
      at += records.length;
    }
    await file.write(first, leaves);
  }

  /** The checkpoint it signed last, again: a crash may have come between memory and publication. */
  signedAgain(): SignedCheckpoint | null {
    return this.#isFirst ? null : this.#note();
  }

  #note(): SignedCheckpoint {
    const { origin, keys } = this.parts;
    const { range } = this.#kept;
    const text = formatCheckpoint({ origin, size: range.size, root: range.root() });
    return {
      size: range.size,
      note: formatNote({ text, signatures: keys.map((key) => signText(key, text)) }),
    };
  }
}
