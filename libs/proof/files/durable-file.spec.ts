import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDurably, replaceDurably } from './durable-file.js';

const LOADER = new URL('../../../test/support/typescript.mjs', import.meta.url).href;
const MODULE = new URL('./durable-file.ts', import.meta.url).href;
const KILLS = 8;
/** So long that a file written in place would be seen half. */
const LENGTH = 200_000;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fundflow-durable-'));
  file = join(directory, 'key');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A process that puts ever higher numbers in the place of the file, and says each once it is there. */
function replacing(from: number): ChildProcess {
  const program = `
    const { replaceDurably } = await import(${JSON.stringify(MODULE)});
    for (let n = ${from}; n < ${from} + 100_000; n += 1) {
      await replaceDurably(${JSON.stringify(file)}, n + ':' + 'x'.repeat(${LENGTH}));
      process.stdout.write(n + '\\n');
    }`;
  const flags = ['--disable-warning=ExperimentalWarning', '--import', LOADER];
  return spawn(process.execPath, [...flags, '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('a file that is replaced', () => {
  it('is whole, and no older than what was answered for, whenever its writer is killed', async () => {
    let next = 1;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const writer = replacing(next);
      let said = '';
      for await (const chunk of writer.stdout!) {
        said += String(chunk);
        // Another moment of a round each time.
        if (said.split('\n').length > 2 + kill) writer.kill('SIGKILL');
      }
      if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
      expect(writer.signalCode).toBe('SIGKILL');
      const answered = Number(said.split('\n').at(-2));
      const [number, filling] = (await readFile(file, 'utf8')).split(':');
      expect(filling).toHaveLength(LENGTH);
      expect(Number(number)).toBeGreaterThanOrEqual(answered);
      next = Number(number) + 1;
    }
  });

  it('is for the owner alone, whatever it was, and leaves nothing beside it', async () => {
    await writeFile(file, 'old', { mode: 0o644 });
    await replaceDurably(file, 'new');
    expect(await readFile(file, 'utf8')).toBe('new');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await readdir(directory)).toEqual(['key']);
  });

  it('stays as it is where it cannot be put, and leaves nothing beside it', async () => {
    const taken = join(directory, 'folder');
    await createDurably(join(directory, 'other'), 'x');
    await expect(replaceDurably(join(taken, 'key'), 'new')).rejects.toThrow('ENOENT');
    expect(await readdir(directory)).toEqual(['other']);
  });
});

describe('a file that is made', () => {
  it('is made by one of many at once, and never in the place of another', async () => {
    const tries = Array.from({ length: 8 }, (_, at) => createDurably(file, String(at)));
    const made = (await Promise.all(tries)).flatMap((isMade, at) => (isMade ? [at] : []));
    expect(made).toHaveLength(1);
    expect(await readFile(file, 'utf8')).toBe(String(made[0]));
    expect(await readdir(directory)).toEqual(['key']);
  });
});
