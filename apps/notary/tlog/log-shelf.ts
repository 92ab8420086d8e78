import type { Pool } from 'pg';
import { Problem } from '@fundflow/nest-edge/problem';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import { parsePolicy, type Policy } from '@fundflow/proof/policy';
import {
  CheckpointTable,
  type PublishedCheckpoint,
} from '@fundflow/proof/postgres/checkpoint-table';
import { policyOfLog } from '@fundflow/proof/proved-head';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { TILE_WIDTH } from '@fundflow/proof/tiles';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import type { LogState } from '../log/open-notaries.js';
import type { RecordSource } from '../log/tile-follower.js';
import { isSelfRun, type NotarySettings, SM3_LOG_NAME } from '../settings.js';

interface ShownParts {
  readonly pool: Pool;
  readonly source: Pick<RecordSource, 'readRecords' | 'head'>;
  /** The policy without the line of the log. */
  readonly policy: string;
}

/** One log as it is shown: its tiles, its checkpoints and the records behind them. */
export class ShownLog {
  readonly tiles: TileTable;
  readonly checkpoints: CheckpointTable;

  constructor(
    readonly name: string,
    readonly tree: TreeHash,
    private readonly parts: ShownParts,
  ) {
    this.tiles = new TileTable(parts.pool, name);
    this.checkpoints = new CheckpointTable(parts.pool, name);
  }

  /** Whether the policy asks for anybody beside the log itself. */
  get needsWitnesses(): boolean {
    return !isSelfRun(this.parts);
  }

  /** Leaves in the tiles; 0 before the notary's first round. */
  async size(): Promise<number> {
    return (await this.tiles.tree())?.size ?? 0;
  }

  /** Whether the ledger has a record at this index. */
  async has(index: number): Promise<boolean> {
    return BigInt(index) < (await this.parts.source.head());
  }

  /** By which proofs of this log are judged, as a text to hand out. */
  async policyText(): Promise<string> {
    const tree = await this.tiles.tree();
    return policyOfLog(tree?.vkey ?? null, this.parts.policy);
  }

  async policy(): Promise<Policy> {
    return parsePolicy(await this.policyText(), nodeCrypto);
  }

  /**
   * The checkpoint for everybody: the largest one that met the quorum, so that who reads by a policy finds what he needs;
   * before there is one, the largest one signed.
   */
  async published(): Promise<PublishedCheckpoint | null> {
    const witnessed = await this.checkpoints.newest('witnessed');
    return witnessed ?? this.checkpoints.newest('signed');
  }

  /** The records of an entry bundle. */
  records(index: number, width: number): Promise<string[]> {
    return this.parts.source.readRecords(BigInt(index * TILE_WIDTH), width);
  }
}

/** The logs of this ledger by the last part of their address. */
export class LogShelf {
  readonly #logs: ReadonlyMap<string, ShownLog>;
  readonly #states = new Map<string, LogState>();

  constructor(logs: readonly ShownLog[]) {
    this.#logs = new Map(logs.map((log) => [log.name, log]));
  }

  static of(parts: Omit<ShownParts, 'policy'>, settings: NotarySettings): LogShelf {
    const shown = { ...parts, policy: settings.policy };
    const logs = [new ShownLog(LOG_NAME, sha256Tree, shown)];
    if (settings.sm3) logs.push(new ShownLog(SM3_LOG_NAME, sm3Tree, shown));
    return new LogShelf(logs);
  }

  get logs(): readonly ShownLog[] {
    return [...this.#logs.values()];
  }

  /** @throws Problem 404 `no-such-log` */
  log(name: string): ShownLog {
    const log = this.#logs.get(name);
    if (log !== undefined) return log;
    throw new Problem({
      status: 404,
      code: 'no-such-log',
      title: '没有这个日志',
      titleEn: 'No such log',
      detail: '没有这个名称的透明日志。',
    });
  }

  /** How the notary of a log stands; null where it does not run in this process. */
  stateOf(name: string): LogState | null {
    return this.#states.get(name) ?? null;
  }

  keepState(state: LogState): void {
    this.#states.set(state.log, state);
  }
}
