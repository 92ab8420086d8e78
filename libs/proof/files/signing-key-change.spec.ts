import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ED25519, formatVerifierKey } from '../note-key.js';
import { addSigningKey, formerKeys, retireSigningKey } from './signing-key-change.js';
import { loadSigningKeys, SigningKeyUnusable } from './signing-key-file.js';

let directory: string;
let file: string;
const load = () =>
  loadSigningKeys({
    ...{ configured: null, file, name: 'fund.example.org/tlog/fund-plan', type: ED25519 },
    mustExist: false,
  });
const vkeys = async () => (await load()).map(({ key }) => formatVerifierKey(key));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fundflow-key-'));
  file = join(directory, 'fund-plan.key');
});
afterEach(() => rm(directory, { recursive: true }));

describe('the key of a log', () => {
  it('is exchanged in two steps, under one name, and for the owner alone', async () => {
    const [first] = await vkeys();
    const added = formatVerifierKey(await addSigningKey(file));
    expect(await vkeys()).toEqual([first, added]);
    expect(added.split('+')[0]).toBe(first!.split('+')[0]);
    expect(formatVerifierKey(await retireSigningKey(file))).toBe(first);
    expect(await vkeys()).toEqual([added]);
    expect(await formerKeys(file)).toEqual([first]);
    for (const name of await readdir(directory)) {
      expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
    }
    expect((await readFile(file, 'utf8')).match(/PRIVATE/g)).toHaveLength(1);
  });

  it('is not exchanged before there is one, nor twice at once, nor taken away without another', async () => {
    await expect(addSigningKey(file)).rejects.toThrow(SigningKeyUnusable);
    const before = await vkeys();
    await expect(retireSigningKey(file)).rejects.toThrow('只有一个签名密钥');
    expect(await vkeys()).toEqual(before);
    await addSigningKey(file);
    await expect(addSigningKey(file)).rejects.toThrow('已有两个签名密钥');
    expect(await vkeys()).toHaveLength(2);
  });

  it('may be given as two, apart by a comma, and never of two logs', async () => {
    await load();
    await addSigningKey(file);
    const [one, two] = (await readFile(file, 'utf8')).trim().split('\n');
    const given = (configured: string) =>
      loadSigningKeys({ configured, file, name: 'unused', type: ED25519, mustExist: true });
    expect((await given(`${one},${two}`)).map(({ key }) => formatVerifierKey(key))).toEqual(
      await vkeys(),
    );
    const other = join(directory, 'other.key');
    const name = 'another.example.org/log';
    await loadSigningKeys({ configured: null, file: other, name, type: ED25519, mustExist: false });
    const foreign = (await readFile(other, 'utf8')).trim();
    await expect(given(`${one},${foreign}`)).rejects.toThrow('不属于同一个日志');
  });
});
