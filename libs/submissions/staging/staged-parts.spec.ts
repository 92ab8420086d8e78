import fc from 'fast-check';
import { partsOfBlocks } from './staged-parts.js';

/** Of blocks one after the other; null: nobody counted them. */
const PEOPLE = [0, 0, 3, null];

const blocksOf = (counts: readonly number[]) =>
  counts.map((rows, block) => ({
    ...{ block, rows, openProjects: [`X-${block}`] },
    people: PEOPLE[block % PEOPLE.length] as number | null,
  }));

describe('the parts of a submission', () => {
  it('hold its rows in order, each as many as it may, whatever blocks they lie in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(7), { maxLength: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (counts, rowsMax) => {
          const rows = counts.flatMap((count, block) => Array.from({ length: count }, () => block));
          const parts = partsOfBlocks(blocksOf(counts), rowsMax);
          const found = parts.map(({ firstBlock, lastBlock, skip, rows: count }) =>
            rows.filter((b) => b >= firstBlock && b <= lastBlock).slice(skip, skip + count),
          );
          const wanted = Array.from({ length: Math.ceil(rows.length / rowsMax) }, (_, at) =>
            rows.slice(at * rowsMax, (at + 1) * rowsMax),
          );
          expect(found).toEqual(wanted);
          for (const { firstBlock, lastBlock, skip, lastRow, rows: count } of parts) {
            const blocks = counts.slice(firstBlock, lastBlock + 1);
            const behind = (counts[lastBlock] ?? 0) - lastRow;
            expect(blocks.reduce((sum, each) => sum + each, 0) - skip - behind).toBe(count);
          }
          expect(parts.map(({ number }) => number)).toEqual(wanted.map((_, at) => at + 1));
          expect(parts.map(({ paysPeople }) => paysPeople)).toEqual(
            wanted.map((part) => part.some((block) => PEOPLE[block % PEOPLE.length] !== 0)),
          );
          expect(parts.map(({ openProjects }) => openProjects)).toEqual(
            wanted.map((part) => [...new Set(part.map((block) => `X-${block}`))]),
          );
        },
      ),
    );
  });

  it('have to be decided when one of their blocks has to be', () => {
    const blocks = [
      { block: 0, rows: 2, people: 0, openProjects: ['X-1'] },
      { block: 1, rows: 2, people: 0, openProjects: null },
      { block: 2, rows: 3, people: 0, openProjects: [] },
    ];
    const open = partsOfBlocks(blocks, 3).map(({ openProjects }) => openProjects);
    expect(open).toEqual([null, null, []]);
  });
});
