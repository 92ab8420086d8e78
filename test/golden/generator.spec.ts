import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatePlan } from '@fundflow/generator/generate-plan';
import { inFolder } from './generator-plan.js';

const DEMO = 'data/demo';
const DEMO_PLAN = { seed: 450_124, payments: 3_000 };

/** The bytes of a folder's files, in the order of their names. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort();
  const files = new Map<string, Buffer>();
  for (const name of names) files.set(name, await readFile(join(folder, name)));
  return files;
}

const generated = (seed: number, payments: number): Promise<ReadonlyMap<string, Buffer>> =>
  inFolder(async (outDir) => {
    await generatePlan({ seed, payments, outDir });
    return filesOf(outDir);
  });

const digests = (files: ReadonlyMap<string, Buffer>): Record<string, string> =>
  Object.fromEntries(
    [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]),
  );

describe('a generated plan', () => {
  it('is the same to the last byte on every machine', async () => {
    const golden = JSON.parse(await readFile('test/golden/generator.json', 'utf8'));
    expect(digests(await generated(7, 400))).toEqual(golden);
  });

  it('is another for another seed or size, in all its files', async () => {
    const [plan, otherSeed, otherSize] = [
      digests(await generated(7, 400)),
      digests(await generated(8, 400)),
      digests(await generated(7, 401)),
    ];
    for (const name of Object.keys(plan)) {
      expect(otherSeed[name]).not.toBe(plan[name]);
      if (name.includes('payments-001')) expect(otherSize[name]).not.toBe(plan[name]);
    }
  });
});

describe('the demonstration plan', () => {
  it(`is what seed ${DEMO_PLAN.seed} gives, byte for byte`, async () => {
    const made = await generated(DEMO_PLAN.seed, DEMO_PLAN.payments);
    const kept = await filesOf(DEMO);
    expect([...kept.keys()]).toEqual([...made.keys()]);
    expect(digests(kept)).toEqual(digests(made));
  });

  it('is small: under a megabyte', async () => {
    const bytes = [...(await filesOf(DEMO)).values()].reduce((sum, file) => sum + file.length, 0);
    expect(bytes).toBeLessThan(1_000_000);
  });
});
