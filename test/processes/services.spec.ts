import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOADER = join(ROOT, 'test/support/typescript.mjs');
const PASSWORD = 'only-for-this-test-0123456789';

interface Running {
  readonly url: string;
  end(signal: NodeJS.Signals): Promise<void>;
}

const children = new Set<ChildProcess>();
let environment: NodeJS.ProcessEnv;
let folder: string;

/** A program from its sources, as a process of its own, once it says where it listens. */
async function run(program: string, ...args: string[]): Promise<Running> {
  const script = join(ROOT, 'apps', program);
  const child = spawn(process.execPath, ['--import', LOADER, script, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
  });
  return {
    url,
    end: async (signal) => {
      child.kill(signal);
      await ended;
      children.delete(child);
    },
  };
}

async function signIn(url: string, user: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password: PASSWORD }),
  });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function send(url: string, cookie: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', cookie };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, unknown>;
}

const allocation = (id: string) => ({
  ...{ allocation_id: id, doc_no: '桂财农〔2018〕1号', fund_type: 'central-special' },
  ...{ fiscal_year: '2018', issuer_region: '450000', receiver_region: '450124', amount: '100' },
  ...{ unit: '元', issued_on: '2018-01-10', received_on: '2018-01-20' },
});

async function post(ledger: string, id: string): Promise<Record<string, unknown>> {
  const [maker, checker] = [await signIn(ledger, 'maker'), await signIn(ledger, 'checker')];
  const path = `${ledger}/api/v1/submissions`;
  const handedIn = await send(path, maker, { kind: 'allocations', rows: [allocation(id)] });
  return send(`${path}/${String(handedIn['id'])}/certification`, checker, { rows: 'all' });
}

async function received(audit: string): Promise<unknown> {
  const cookie = await signIn(audit, 'inspector');
  const path = `${audit}/api/v1/counties/450124/summary`;
  const answer = await fetch(path, { headers: { cookie } });
  return ((await answer.json()) as Record<string, unknown>)['receivedFen'];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-services-'));
  environment = {
    ...process.env,
    NODE_OPTIONS: '',
    FUNDFLOW_DATABASE_URL: await (await startTestDatabase()).createDatabase(),
    FUNDFLOW_DATA: join(folder, 'data'),
    FUNDFLOW_PORT: '0',
    FUNDFLOW_NOTARY: '0',
    FUNDFLOW_DEMO_DATA: '0',
    FUNDFLOW_DEMO_PASSWORD: PASSWORD,
    FUNDFLOW_LOG_LEVEL: 'error',
  };
  // The first accounts; the services themselves make none.
  await (await run('fundflow/main.ts', 'start', '--demo')).end('SIGTERM');
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('the services as processes of their own, on one PostgreSQL server', () => {
  it('posts through one and asks another, which waits for the projector', async () => {
    const [ledger, projector, audit] = await Promise.all([
      run('ledger/main.ts'),
      run('projector/main.ts'),
      run('audit/main.ts'),
    ]);
    expect(await post(ledger.url, 'A-1')).toMatchObject({ status: 'posted', postedRows: 1 });
    expect(await received(audit.url)).toBe('10000');
    await Promise.all([ledger, projector, audit].map((service) => service.end('SIGTERM')));
  });

  it('keeps what was acknowledged when both are killed, and two of each get along', async () => {
    const [ledger, other, first, second, audit] = await Promise.all([
      run('ledger/main.ts'),
      run('ledger/main.ts'),
      run('projector/main.ts'),
      run('projector/main.ts'),
      run('audit/main.ts'),
    ]);
    const posted = await Promise.all(
      ['A-2', 'A-3', 'A-4', 'A-5'].map((id, index) =>
        post(index % 2 === 0 ? ledger.url : other.url, id),
      ),
    );
    expect(posted.map(({ status }) => status)).toEqual(Array(4).fill('posted'));
    await Promise.all([ledger.end('SIGKILL'), first.end('SIGKILL')]);
    expect(await post(other.url, 'A-6')).toMatchObject({ status: 'posted' });
    expect(await received(audit.url)).toBe('60000');
    await Promise.all([other, second, audit].map((service) => service.end('SIGTERM')));
  });
});

describe('a service that cannot start says why in Chinese, with its code', () => {
  const failing = (url: string, ...program: [string, ...string[]]): Promise<Running> => {
    environment = { ...environment, FUNDFLOW_DATABASE_URL: url };
    return run(...program);
  };

  it('where no server is given', async () => {
    const said = /ended with 1: 配置有误：\n.*FUNDFLOW_DATABASE_URL.*（configuration-error）\n$/;
    await Promise.all([
      expect(failing('', 'audit/main.ts')).rejects.toThrow(said),
      expect(failing('', 'notary/main.ts', 'sign')).rejects.toThrow(said),
    ]);
  });

  it('where the server has no such database, without the password', async () => {
    const missing = new URL(await (await startTestDatabase()).createDatabase());
    missing.pathname = '/nowhere';
    const said = /ended with 1: [^\n]*没有这个数据库[^\n]*（database-unavailable）\n$/;
    const failed = [
      failing(missing.href, 'ledger/main.ts'),
      failing(missing.href, 'notary/main.ts', 'sign'),
    ];
    await Promise.all(failed.map((one) => expect(one).rejects.toThrow(said)));
  });

  it('where the notary is given wrongly', async () => {
    await Promise.all([
      expect(failing('', 'notary/main.ts', 'witness')).rejects.toThrow('（configuration-error）\n'),
      expect(failing('', 'notary/main.ts', 'nothing')).rejects.toThrow('（bad-usage）\n'),
    ]);
  });
});
