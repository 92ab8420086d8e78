import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryDamaged, MemoryFile } from './memory-file.js';

let directory: string;
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'fundflow-memory-')), 'notary');
});
afterEach(async () => {
  await rm(join(directory, '..'), { recursive: true, force: true });
});

describe('what a signer or a witness remembers', () => {
  it('is nothing at first, and then what was put in its place, for the owner alone', async () => {
    const memory = new MemoryFile(directory, 'fund-plan');
    expect(await memory.read()).toBeNull();
    expect(await memory.replace(0, 'one')).toBe(true);
    expect(await memory.replace(1, 'two\nlines\n')).toBe(true);
    const again = await new MemoryFile(directory, 'fund-plan').read();
    expect(again).toEqual({ generation: 2, text: 'two\nlines\n' });
    expect((await stat(join(directory, 'fund-plan.2'))).mode & 0o077).toBe(0);
  });

  it('does not follow on a generation that is not the newest', async () => {
    const [one, other] = [new MemoryFile(directory, 'm'), new MemoryFile(directory, 'm')];
    expect(await one.replace(0, 'one')).toBe(true);
    expect(await other.replace(0, 'fork')).toBe(false);
    expect(await other.replace(2, 'ahead')).toBe(false);
    expect(await one.read()).toEqual({ generation: 1, text: 'one' });
  });

  it('has one winner a generation among many that try at once', async () => {
    for (let known = 0; known < 20; known += 1) {
      const tries = Array.from({ length: 8 }, (_, at) =>
        new MemoryFile(directory, 'm').replace(known, `${known}-${at}`),
      );
      const won = (await Promise.all(tries)).flatMap((isWon, at) => (isWon ? [at] : []));
      expect(won).toHaveLength(1);
      const remembered = await new MemoryFile(directory, 'm').read();
      expect(remembered).toEqual({ generation: known + 1, text: `${known}-${won[0]}` });
    }
  });

  it('keeps a few generations and no leftovers, and names of other memories apart', async () => {
    const [one, longer] = [new MemoryFile(directory, 'm'), new MemoryFile(directory, 'm-sm3')];
    await longer.replace(0, 'other');
    for (let known = 0; known < 6; known += 1) await one.replace(known, `${known}`);
    expect((await readdir(directory)).sort()).toEqual(['m-sm3.1', 'm.4', 'm.5', 'm.6']);
    expect(await longer.read()).toEqual({ generation: 1, text: 'other' });
  });

  it.each([
    ['cut', (content: string) => content.slice(0, -1)],
    ['changed', (content: string) => content.replace('size 7', 'size 6')],
    ['emptied', () => ''],
  ])('is not believed when its newest file was %s', async (_, change) => {
    const memory = new MemoryFile(directory, 'm');
    await memory.replace(0, 'size 7\n');
    const path = join(directory, 'm.1');
    await writeFile(path, change(await readFile(path, 'utf8')));
    await expect(memory.read()).rejects.toThrow(MemoryDamaged);
  });

  it('is not believed when an old generation was copied over the newest', async () => {
    const memory = new MemoryFile(directory, 'm');
    await memory.replace(0, 'size 7\n');
    await memory.replace(1, 'size 9\n');
    await writeFile(join(directory, 'm.2'), await readFile(join(directory, 'm.1')));
    await expect(memory.read()).rejects.toThrow(MemoryDamaged);
  });
});
