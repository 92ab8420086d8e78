import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { databaseUrl } from './support/ledger-state.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  fundflow,
  type StartOptions,
  startProgram,
  startRefused,
} from './support/program.js';

/* A start that cannot be says why, in one line with a stable code, and nothing besides. */

let folder: string;
let data: string;

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  await (await startProgram(data)).end('SIGTERM');
});

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

/** What was said of the failure, the database's coming and going left out. */
async function reason(directory: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const options: StartOptions = { environment };
  const { code, said } = await startRefused(directory, options);
  expect(code).toBe(1);
  return said.replaceAll(/^数据库(已启动（进程号 \d+）|已停止)\n/gm, '');
}

describe('a start', () => {
  it.each([
    ['the signing key', 'data.notary/fund-plan.key', /^日志已有签名.*（signing-key-unusable）\n$/],
    ['the vault key', 'data.vault-key', /^个人信息保险库已有数据.*（vault-key-missing）\n$/],
  ])(
    'without %s',
    async (_what, lost, said) => {
      const [there, away] = [join(folder, lost), join(folder, 'away')];
      await rename(there, away);
      expect(await reason(data)).toMatch(said);
      await rename(away, there);
    },
    60_000,
  );

  it('below a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const said = `无法使用 ${join(file, 'postgres')}：上级不是目录（file-unusable）\n`;
    expect(await reason(file)).toBe(said);
  });

  it('where the system lets nobody make a directory', async () => {
    const said = await reason('/proc/fundflow');
    expect(said).toMatch(/^无法使用 \/proc\S*：.*（(file-unusable|no-permission)）\n$/);
  });

  it('against a server that does not let it in', async () => {
    const program = await startProgram(data);
    const wrong = new URL(await databaseUrl(data));
    wrong.password = 'not-the-one';
    const said = await reason(join(folder, 'other'), { FUNDFLOW_DATABASE_URL: wrong.href });
    expect(said).toBe(
      `无法连接数据库 ${wrong.host}：用户名或密码不对（28P01）（database-unavailable）\n`,
    );
    await program.end('SIGTERM');
  });
});

describe('a ledger whose tables a later program made', () => {
  const asOwner = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: await databaseUrl(data) });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };

  beforeAll(async () => {
    const program = await startProgram(data);
    await asOwner(`INSERT INTO fundflow_migrations (timestamp, name) VALUES (9, 'Later9')`);
    await asOwner('UPDATE event_store.es_schema SET version = version + 1');
    await program.end('SIGTERM');
  });

  it('is not started by this one', async () => {
    expect(await reason(data)).toMatch(/^程序与账本的表属于不同版本.*（release-mismatch）\n$/);
  });

  it('still gives its records and has them verified; what reads tables is refused', async () => {
    const file = join(folder, 'log.jsonl');
    await fundflow(data, 'export-log', '--out', file);
    expect(await readFile(file, 'utf8')).toMatch(/^\{"position":1,"record":/);
    const { stdout } = await fundflow(data, 'verify', '--log-only');
    expect(stdout).toContain('透明日志已核验');
    await expect(fundflow(data, 'verify')).rejects.toThrow('（release-mismatch）');
    await expect(fundflow(data, 'rebuild')).rejects.toThrow('（release-mismatch）');
  });
});
