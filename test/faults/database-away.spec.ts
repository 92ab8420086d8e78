import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { payment } from '../e2e/support/rows.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  killIfThere,
  PASSWORD,
  type Program,
  startProgram,
} from './support/program.js';

/* The database dies under a program that goes on: whoever asks meanwhile is told so, and nobody of a defect. */

let folder: string;
let data: string;
let program: Program;

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data);
});

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

const sent = (path: string, method: string, body: object | null, cookie = ''): Promise<Response> =>
  fetch(program.url + path, {
    ...{ method, headers: { 'content-type': 'application/json', cookie } },
    body: body === null ? null : JSON.stringify(body),
  });

async function signedIn(user: string): Promise<string> {
  const { headers } = await sent('/api/v1/session', 'POST', { user, password: PASSWORD });
  return headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

describe('while the database is started again', () => {
  it('questions and hand-ins are answered as ever, or that it is not there', async () => {
    const cookie = await signedIn('centre-maker');
    const asked: readonly [string, string, object | null][] = [
      ['/api/v1/counties/450124/summary', 'GET', null],
      ['/api/v1/submissions', 'GET', null],
      ['/api/v1/submissions', 'POST', { kind: 'payments', rows: [payment('P', 'A')] }],
    ];
    const told = asked.map(() => new Set<string>());
    let isBack = false;
    const asking = asked.map(async ([path, method, body], at) => {
      let after = 0;
      // Until each was answered once more behind the restart.
      while (!isBack || (after += 1) < 2) {
        const answer = await sent(path, method, body, cookie);
        const { code } = (await answer.json()) as { readonly code?: string };
        told[at]?.add(`${answer.status} ${code ?? ''}`);
      }
    });
    killIfThere(await program.databasePid(), 'SIGKILL');
    await program.says('正在重新启动…');
    await program.says('数据库已停止');
    while ((await sent('/health/ready', 'GET', null)).status !== 200);
    isBack = true;
    await Promise.all(asking);
    for (const [at, [, method]] of asked.entries()) {
      const well = method === 'POST' ? '201 ' : '200 ';
      expect([...(told[at] ?? [])].toSorted()).toEqual([well, '503 database-unavailable']);
    }
  });
});
