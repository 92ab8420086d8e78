import { execFileSync } from 'node:child_process';
import { chown, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { allocation } from '../e2e/support/rows.js';
import { Person, postRows } from './support/office.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  killIfThere,
  type Program,
  startProgram,
  startRefused,
} from './support/program.js';

const folders: string[] = [];

async function freshData(): Promise<string> {
  const folder = await freshFolder();
  folders.push(folder);
  return join(folder, 'data');
}

beforeAll(buildProgram);

afterAll(async () => {
  for (const folder of folders) {
    await endAll(join(folder, 'data'));
    await rm(folder, { recursive: true, force: true });
  }
});

/** A maker and a checker of one program. */
const officeOf = (program: Program): readonly [Person, Person] => [
  new Person('centre-maker', () => program),
  new Person('centre-checker', () => program),
];

/** Hands in and certifies one row: reads, appends and answers work. */
async function posts(office: readonly [Person, Person], id: string): Promise<void> {
  await postRows(office, 'allocations', [allocation(id)], id);
}

describe('one program a data directory', () => {
  it('a second start is refused in words that name the first, which goes on', async () => {
    const data = await freshData();
    const first = await startProgram(data);
    const second = await startRefused(data);
    expect(second).toMatchObject({ code: 1, signal: null });
    expect(second.said).toContain(`正由另一个 Fundflow 进程（进程号 ${first.pid}）使用`);
    expect(second.said).not.toContain('    at ');
    await posts(officeOf(first), 'A-1');
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('of programs that start together, one serves and the others say why they do not', async () => {
    const data = await freshData();
    const starts = await Promise.allSettled([1, 2, 3].map(() => startProgram(data)));
    const serving = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []));
    expect(serving).toHaveLength(1);
    for (const reason of refused) expect(String(reason)).toContain('正由另一个 Fundflow 进程');
    await posts(officeOf(serving[0] as Program), 'A-1');
    await serving[0]?.end('SIGTERM');
  });

  it('is free again at once after a kill -9', async () => {
    const data = await freshData();
    const first = await startProgram(data);
    await first.end('SIGKILL');
    const second = await startProgram(data);
    expect(second.said()).toContain('已在运行，现已接管');
    await posts(officeOf(second), 'A-1');
    await second.end('SIGTERM');
  });
});

describe('a database that dies under the program', () => {
  it('is started again three times; the fourth time the program stops aloud, and nothing is lost', async () => {
    const data = await freshData();
    const program = await startProgram(data);
    const office = officeOf(program);
    for (const id of ['A-1', 'A-2', 'A-3']) {
      await posts(office, id);
      const pid = await program.databasePid();
      killIfThere(pid, 'SIGKILL');
      await program.says(`数据库（进程号 ${pid}）意外终止，正在重新启动`);
    }
    await posts(office, 'A-4');
    killIfThere(await program.databasePid(), 'SIGKILL');
    expect(await program.ended).toEqual({ code: 74, signal: null });
    expect(program.said()).toContain('数据库在 10 分钟内第 4 次意外终止');
    expect(program.said()).toContain('已确认入账的记录均已保存');
    const again = await startProgram(data);
    const auditor = new Person('centre-maker', () => again);
    for (const id of ['A-1', 'A-2', 'A-3', 'A-4']) {
      const { status, body } = await auditor.get<{ id: string }>(`/api/v1/holdings/${id}`);
      expect([status, body.id]).toEqual([200, id]);
    }
    await again.end('SIGTERM');
  });
});

interface Starter {
  readonly who: string;
  /** Null: whoever runs the tests. */
  readonly account: { readonly uid: number; readonly gid: number } | null;
}

/** Root can start it as somebody else; anybody else only as himself, which is said. */
function starters(): readonly Starter[] {
  if (process.getuid?.() !== 0) {
    process.stderr.write('not root: the program is tried as this user alone, not as root\n');
    return [{ who: 'this user, without rights', account: null }];
  }
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return [
    { who: 'root', account: null },
    { who: 'a user without rights', account: { uid: id('-u'), gid: id('-g') } },
  ];
}

describe('the program works, and its server never runs as root,', () => {
  it.each(starters())(
    'started by $who',
    async ({ account }) => {
      const data = await freshData();
      if (account) await chown(join(data, '..'), account.uid, account.gid);
      const program = await startProgram(data, account ? { account } : {});
      const { uid } = await stat(join(data, 'postgres/cluster'));
      expect(uid).not.toBe(0);
      if (account) expect(uid).toBe(account.uid);
      const owner = await stat(`/proc/${await program.databasePid()}`).catch(() => null);
      expect(owner?.uid ?? uid).toBe(uid);
      await posts(officeOf(program), 'A-1');
      expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    },
    60_000,
  );
});
