import { formatCheckpoint } from '@fundflow/proof/checkpoint';
import { CompactRange } from '@fundflow/proof/compact-range';
import {
  cosignText,
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  signText,
  type SigningKey,
} from '@fundflow/proof/ed25519';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { formatNote } from '@fundflow/proof/note';
import { ED25519, ED25519_COSIGNATURE, formatVerifierKey } from '@fundflow/proof/note-key';
import { parsePolicy, type Policy } from '@fundflow/proof/policy';
import type { TileFetch } from '@fundflow/proof/tile-reader';
import { type Tile, TileWriter } from '@fundflow/proof/tile-writer';
import { hashInTile, rootInTile, TILE_WIDTH, tileWidthAt } from '@fundflow/proof/tiles';
import { HASH_BYTES, type Hash } from '@fundflow/proof/tree-hash';
import { type HashReader, rootOf } from '@fundflow/proof/tree-nodes';

export const tree = sha256Tree;
export const ORIGIN = 'fund.example.org/tlog/fund-plan';
const WITNESSES = ['discipline', 'audit', 'upper-finance'];
const TIME_SEC = 1_700_000_000n;
const HEIGHT = 8;

/** The keys of a log and of the three witnesses, two of whom must agree. */
export interface Keys {
  readonly logText: string;
  readonly log: SigningKey;
  readonly witnesses: readonly SigningKey[];
  readonly policyText: string;
  readonly policy: Policy;
}

export function makeKeys(): Keys {
  const logText = generateSigningKey(ORIGIN, ED25519);
  const log = parseSigningKey(logText);
  const witnesses = WITNESSES.map((name) =>
    parseSigningKey(generateSigningKey(`${name}.example.org`, ED25519_COSIGNATURE)),
  );
  const lines = witnesses.map(
    ({ key }, i) => `witness ${WITNESSES[i]} ${formatVerifierKey(key)}\n`,
  );
  const group = `group all 2 ${WITNESSES.join(' ')}\nquorum all\n`;
  const policyText = `log ${formatVerifierKey(log.key)}\n${lines.join('')}${group}`;
  return { logText, log, witnesses, policyText, policy: parsePolicy(policyText, nodeCrypto) };
}

/** A head, signed by `signer` and cosigned by the first so many witnesses. */
export function signed(
  head: { readonly size: number; readonly root: Hash },
  signer: SigningKey,
  witnesses: readonly SigningKey[],
): string {
  const text = formatCheckpoint({ origin: ORIGIN, ...head });
  const cosigned = witnesses.map((key) => cosignText(key, text, TIME_SEC));
  return formatNote({ text, signatures: [signText(signer, text), ...cosigned] });
}

const nameOf = ({ level, index }: { level: number; index: number }): string => `${level}/${index}`;

/** The tiles of a log at any size up to its own: a narrower tile is the beginning of the wider one. */
export class Tiles {
  constructor(
    readonly size: number,
    private readonly bytes: ReadonlyMap<string, Uint8Array>,
  ) {}

  static of(tiles: readonly Tile[], size: number): Tiles {
    return new Tiles(size, new Map(tiles.map((tile) => [nameOf(tile), tile.bytes])));
  }

  get(level: number, index: number): Uint8Array {
    return this.bytes.get(nameOf({ level, index }))!;
  }

  /** As `level/index`, each with its bytes. */
  get names(): readonly string[] {
    return [...this.bytes.keys()];
  }

  with(changed: ReadonlyMap<string, Uint8Array>): Tiles {
    return new Tiles(this.size, new Map([...this.bytes, ...changed]));
  }

  readonly fetch: TileFetch = (tiles) =>
    Promise.resolve(
      tiles.map(({ level, index, width }) =>
        this.get(level, index).subarray(0, width * HASH_BYTES),
      ),
    );

  /** As whoever holds the tiles answers: nothing is checked. */
  readonly read: HashReader = (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => {
        const count = 2 ** (level % HEIGHT);
        const first = index * count;
        const tile = this.get(Math.floor(level / HEIGHT), Math.floor(first / TILE_WIDTH));
        return rootInTile(tree, tile, first % TILE_WIDTH, count);
      }),
    );

  root(size = this.size): Promise<Hash> {
    return rootOf(tree, size, this.read);
  }

  /** The tiles after the leaf at `index` was changed: its tile and all above are made anew. */
  withLeaf(index: number, leaf: Hash): Tiles {
    const changed = new Map<string, Uint8Array>();
    let hash = leaf;
    let at = index;
    for (let level = 0; ; level += 1) {
      const tile = Math.floor(at / TILE_WIDTH);
      const bytes = this.get(level, tile).slice();
      bytes.set(hash, (at % TILE_WIDTH) * HASH_BYTES);
      changed.set(nameOf({ level, index: tile }), bytes);
      if (tileWidthAt(this.size, level, tile) < TILE_WIDTH) return this.with(changed);
      hash = rootInTile(tree, bytes, 0, TILE_WIDTH);
      at = tile;
    }
  }

  leaf(index: number): Hash {
    return hashInTile(this.get(0, Math.floor(index / TILE_WIDTH)), index % TILE_WIDTH);
  }
}

/** A log as it was when it was signed, and everything an honest keeper made of it. */
export interface HonestLog {
  readonly records: readonly string[];
  readonly size: number;
  readonly root: Hash;
  readonly tiles: Tiles;
  readonly keys: Keys;
  /** The tree up to the leaf where tile n of level 0 begins, at n: what was verified before. */
  readonly ranges: readonly CompactRange[];
  readonly range: CompactRange;
}

export function honestLog(records: readonly string[], keys: Keys): HonestLog {
  const writer = TileWriter.empty(tree);
  const range = CompactRange.empty(tree);
  const ranges: CompactRange[] = [];
  for (const record of records) {
    if (range.size % TILE_WIDTH === 0) ranges.push(range.copy());
    const leaf = tree.leaf(record);
    writer.append(leaf);
    range.append(leaf);
  }
  const size = records.length;
  const tiles = Tiles.of(writer.take(), size);
  return { records, size, root: range.root(), tiles, keys, ranges, range };
}
