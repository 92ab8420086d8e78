import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { csv, tableOf } from '../e2e/support/files.js';
import { allocation, payment } from '../e2e/support/rows.js';
import { databaseUrl, inspectedLog, type Progress, watching } from './support/ledger-state.js';
import { LOOK_AGAIN_MS, Person, postRows, posting, type Submission } from './support/office.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  killIfThere,
  type Program,
  startProgram,
} from './support/program.js';
import { query } from '../e2e/support/template-database.js';

/*
 * The program as offices run it, on its embedded database, killed with kill -9 wherever it is at that moment. Nothing is
 * held up to hit a place exactly: a kill comes when the log has grown by so much, or when the database says that the phase
 * in question is under way. What must hold, holds at every place.
 */
const OFFICES = 4;
const BETWEEN_KILLS = 12;
const FILE_ROWS = 20_001;

let folder: string;
let data: string;
let program: Program;
const expected = new Set<string>();

const person = (login: string): Person => new Person(login, () => program);
const makers = Array.from({ length: OFFICES }, () => person('centre-maker'));
const checkers = Array.from({ length: OFFICES }, () => person('centre-checker'));
const office = (at: number) => [makers[at] as Person, checkers[at] as Person] as const;

const drawn = (id: string) => payment(id, 'A', { amount: '0.01', method: 'direct' });

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  program = await startProgram(data);
  await postRows(office(0), 'allocations', [allocation('A', { amount: '100000' })], 'A');
  expected.add('A');
});

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

async function killProgram(): Promise<void> {
  await program.end('SIGKILL');
}

async function killBoth(): Promise<void> {
  const pid = await program.databasePid();
  void program.end('SIGKILL');
  killIfThere(pid, 'SIGKILL');
  await program.ended;
}

/** The server goes, the program stays: it starts another one. */
async function killPostmaster(): Promise<void> {
  killIfThere(await program.databasePid(), 'SIGKILL');
}

/** The session that appends: PostgreSQL then ends all of them and recovers. */
async function killWriter(): Promise<void> {
  const [found] = await query<{ pid: number }>(
    await databaseUrl(data),
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%writer%' LIMIT 1",
  );
  if (found) killIfThere(found.pid, 'SIGKILL');
}

/** Kills the program once the database says so, while it works. */
async function killedWhen(reached: (progress: Progress) => boolean): Promise<Progress> {
  const seen = await watching(data, async (progress) => {
    for (;;) {
      const now = await progress();
      if (reached(now)) {
        await killProgram();
        return now;
      }
      await pause(1);
    }
  });
  program = await startProgram(data);
  return seen;
}

describe('the program killed again and again while four offices hand in and certify', () => {
  const acknowledged = new Map<string, Submission>();

  it('answers every row of theirs, in the end', async () => {
    const faults = [
      ...[killProgram, killWriter, killBoth, killPostmaster, killProgram, killBoth],
      ...[killPostmaster, killWriter, killProgram],
    ];
    const enough = (faults.length + 1) * BETWEEN_KILLS;
    const handIn = async (at: number): Promise<void> => {
      for (let n = 0; acknowledged.size < enough; n += 1) {
        const id = `P-${at}-${n}`;
        expected.add(id);
        acknowledged.set(id, await postRows(office(at), 'payments', [drawn(id)], id));
      }
    };
    const reached = async (rows: number): Promise<void> => {
      while (acknowledged.size < rows) await pause(LOOK_AGAIN_MS);
    };
    const work = Promise.all(Array.from({ length: OFFICES }, (_, at) => handIn(at)));
    for (const [at, fault] of faults.entries()) {
      await Promise.race([reached((at + 1) * BETWEEN_KILLS), work]);
      await fault();
      if (fault === killProgram || fault === killBoth) program = await startProgram(data);
    }
    await work;
    expect(acknowledged.size).toBeGreaterThanOrEqual(enough);
  }, 300_000);

  it('gives a repeated request the answer of the first, with the key it was sent with', async () => {
    const [id, first] = [...acknowledged][0] as [string, Submission];
    const body = { kind: 'payments', rows: [drawn(id)] };
    const again = await makers[0]?.post<Submission>('/api/v1/submissions', body, `in-${id}`);
    expect(again).toMatchObject({ status: 201, replayed: true, body: { id: first.id } });
  });
});

/** Who signed in is carried into the log by itself, after a kill when the program is there again: then it has been. */
async function untilAccessIsLogged(): Promise<void> {
  const url = await databaseUrl(data);
  const left = 'SELECT position FROM identity_access_records WHERE NOT logged LIMIT 1';
  while ((await query(url, left)).length > 0) await pause(LOOK_AGAIN_MS);
}

