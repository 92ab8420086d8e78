import { mkdtemp, rm, writeFile, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { formatCheckpoint, parseCheckpoint } from '@fundflow/proof/checkpoint';
import { CompactRange } from '@fundflow/proof/compact-range';
import {
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  type SigningKey,
  signText,
} from '@fundflow/proof/ed25519';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { formatNote, parseNote } from '@fundflow/proof/note';
import { ED25519, ED25519_COSIGNATURE, formatVerifierKey } from '@fundflow/proof/note-key';
import { judgeCheckpoint } from '@fundflow/proof/policy';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { formatAddCheckpoint } from '@fundflow/proof/witness';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import pg from 'pg';
import { type ALog, aLogOf } from '../../../test/support/a-log.js';
import { eventually } from '../../../test/support/eventually.js';
import { failureOf } from '../log/failure-of.js';
import { type LogState, openNotary } from '../log/open-notaries.js';
import { handInCosignatures } from '../tlog/hand-in-cosignatures.js';
import { ShownLog } from '../tlog/log-shelf.js';
import { proveEvent } from '../tlog/event-proof.js';
import { WitnessDesk } from './witness-desk.js';
import { serveWitness, type WitnessServer } from './witness-server.js';

const ORIGIN = 'fund.example.org/tlog/fund-plan';
const LOG_KEY = generateSigningKey(ORIGIN, ED25519);

let pool: pg.Pool;
let folder: string;
const ends = new Set<() => Promise<void>>();

beforeAll(async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  pool = new pg.Pool({ connectionString, max: 8 });
  await createTlogSchema(pool);
});
beforeEach(async () => {
  await pool.query('TRUNCATE tlog.trees, tlog.tiles, tlog.checkpoints CASCADE');
  folder = await mkdtemp(join(tmpdir(), 'fundflow-witness-'));
});
afterEach(async () => {
  await Promise.all([...ends].map((end) => end()));
  ends.clear();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => pool.end());

interface Witness {
  readonly name: string;
  readonly key: SigningKey;
  readonly desk: WitnessDesk;
  readonly directory: string;
  serve(): Promise<WitnessServer>;
}

function aWitness(name: string): Witness {
  const key = parseSigningKey(generateSigningKey(`${name}.example.org`, ED25519_COSIGNATURE));
  const directory = join(folder, name);
  const logs = [{ key: parseSigningKey(LOG_KEY).key, tree }];
  const desk = new WitnessDesk({ key, logs, directory, now: () => new Date() });
  const serve = async (): Promise<WitnessServer> => {
    const server = await serveWitness(desk, { host: '127.0.0.1', port: 0 }, (error) => {
      throw error;
    });
    ends.add(() => server.stop());
    return server;
  };
  return { name, key, desk, directory, serve };
}

const line = ({ name, key }: Witness, url = ''): string =>
  `witness ${name} ${formatVerifierKey(key.key)} ${url}\n`;

async function startNotary(log: ALog, policy: string): Promise<() => LogState | null> {
  let state: LogState | null = null;
  const { notary, rounds } = await openNotary({
    ...{ log: LOG_NAME, tree, pool, source: log },
    settings: {
      ...{ directory: join(folder, 'log'), origin: ORIGIN, originIsGiven: true, key: LOG_KEY },
      ...{ policy, sm3: false },
    },
    onState: (said) => {
      state = said;
    },
  });
  const ending = new AbortController();
  const done = Promise.all([notary.run(ending.signal), rounds.run(ending.signal)]);
  ends.add(async () => {
    ending.abort();
    await done;
  });
  return () => state;
}

const shown = (log: ALog, policy: string): ShownLog =>
  new ShownLog(LOG_NAME, tree, { pool, source: log, policy });

const witnessedUpTo = (log: ShownLog, size: number) =>
  eventually(async () => {
    const newest = await log.checkpoints.newest('witnessed');
    return newest !== null && newest.size >= size ? newest : null;
  });

/** A checkpoint of a history of ours, signed by the key of the log: what a dishonest operator can make. */
function signedHead(records: readonly string[]): { size: number; root: Uint8Array; note: string } {
  const range = CompactRange.empty(tree);
  for (const record of records) range.append(tree.leaf(record));
  const head = { origin: ORIGIN, size: range.size, root: range.root() };
  const text = formatCheckpoint(head);
  const signatures = [signText(parseSigningKey(LOG_KEY), text)];
  return { size: head.size, root: head.root, note: formatNote({ text, signatures }) };
}

describe('the witnesses of a log', () => {
  it('cosign as it grows, and a receipt is there once enough of them did', async () => {
    const [one, two] = [aWitness('one'), aWitness('two')];
    const urls = [(await one.serve()).url, (await two.serve()).url];
    const policy = `${line(one, urls[0])}${line(two, urls[1])}group both all one two\nquorum both\n`;
    const log = aLogOf(300);
    const [state, show] = [await startNotary(log, policy), shown(log, policy)];
    const { note } = await witnessedUpTo(show, 300);
    expect(judgeCheckpoint(note, await show.policy(), nodeCrypto)).toMatchObject({
      outcome: 'accepted',
      witnesses: new Map([
        ['one', expect.anything()],
        ['two', expect.anything()],
      ]),
    });
    expect((await proveEvent(show, 17, await show.policy())).outcome).toBe('proved');
    log.append(5);
    await witnessedUpTo(show, 305);
    expect(failureOf([state()!])).toBeNull();
  });

  it('that does not answer holds nobody up, and there is no receipt without a quorum', async () => {
    const [one, away] = [aWitness('one'), aWitness('away')];
    const { url } = await one.serve();
    const policy = `${line(one, url)}${line(away, 'http://127.0.0.1:1')}`;
    const log = aLogOf(40);
    const both = `${policy}group both all one away\nquorum both\n`;
    const [state, show] = [await startNotary(log, both), shown(log, both)];
    await eventually(async () => {
      const unreachable = state()?.witnesses.find(({ failure }) => failure === 'unreachable');
      const signed = await show.checkpoints.newest('signed');
      return unreachable && signed?.note.includes('— one.example.org ') ? true : null;
    });
    expect(await proveEvent(show, 3, await show.policy())).toEqual({
      outcome: 'not-witnessed',
      size: 0,
    });
    expect((await show.published())?.size).toBe(40);
  });

  it('one that was shown another history says no, for ever, and health turns red', async () => {
    const [honest, deceived] = [aWitness('honest'), aWitness('deceived')];
    const fork = signedHead(['{"另":1}', '{"另":2}']);
    const { answer } = await deceived.desk.add(formatAddCheckpoint(0, [], fork.note));
    expect(answer.status).toBe(200);
    const urls = [(await honest.serve()).url, (await deceived.serve()).url];
    const lines = `${line(honest, urls[0])}${line(deceived, urls[1])}`;
    const policy = `${lines}group any any honest deceived\nquorum any\n`;
    const log = aLogOf(50);
    const [state, show] = [await startNotary(log, policy), shown(log, policy)];
    await witnessedUpTo(show, 50);
    const failure = await eventually(() => Promise.resolve(state() && failureOf([state()!])));
    expect(failure).toContain('deceived disagrees');
  });

  it('one that has seen more than is signed now shows that the log was rolled back', async () => {
    const ahead = aWitness('ahead');
    const log = aLogOf(20);
    const longer = signedHead([...log.records, '{"后":1}', '{"后":2}']);
    await ahead.desk.add(formatAddCheckpoint(0, [], longer.note));
    const policy = `${line(ahead, (await ahead.serve()).url)}quorum ahead\n`;
    const state = await startNotary(log, policy);
    const failure = await eventually(() => Promise.resolve(state() && failureOf([state()!])));
    expect(failure).toContain('ahead ahead');
  });

  it('without a line to us cosigns a file that is carried there and back', async () => {
    const offline = aWitness('offline');
    const policy = `${line(offline)}quorum offline\n`;
    const log = aLogOf(60);
    await startNotary(log, policy);
    const show = shown(log, policy);
    const signed = await eventually(async () => {
      const newest = await show.checkpoints.newest('signed');
      return newest?.size === 60 ? newest : null;
    });
    const request = formatAddCheckpoint(0, [], signed.note);
    const { note } = await offline.desk.add(request);
    const result = await handInCosignatures(show, note!, await show.policy());
    expect(result).toEqual({
      ...{ outcome: 'taken', size: 60, witnesses: ['offline.example.org'], witnessed: true },
    });
    expect((await show.published())?.note).toBe(note);
    expect((await proveEvent(show, 59, await show.policy())).outcome).toBe('proved');
  });

  const changedLetter = (all: string, before: string): string =>
    `${before}${all.endsWith('A') ? 'B' : 'A'}`;

  it.each([
    ['bad-note', (note: string) => note.slice(0, -1)],
    ['no-cosignature', (note: string) => note.replace(/— offline.*\n$/, '')],
    ['foreign-checkpoint', (note: string) => note.replace(/— fund.*\n/, '')],
    ['foreign-checkpoint', (note: string) => note.replace('\n7\n', '\n6\n')],
    ['bad-cosignature', (note: string) => note.replace(/(— offline\S* \S{60})./, changedLetter)],
  ] as const)('a file that is changed is refused as %s', async (refusal, change) => {
    const offline = aWitness('offline');
    const policy = `${line(offline)}quorum offline\n`;
    const log = aLogOf(7);
    await startNotary(log, policy);
    const show = shown(log, policy);
    const signed = await eventually(async () => {
      const newest = await show.checkpoints.newest('signed');
      return newest?.size === 7 ? newest : null;
    });
    const { note } = await offline.desk.add(formatAddCheckpoint(0, [], signed.note));
    const result = await handInCosignatures(show, change(note!), await show.policy());
    expect(result).toEqual({ outcome: 'refused', refusal });
  });

  it('a checkpoint of another history in a file is refused although our key signed it', async () => {
    const offline = aWitness('offline');
    const policy = `${line(offline)}quorum offline\n`;
    const log = aLogOf(7);
    await startNotary(log, policy);
    const show = shown(log, policy);
    await eventually(async () => ((await show.size()) === 7 ? true : null));
    const fork = signedHead(['{"另":1}']);
    const { note } = await offline.desk.add(formatAddCheckpoint(0, [], fork.note));
    const result = await handInCosignatures(show, note!, await show.policy());
    expect(result).toEqual({ outcome: 'refused', refusal: 'another-history' });
  });
});

describe('a witness', () => {
  const head = (count: number) => signedHead(aLogOf(count).records);

  it('answers over HTTP as the specification says', async () => {
    const witness = aWitness('one');
    const { url } = await witness.serve();
    const post = async (body: string | Uint8Array) => {
      const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as string });
      return [answer.status, answer.headers.get('content-type'), await answer.text()] as const;
    };
    const first = await post(formatAddCheckpoint(0, [], head(3).note));
    expect([first[0], first[2]]).toEqual([
      200,
      expect.stringMatching(/^— one\.example\.org \S+\n$/),
    ]);
    expect(await post(formatAddCheckpoint(0, [], head(4).note))).toEqual([
      ...[409, 'text/x.tlog.size', '3\n'],
    ]);
    expect((await post(formatAddCheckpoint(3, [], head(4).note)))[0]).toBe(422);
    expect((await post(formatAddCheckpoint(5, [], head(4).note)))[0]).toBe(400);
    const another = head(4).note.replaceAll(ORIGIN, 'another.example.org');
    expect((await post(formatAddCheckpoint(3, [], another)))[0]).toBe(404);
    expect(
      (await post(formatAddCheckpoint(3, [], head(4).note.replace('\n4\n', '\n5\n'))))[0],
    ).toBe(403);
    expect((await post('old 3\n'))[0]).toBe(400);
    expect((await post(Uint8Array.of(0x6f, 0xff)))[0]).toBe(400);
    expect((await post('x'.repeat(700_000)))[0]).toBe(413);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  it('puts its name to one of two histories, however many ask at once', async () => {
    const witness = aWitness('one');
    const others = [witness, ...Array.from({ length: 3 }, () => witness)];
    const heads = others.flatMap((_, at) => [head(5), signedHead([`{"另":${at}}`])]);
    const answers = await Promise.all(
      heads.map(({ note }) => witness.desk.add(formatAddCheckpoint(0, [], note))),
    );
    const roots = new Set(
      answers.flatMap(({ note }) => {
        if (note === null) return [];
        const { size, root } = parseCheckpoint(parseNote(note).text);
        return [`${size} ${Buffer.from(root).toString('hex')}`];
      }),
    );
    expect(roots.size).toBe(1);
  });

  it('keeps what it signed for the next process, and signs nothing on a broken memory', async () => {
    const witness = aWitness('one');
    await witness.desk.add(formatAddCheckpoint(0, [], head(3).note));
    const { answer } = await aWitness('one').desk.add(formatAddCheckpoint(0, [], head(3).note));
    expect([answer.status, answer.body]).toEqual([409, '3\n']);
    const [file] = (await readdir(witness.directory)).filter((name) =>
      name.startsWith('witnessed'),
    );
    const path = join(witness.directory, file!);
    await writeFile(path, (await readFile(path, 'utf8')).replace('\n3\n', '\n0\n'));
    await expect(witness.desk.add(formatAddCheckpoint(0, [], head(3).note))).rejects.toThrow(
      '记忆文件已损坏',
    );
  });

  it('cosigns the same head again, with a new time', async () => {
    const { desk } = aWitness('one');
    await desk.add(formatAddCheckpoint(0, [], head(3).note));
    expect((await desk.add(formatAddCheckpoint(3, [], head(3).note))).answer.status).toBe(200);
  });
});
