import { CompactRange } from './compact-range.js';
import { Found } from './findings.js';
import { LogCheck } from './log-check.js';
import { sha256Tree as tree } from './node-hash.js';

const records = Array.from({ length: 600 }, (_, i) => `record ${i}`);

function rangeOf(first: readonly string[]): CompactRange {
  const range = CompactRange.empty(tree);
  for (const record of first) range.append(tree.leaf(record));
  return range;
}

const pinned = [{ size: records.length, root: rangeOf(records).root() }];

describe('a check that goes on from records it has checked before', () => {
  it('comes to the root without seeing them again', async () => {
    const check = new LogCheck(tree, pinned, null, rangeOf(records.slice(0, 512)));
    for (const record of records.slice(512)) await check.add(record);
    expect(check.isCovered).toBe(true);
    expect(() => check.end()).not.toThrow();
  });

  it('leaves the tree it was given as it is', async () => {
    const before = rangeOf(records.slice(0, 256));
    await new LogCheck(tree, pinned, null, before).add(records[256]!);
    expect(before.size).toBe(256);
  });

  it('finds that those records were others', async () => {
    const before = rangeOf(records.slice(0, 256).with(7, 'another'));
    const check = new LogCheck(tree, pinned, null, before);
    const whole = async (): Promise<void> => {
      for (const record of records.slice(256)) await check.add(record);
    };
    await expect(whole()).rejects.toThrow(Found);
  });

  it('begins only where a tile does', () => {
    expect(() => new LogCheck(tree, pinned, null, rangeOf(records.slice(0, 255)))).toThrow(
      RangeError,
    );
  });
});