describe('a file of three parts, the program killed', () => {
  const fileOf = (prefix: string): { ids: string[]; text: string } => {
    const ids = Array.from({ length: FILE_ROWS }, (_, at) => `${prefix}-${at}`);
    return { ids, text: csv(tableOf('payments', 'en', ids.map(drawn))) };
  };
  const form = (name: string, text: string): RequestInit => {
    const body = new FormData();
    body.set('file', new Blob([text]), name);
    return { method: 'POST', body };
  };
  const newest = async (fileName: string): Promise<Submission | undefined> => {
    type List = { submissions: Submission[] };
    const { body } = await (makers[0] as Person).get<List>('/api/v1/submissions?limit=5');
    return body.submissions.find((found) => found.fileName === fileName);
  };
  const maker = makers[0] as Person;
  const checker = checkers[0] as Person;

  it('while it is sent: nothing of it is there, and it is taken when it is sent again', async () => {
    const { text } = fileOf('sent');
    let half: () => void = () => undefined;
    const halfSent = new Promise<void>((resolve) => (half = resolve));
    const boundary = 'a-boundary';
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="sent.csv"\r\n\r\n`;
        controller.enqueue(Buffer.from(head + text.slice(0, text.length / 2)));
      },
      // Asked for more: the first half is on its way, and the second never comes.
      pull: () => {
        half();
        return new Promise<void>(() => undefined);
      },
    });
    const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const sending = maker.try('/api/v1/submissions', {
      ...{ method: 'POST', headers, body, duplex: 'half' },
    } as RequestInit);
    await halfSent;
    await killProgram();
    expect(await sending).toBeNull();
    program = await startProgram(data);
    expect(await newest('sent.csv')).toBeUndefined();
    const again = await maker.insist<Submission>('/api/v1/submissions', form('sent.csv', text));
    const validated = await maker.settled(again.body.id, 'validated', 'rejected');
    expect(validated).toMatchObject({ status: 'validated', rows: FILE_ROWS });
  });

  it('while it is validated: the reading begins again and ends with the same counts', async () => {
    const { text } = fileOf('read');
    const sending = maker.try<Submission>('/api/v1/submissions', form('read.csv', text));
    let found: Submission | undefined;
    while (!found || found.rows === 0) found = await newest('read.csv');
    expect(found.status).toBe('validating');
    await killProgram();
    await sending;
    program = await startProgram(data);
    const counts = { status: 'validated', rows: FILE_ROWS, acceptedRows: FILE_ROWS, errors: 0 };
    expect(await maker.settled(found.id, 'validated', 'rejected')).toMatchObject(counts);
  });

  it.each([
    ['posted', (now: Progress, start: number) => now.head > start + 10_000],
    ['projected', (now: Progress, start: number) => now.head > start && now.tables < now.head],
    [
      'looked at for alerts',
      (now: Progress, start: number) => now.alerts > start && now.alerts < now.tables,
    ],
  ])(
    'while it is %s: it goes on at the part where it stood',
    async (phase, reached) => {
      const { ids, text } = fileOf(phase.replaceAll(' ', '-'));
      const uploaded = await maker.insist<Submission>(
        '/api/v1/submissions',
        form('part.csv', text),
      );
      const { id } = uploaded.body;
      await maker.settled(id, 'validated');
      await untilAccessIsLogged();
      const start = await watching(data, async (progress) => (await progress()).head);
      const certifying = checker.try(
        `/api/v1/submissions/${id}/certification`,
        posting({ rows: 'all' }, `ok-${phase}`),
      );
      const killedAt = await killedWhen((now) => reached(now, start));
      await certifying;
      const posted = await maker.settled(id, 'posted', 'rejected');
      expect(posted).toMatchObject({ status: 'posted', postedRows: FILE_ROWS });
      // Certification, three parts, each with its closing event, in one piece: nothing else was posted meanwhile.
      expect([posted.firstPosition, posted.lastPosition]).toEqual([
        start + 1,
        start + FILE_ROWS + 4,
      ]);
      expect(killedAt.head).toBeGreaterThan(start);
      for (const row of ids) expected.add(row);
    },
    180_000,
  );
});

describe('after all of it', () => {
  it('every acknowledged row stands in the log exactly once, positions are dense, tables and alerts as made anew', async () => {
    const log = await inspectedLog(data);
    expect(log).toMatchObject({ dense: true, differences: [], alertsAsNew: true });
    expect(log.ids).toHaveLength(expected.size);
    expect(new Set(log.ids)).toEqual(expected);
  });

  it('it stops in peace', async () => {
    expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
