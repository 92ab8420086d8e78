import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Tree as tree } from '../node-hash.js';
import type { Hash } from '../tree-hash.js';
import { LEAF_PAGE_MAX, LeafFile } from './leaf-file.js';

let directory: string;
let file: LeafFile;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'fundflow-leaves-')), 'notary');
  file = new LeafFile(directory, 'fund-plan');
});
afterEach(async () => {
  await rm(join(directory, '..'), { recursive: true, force: true });
});

const leaves = (count: number): Hash[] =>
  Array.from({ length: count }, (_, at) => tree.leaf(`record ${at}`));

const read = async (size: number): Promise<string[]> => {
  const hashes: string[] = [];
  for await (const page of file.pages(size)) {
    hashes.push(...page.map((leaf) => Buffer.from(leaf).toString('hex')));
  }
  return hashes;
};
const asHex = (hashes: readonly Hash[]): string[] =>
  hashes.map((hash) => Buffer.from(hash).toString('hex'));

describe('leaf hashes that were signed', () => {
  it('are none at first', async () => {
    expect(await file.size()).toBe(0);
    expect(await read(10)).toEqual([]);
  });

  it('come back in their order over several pages, for the owner alone', async () => {
    const all = leaves(2 * LEAF_PAGE_MAX + 7);
    await file.write(0, all.slice(0, 100));
    await file.write(100, all.slice(100));
    expect(await file.size()).toBe(all.length);
    expect(await read(all.length)).toEqual(asHex(all));
    expect(await read(LEAF_PAGE_MAX)).toEqual(asHex(all.slice(0, LEAF_PAGE_MAX)));
    expect((await stat(join(directory, 'fund-plan.leaves'))).mode & 0o077).toBe(0);
  });

  it('may be written again, and end where a crash cut them', async () => {
    const all = leaves(50);
    await file.write(0, all);
    await file.write(20, all.slice(20, 30));
    expect(await read(50)).toEqual(asHex(all));
    await truncate(join(directory, 'fund-plan.leaves'), 32 * 40 + 5);
    expect(await file.size()).toBe(40);
    expect(await read(50)).toEqual(asHex(all.slice(0, 40)));
  });
});
