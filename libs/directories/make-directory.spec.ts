import { mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory } from './make-directory.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-directories-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a directory', () => {
  it('is made with the parents it lacks, and the outermost of them is told', async () => {
    const path = join(folder, 'a', 'b', 'c');
    expect(await makeDirectory(path, { mode: 0o700 })).toBe(join(folder, 'a'));
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect(await makeDirectory(path)).toBeUndefined();
  });

  it('is made once, however many make it at the same time', async () => {
    const path = join(folder, 'many', 'at', 'once');
    await Promise.all(Array.from({ length: 8 }, () => makeDirectory(path)));
    expect(await readdir(join(folder, 'many', 'at'))).toEqual(['once']);
  });

  it.each(['file', join('file', 'below'), join('file', 'below', 'deep')])(
    'is refused where a file lies in its way: %s',
    async (name) => {
      await writeFile(join(folder, 'file'), '');
      await expect(makeDirectory(join(folder, name))).rejects.toMatchObject({ code: 'ENOTDIR' });
    },
  );

  it('is refused through a link that leads nowhere', async () => {
    const link = join(folder, 'link');
    await symlink(join(folder, 'nowhere', 'to', 'be'), link);
    const made = makeDirectory(join(link, 'x'));
    await expect(made).rejects.toMatchObject({ code: 'EEXIST', path: link });
  });

  it('is refused at once where the system lets nobody make any', async () => {
    await expect(makeDirectory('/proc/fundflow/data')).rejects.toHaveProperty('syscall', 'mkdir');
  });
});
