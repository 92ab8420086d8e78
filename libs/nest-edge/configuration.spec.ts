import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigurationError, isLoopback, readConfiguration } from './configuration.js';

function problems(environment: Record<string, string>): readonly string[] {
  try {
    readConfiguration(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

let directory: string;
beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'fundflow-configuration-'))));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the configuration', () => {
  it('of an empty environment is one machine on loopback', () => {
    expect(readConfiguration({})).toEqual({
      host: '127.0.0.1',
      port: 12317,
      dataDirectory: resolve('data'),
      databaseUrl: null,
      ownerDatabaseUrl: null,
      strictDatabaseRole: false,
      demo: false,
      demoData: true,
      demoPassword: null,
      vaultKey: null,
      regionsFile: null,
      admin: null,
      publicOrigin: null,
      oidc: null,
      uploadBytesMax: 512 * 1024 * 1024,
      bodyTimeoutMs: 30_000,
      questionsAtOnce: 16,
      logLevel: 'info',
    });
  });

  it('reads every variable, and what the command line says wins', () => {
    const regions = join(directory, 'regions.csv');
    writeFileSync(regions, 'code,name\n');
    const environment = {
      FUNDFLOW_HOST: '::1',
      FUNDFLOW_PORT: '0',
      FUNDFLOW_DATA: directory,
      FUNDFLOW_DATABASE_URL: 'postgres://a:b%20c@db:5432/fundflow',
      FUNDFLOW_DEMO: '1',
      FUNDFLOW_DEMO_DATA: '0',
      FUNDFLOW_DEMO_PASSWORD: 'demo',
      FUNDFLOW_VAULT_KEY: 'ab'.repeat(32),
      FUNDFLOW_REGIONS: regions,
      FUNDFLOW_ADMIN_USER: 'root',
      FUNDFLOW_ADMIN_PASSWORD: ' a long password ',
      FUNDFLOW_PUBLIC_ORIGIN: 'https://fund.example.gov.cn',
      FUNDFLOW_UPLOAD_MIB: '1',
      FUNDFLOW_BODY_SECONDS: '90',
      FUNDFLOW_QUESTIONS_AT_ONCE: '3',
      FUNDFLOW_LOG_LEVEL: 'warn',
      FUNDFLOW_OWNER_DATABASE_URL: 'postgres://o:c@db/fundflow',
      FUNDFLOW_STRICT_DATABASE_ROLE: '1',
    };
    expect(readConfiguration(environment, { port: 8080 })).toEqual({
      host: '::1',
      port: 8080,
      dataDirectory: directory,
      databaseUrl: 'postgres://a:b%20c@db:5432/fundflow',
      ownerDatabaseUrl: 'postgres://o:c@db/fundflow',
      strictDatabaseRole: true,
      demo: true,
      demoData: false,
      demoPassword: 'demo',
      vaultKey: Buffer.alloc(32, 0xab),
      regionsFile: regions,
      admin: { user: 'root', password: ' a long password ' },
      publicOrigin: 'https://fund.example.gov.cn',
      oidc: null,
      uploadBytesMax: 1024 * 1024,
      bodyTimeoutMs: 90_000,
      questionsAtOnce: 3,
      logLevel: 'warn',
    });
  });

  it.each([
    ['FUNDFLOW_PORT', '65536', 'FUNDFLOW_PORT 须为 0 至 65535 的整数，现为“65536”'],
    ['FUNDFLOW_PORT', '-1', 'FUNDFLOW_PORT 须为 0 至 65535 的整数，现为“-1”'],
    ['FUNDFLOW_PORT', '80.5', 'FUNDFLOW_PORT 须为 0 至 65535 的整数，现为“80.5”'],
    [
      'FUNDFLOW_UNMASK_PER_DAY',
      '5',
      'FUNDFLOW_UNMASK_PER_DAY 已改为按地区、按日期的设置（POST /api/v1/settings/personal-data），请从环境中删去',
    ],
    ['FUNDFLOW_DEMO', 'ja', 'FUNDFLOW_DEMO 须为 1 或 0，现为“ja”'],
    ['FUNDFLOW_REGIONS', '/nowhere/r.csv', 'FUNDFLOW_REGIONS 指定的文件不存在：“/nowhere/r.csv”'],
    ['FUNDFLOW_ADMIN_USER', 'root', 'FUNDFLOW_ADMIN_USER 与 FUNDFLOW_ADMIN_PASSWORD 须同时设置'],
    ['FUNDFLOW_ADMIN_PASSWORD', 'x', 'FUNDFLOW_ADMIN_USER 与 FUNDFLOW_ADMIN_PASSWORD 须同时设置'],
    ['FUNDFLOW_LOG_LEVEL', 'loud', /^FUNDFLOW_LOG_LEVEL 须为 debug、info、warn、error 之一/],
    ['FUNDFLOW_PUBLIC_ORIGIN', 'https://a.cn/x', /^FUNDFLOW_PUBLIC_ORIGIN 须形如/],
    ['FUNDFLOW_PUBLIC_ORIGIN', 'ftp://a.cn', /^FUNDFLOW_PUBLIC_ORIGIN 须形如/],
    ['FUNDFLOW_UPLOAD_MIB', '0', /^FUNDFLOW_UPLOAD_MIB 须为 1 至/],
  ])('%s=%s is answered precisely', (name, value, message) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    if (typeof message === 'string') expect(found[0]).toBe(message);
    else expect(found[0]).toMatch(message);
  });

  it.each([
    ['FUNDFLOW_DATABASE_URL', 'mysql://root:geheim@db/fundflow'],
    ['FUNDFLOW_DATABASE_URL', 'geheim'],
    ['FUNDFLOW_VAULT_KEY', 'geheim'],
    ['FUNDFLOW_VAULT_KEY', 'ab'.repeat(31)],
  ])('a bad %s is not repeated, since it may be a secret', (name, value) => {
    const found = problems({ [name]: value });
    expect(found).toHaveLength(1);
    expect(found[0]).not.toContain(value);
    expect(found[0]).not.toContain('geheim');
  });

  it('names every bad value at once', () => {
    expect(problems({ FUNDFLOW_PORT: 'x', FUNDFLOW_DEMO: 'x' })).toHaveLength(2);
  });

  it.each([0o640, 0o604, 0o620, 0o644])(
    'does not take a secret from a file of mode %o, and says how to mend it',
    (mode) => {
      const file = join(directory, `open-${mode}`);
      writeFileSync(file, `${Buffer.alloc(32, 0xcd).toString('base64')}\n`);
      chmodSync(file, mode);
      const mend = `密钥文件可被其他用户读取，请先执行：chmod 600 ${file}`;
      // Windows has no such bits.
      const refused = (name: string) => (process.platform === 'win32' ? [] : [`${name}：${mend}`]);
      expect(problems({ FUNDFLOW_VAULT_KEY: file })).toEqual(refused('FUNDFLOW_VAULT_KEY'));
      const oidc = {
        FUNDFLOW_OIDC_ISSUER: 'https://id.example.gov.cn',
        FUNDFLOW_OIDC_CLIENT_ID: 'fundflow',
        FUNDFLOW_OIDC_CLIENT_SECRET: file,
      };
      expect(problems(oidc)).toEqual(refused('FUNDFLOW_OIDC_CLIENT_SECRET'));
      chmodSync(file, 0o600);
      expect(problems({ FUNDFLOW_VAULT_KEY: file })).toEqual([]);
    },
  );

  it('takes an empty file for no key', () => {
    const file = join(directory, 'empty');
    writeFileSync(file, '', { mode: 0o600 });
    expect(problems({ FUNDFLOW_VAULT_KEY: file })).toHaveLength(1);
  });

  it('takes the vault key as hex, as base64 or from a file', () => {
    const key = Buffer.alloc(32, 0xcd);
    const file = join(directory, 'site.vault-key');
    writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600 });
    for (const given of [key.toString('hex'), key.toString('base64'), file]) {
      expect(readConfiguration({ FUNDFLOW_VAULT_KEY: given }).vaultKey).toEqual(key);
    }
    const both = `${key.toString('hex')},${Buffer.alloc(32, 0xcd).toString('base64')}`;
    expect(readConfiguration({ FUNDFLOW_VAULT_KEY: both }).vaultKey).toEqual(
      Buffer.concat([key, Buffer.alloc(32, 0xcd)]),
    );
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['127.0.0.1.evil.example', false],
    ['192.168.1.2', false],
  ])('%s: a demonstration %s', (host, allowed) => {
    expect(isLoopback(host)).toBe(allowed);
    const found = problems({ FUNDFLOW_DEMO: '1', FUNDFLOW_HOST: host });
    expect(found).toEqual(
      allowed ? [] : [`演示模式只能在本机回环地址上运行，FUNDFLOW_HOST 现为“${host}”`],
    );
  });
});
