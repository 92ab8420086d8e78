import { nodeCrypto } from '@fundflow/proof/ed25519';
import { parseNote } from '@fundflow/proof/note';
import { checkNote } from '@fundflow/proof/note-check';
import { parseVerifierKey } from '@fundflow/proof/note-key';
import type {
  CheckpointTable,
  PublishedCheckpoint,
} from '@fundflow/proof/postgres/checkpoint-table';
import type { TileTable } from '@fundflow/proof/postgres/tile-table';
import type { Hash } from '@fundflow/proof/tree-hash';
import { passes } from '@fundflow/projections/follow/passing-failure';
import { pause } from './pause.js';
import { type SignedCheckpoint, type Signer, SignerOvertaken, SigningRefused } from './signer.js';
import type { Grown, RecordSource, TileFollower } from './tile-follower.js';

/** How one log stands; plain values, so that it passes between threads. */
export interface NotaryState {
  readonly log: string;
  /**
   * `refused`: what is there contradicts what was signed. `stopped`: told to, or something is there that must not be.
   * Neither goes on by itself.
   */
  readonly state: 'starting' | 'following' | 'retrying' | 'refused' | 'stopped';
  readonly tilesSize: number;
  readonly signedSize: number;
  /** Why it does not follow; zh-CN where somebody has to act. */
  readonly failure: string | null;
}

export interface NotaryParts {
  readonly source: RecordSource;
  readonly table: TileTable;
  readonly checkpoints: CheckpointTable;
  readonly follower: TileFollower;
  readonly signer: Signer;
  readonly named: { readonly origin: string; readonly vkey: string };
  /** Whether a signature of the log alone meets the policy. */
  readonly needsNoWitness: boolean;
  /** Told of every checkpoint that was published. */
  readonly onSigned: (checkpoint: SignedCheckpoint, signedAt: Date) => void;
  readonly onState: (state: NotaryState) => void;
  readonly now: () => Date;
}

/** Whoever had the key before put his name beside the new one's: the exchange was his. */
function isSignedByBoth(newest: PublishedCheckpoint | null, vkeys: readonly string[]): boolean {
  if (newest === null) return false;
  const keys = vkeys.map((vkey) => parseVerifierKey(vkey, nodeCrypto));
  return checkNote(parseNote(newest.note), keys, nodeCrypto).valid.length === keys.length;
}

/** At most so many signatures a second: what a checkpoint costs is paid once for all records of a round. */
const ROUND_MS = 500;
const IDLE_WAIT_MS = 5_000;
const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5_000;

/**
 * The notary of one log: follows it, keeps its tiles, signs its head, publishes the checkpoint. A database that cannot be
 * reached is tried again for ever; anything that contradicts what was signed stops it, aloud.
 */
export class Notary {
  #state: NotaryState;
  #tiles: { readonly size: number; readonly root: Hash } | null = null;
  #signedAtMs = 0;

  constructor(private readonly parts: NotaryParts) {
    this.#state = {
      ...{ log: parts.table.log, state: 'starting', tilesSize: 0, signedSize: 0, failure: null },
    };
  }

  /** Runs until `signal` aborts or nothing can go on. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!signal.aborted) {
      try {
        if (this.#tiles === null) await this.#load();
        else await this.#round(signal);
        retryMs = RETRY_FIRST_MS;
      } catch (error) {
        this.#tiles = null;
        if (!this.#fail(error)) return;
        await pause(retryMs, signal);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
    this.#say({ state: 'stopped' });
  }

  /** @returns whether it may be tried again */
  #fail(error: unknown): boolean {
    const failure = error instanceof Error ? error.message : String(error);
    if (error instanceof SigningRefused) {
      this.#say({ state: 'refused', failure });
      return false;
    }
    const again = error instanceof SignerOvertaken || passes(error);
    this.#say({ state: again ? 'retrying' : 'stopped', failure });
    return again;
  }

  async #load(): Promise<void> {
    const { table, follower, signer, checkpoints, named } = this.parts;
    const begun = await table.begin(named);
    const newest = await checkpoints.newest('signed');
    if (begun.vkey !== named.vkey) {
      if (begun.origin !== named.origin || !isSignedByBoth(newest, [begun.vkey, named.vkey])) {
        throw new Error(`此日志的公钥是 ${begun.vkey}，与当前签名密钥 ${named.vkey} 不符`);
      }
      await table.succeed(begun.vkey, named.vkey);
    }
    await signer.load(newest !== null);
    const tiles = await follower.load();
    const again = signer.signedAgain();
    if (again !== null && again.size > (newest?.size ?? -1)) await this.#publish(again);
    if (tiles.size >= signer.signedSize) {
      await signer.extend(tiles, null);
      await this.#sign();
    }
    this.#tiles = tiles;
    this.#say({ state: 'following', failure: null });
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { follower, source } = this.parts;
    const startedMs = performance.now();
    const grown = await follower.step();
    if (grown === 'overtaken') {
      this.#tiles = null;
      return;
    }
    if (grown === 'caught-up') {
      await this.#atTheEnd();
      const size = this.#tiles?.size ?? 0;
      await source.waitForEventsAfter(BigInt(size), IDLE_WAIT_MS, signal);
      return;
    }
    this.#tiles = { size: grown.to, root: grown.root };
    await this.#follow(grown);
    if (!grown.full) await pause(ROUND_MS - (performance.now() - startedMs), signal);
  }

  async #follow(grown: Grown): Promise<void> {
    const { signer } = this.parts;
    // The tiles were rolled back below what was signed and are on their way up to it again.
    if (grown.to < signer.signedSize) return this.#say({});
    await signer.extend({ size: grown.to, root: grown.root }, grown.run);
    if (!grown.full || performance.now() - this.#signedAtMs >= ROUND_MS) await this.#sign();
    this.#say({});
  }

  /** Nothing more to read: a log that ends before what was signed has lost records. */
  async #atTheEnd(): Promise<void> {
    const { signer } = this.parts;
    const size = this.#tiles?.size ?? 0;
    if (size < signer.signedSize) {
      throw new SigningRefused('log-is-shorter', signer.signedSize, size);
    }
    await this.#sign();
  }

  async #sign(): Promise<void> {
    const signed = await this.parts.signer.sign();
    if (signed === null) return;
    this.#signedAtMs = performance.now();
    await this.#publish(signed);
  }

  async #publish(signed: SignedCheckpoint): Promise<void> {
    const { checkpoints, needsNoWitness, onSigned } = this.parts;
    const signedAt = this.parts.now();
    const { size, note } = signed;
    await checkpoints.publish({ size, note, signedAt, witnessed: needsNoWitness });
    onSigned(signed, signedAt);
  }

  #say(changed: Partial<NotaryState>): void {
    const tilesSize = this.#tiles?.size ?? this.#state.tilesSize;
    const { signedSize } = this.parts.signer;
    this.#state = { ...this.#state, tilesSize, signedSize, ...changed };
    this.parts.onState(this.#state);
  }
}
