import fc from 'fast-check';
import { plainRecords, plainTree } from '../../test/support/plain-tree.js';
import { LeafRun } from './leaf-run.js';
import { sha256Tree as tree } from './node-hash.js';
import { emptyMemory, extendByRun } from './signer.js';
import { TileWriter } from './tile-writer.js';

const records = plainRecords(1_400);
const plain = plainTree(tree, records);
const bytes = records.map((record) => Buffer.from(record));
const runOf = (from: number, to: number): LeafRun => LeafRun.of(tree, from, bytes.slice(from, to));

/** Cuts a log into runs: wherever they end, it is one log. */
const cuts = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_399 }), { maxLength: 6 })
  .map((places) => [0, ...places.sort((a, b) => a - b), 1_400]);

describe('leaves that are hashed once for tiles and signer', () => {
  it('make the tiles that leaves one by one make, wherever a run ends', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const [byRun, byLeaf] = [TileWriter.empty(tree), TileWriter.empty(tree)];
        for (const [at, from] of places.slice(0, -1).entries()) {
          const to = places[at + 1]!;
          runOf(from, to).addTo(byRun);
          for (const record of bytes.slice(from, to)) byLeaf.append(tree.leaf(record));
          const inOrder = (writer: TileWriter) =>
            writer
              .take()
              .map(({ level, index, bytes: hashes }) => `${level}/${index} ${hex(hashes)}`)
              .sort();
          expect(inOrder(byRun)).toEqual(inOrder(byLeaf));
          expect(hex(byRun.range().root())).toBe(hex(plain.root(to)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('make the tree that is signed, with the last leaf as its memory, wherever a run ends', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        let memory = emptyMemory('fund.example.org/tlog/fund-plan', tree);
        for (const [at, from] of places.slice(0, -1).entries()) {
          const to = places[at + 1]!;
          memory = extendByRun(tree, memory, runOf(from, to));
          expect(memory.range.size).toBe(to);
          expect(hex(memory.range.root())).toBe(hex(plain.root(to)));
          expect(hex(memory.lastLeaf!)).toBe(hex(tree.leaf(bytes[to - 1]!)));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are signed only where the signed tree ends', () => {
    const memory = extendByRun(tree, emptyMemory('o', tree), runOf(0, 300));
    expect(() => extendByRun(tree, memory, runOf(299, 310))).toThrow(RangeError);
    expect(() => extendByRun(tree, memory, runOf(301, 310))).toThrow(RangeError);
    expect(() => extendByRun(tree, memory, runOf(300, 300))).toThrow(RangeError);
    expect(memory.range.size).toBe(300);
  });

  it('stand for a whole tile only where a tile begins', () => {
    const { range } = extendByRun(tree, emptyMemory('o', tree), runOf(0, 3));
    expect(() => range.appendNode(plain.root(4), 2)).toThrow(RangeError);
  });
});

const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');
