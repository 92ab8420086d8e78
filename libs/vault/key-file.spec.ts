import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addKeyToFile, loadVaultKeys, retireKeyInFile, vaultKeyFile } from './key-file.js';
import type { VaultKey } from './vault-key.js';
import { VaultKeyMalformed, VaultKeyMissing, deriveVaultKey, parseVaultKey } from './vault-key.js';

const BYTES = Buffer.alloc(32, 0xab);

describe('the key of the vault', () => {
  let folder: string;
  let dataDirectory: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fundflow-key-'));
    dataDirectory = join(folder, 'data');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  type Options = { configured?: string | Buffer; vaultExists?: boolean };
  const loadAll = (options: Options = {}): VaultKey[] =>
    loadVaultKeys({ configured: null, dataDirectory, vaultExists: false, ...options });
  const load = (options: Options = {}): VaultKey => {
    const [first, ...others] = loadAll(options);
    if (!first || others.length > 0) throw new Error('not one key');
    return first;
  };

  it('is made at the very first start, beside the data directory, and found again', () => {
    const first = load();
    const file = vaultKeyFile(dataDirectory);
    expect(file).toBe(`${dataDirectory}.vault-key`);
    expect(parseVaultKey(readFileSync(file, 'utf8'))).toHaveLength(32);
    expect(load({ vaultExists: true }).id).toBe(first.id);
    expect(readdirSync(folder)).toEqual(['data.vault-key']);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['hexadecimal', BYTES.toString('hex')],
    ['base64', BYTES.toString('base64')],
    ['base64 for URLs', BYTES.toString('base64url')],
    ['text with white space around it', `  ${BYTES.toString('hex')}\n`],
    ['bytes', BYTES],
  ])('may be configured as %s, and then no file is made', (_form, configured) => {
    expect(load({ configured }).id).toBe(deriveVaultKey(BYTES).id);
    expect(existsSync(vaultKeyFile(dataDirectory))).toBe(false);
  });

  it('is never made anew for a vault that exists', () => {
    expect(() => load({ vaultExists: true })).toThrow(VaultKeyMissing);
    expect(() => load({ vaultExists: true })).toThrow(/找不到密钥.*FUNDFLOW_VAULT_KEY/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['too short', BYTES.toString('hex').slice(2)],
    ['too long', `${BYTES.toString('base64')}AAAA`],
    ['no key at all', 'correct horse battery staple'],
    ['bytes of another length', Buffer.alloc(16)],
  ])('is refused when configured %s', (_what, configured) => {
    expect(() => load({ configured })).toThrow(VaultKeyMalformed);
    expect(() => load({ configured })).toThrow(/FUNDFLOW_VAULT_KEY 格式有误/);
  });

  it('is refused when its file holds something else, and the file stays as it is', () => {
    const file = vaultKeyFile(dataDirectory);
    writeFileSync(file, 'half a ke', { mode: 0o600 });
    expect(() => load()).toThrow(VaultKeyMalformed);
    expect(() => load()).toThrow(/密钥文件内容有误.*不要删除/);
    expect(readFileSync(file, 'utf8')).toBe('half a ke');
  });

  it('is refused when others may read its file', () => {
    const file = vaultKeyFile(dataDirectory);
    load();
    chmodSync(file, 0o644);
    const loading = (): unknown => load({ vaultExists: true });
    if (process.platform === 'win32') expect(loading).not.toThrow();
    else expect(loading).toThrow(/chmod 600/);
  });

  it('stands beside its successor in the file until it is retired into a file of its own', () => {
    const old = load();
    const fresh = addKeyToFile(dataDirectory);
    expect(loadAll().map(({ id }) => id)).toEqual([old.id, fresh.id]);
    const retired = retireKeyInFile(dataDirectory, old.id);
    expect(retired).toBe(`${dataDirectory}.vault-key.retired-${old.id}`);
    expect(load({ vaultExists: true }).id).toBe(fresh.id);
    expect(load({ configured: readFileSync(retired ?? '', 'utf8') }).id).toBe(old.id);
    expect(retireKeyInFile(dataDirectory, old.id)).toBeNull();
    if (process.platform === 'win32') return;
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('may be configured as two while it is changed', () => {
    const other = Buffer.alloc(32, 0xcd);
    const both = [deriveVaultKey(BYTES).id, deriveVaultKey(other).id];
    const text = `${BYTES.toString('base64')}, ${other.toString('hex')}`;
    expect(loadAll({ configured: text }).map(({ id }) => id)).toEqual(both);
    const bytes = Buffer.concat([BYTES, other]);
    expect(loadAll({ configured: bytes }).map(({ id }) => id)).toEqual(both);
  });

  it('prints nothing of itself', () => {
    const key = deriveVaultKey(BYTES);
    const text = JSON.stringify({ ...key, idBytes: null, check: null });
    expect(text).toBe(
      JSON.stringify({ id: key.id, idBytes: null, wrapping: {}, subjects: {}, check: null }),
    );
  });

  it('derives different keys for different purposes', () => {
    const key = deriveVaultKey(BYTES);
    expect(key.wrapping.equals(key.subjects)).toBe(false);
    expect(key.wrapping.export().equals(BYTES)).toBe(false);
    expect(() => deriveVaultKey(Buffer.alloc(31))).toThrow(RangeError);
  });
});
