import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEFT_OVER_MS, sweepUploads } from './upload-sweep.js';

describe('uploads a crash left', () => {
  const nowMs = Date.now();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fundflow-sweep-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function file(name: string, ageMs: number): string {
    const path = join(folder, name);
    writeFileSync(path, '韦小某,450124196501011234');
    utimesSync(path, new Date(nowMs - ageMs), new Date(nowMs - ageMs));
    return path;
  }

  it('are removed, but for those still to be read and those still arriving', async () => {
    const [leftOver, waiting, arriving] = [
      file('left-over', LEFT_OVER_MS + 1_000),
      file('waiting', 10 * LEFT_OVER_MS),
      file('arriving', LEFT_OVER_MS - 1_000),
    ];
    expect(await sweepUploads(folder, new Set(['waiting']), nowMs)).toEqual(['left-over']);
    expect([leftOver, waiting, arriving].map((path) => existsSync(path))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are none where nothing was ever uploaded', async () => {
    expect(await sweepUploads(join(folder, 'missing'), new Set(), nowMs)).toEqual([]);
  });
});
