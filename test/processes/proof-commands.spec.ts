import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { generateSigningKey, parseSigningKey } from '@fundflow/proof/ed25519';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { ED25519_COSIGNATURE, formatVerifierKey } from '@fundflow/proof/note-key';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { NOT_DETECTED } from '@fundflow/proof/sentences';
import pg from 'pg';
import { TileFollower } from '../../apps/notary/log/tile-follower.js';
import { csv, tableOf } from '../e2e/support/files.js';
import { allocation } from '../e2e/support/rows.js';
import {
  buildProgram,
  endAll,
  freshFolder,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { eventually } from '../support/eventually.js';
import { Commands, type Ended, run } from './support/commands.js';

/* What a unit and an auditor take away by the command line, and that it holds without the ledger. */

const TEST_MS_MAX = 240_000;
const VERIFIER = fileURLToPath(
  new URL('../../apps/verify/bin/fundflow-verify.mjs', import.meta.url),
);
const WITNESS = 'witness.example.org/offline';

let folder: string;
let data: string;
let program: Program;
let submission: string;
let witnessing: NodeJS.ProcessEnv;
const commands = new Commands(() => ({ folder, data, program }));
const { done, json } = commands;

const inFolder = (name: string): string => join(folder, name);
const textOf = (name: string): Promise<string> => readFile(inFolder(name), 'utf8');
const verifier = (...args: readonly string[]): Promise<Ended> => run(VERIFIER, args, folder, {});

async function posts(name: string, ids: readonly string[]): Promise<string> {
  const rows = ids.map((id) => allocation(id));
  await writeFile(inFolder(name), csv(tableOf('allocations', 'zh', rows as never)));
  const certified = ['--user', 'centre-maker', '--certify-as', 'centre-checker'];
  return /提交编号 ([0-9a-f-]{36})/.exec(await done('import', name, ...certified))?.[1] ?? '';
}

/** Once the whole log is signed. */
const signed = (): Promise<number> =>
  eventually(async () => {
    const log = await json('checkpoint', 'show');
    const events = await json('events');
    const head = (events['entries'] as { position: number }[]).at(-1)?.position ?? 0;
    const size = (log['signed'] as { size: number } | null)?.size ?? 0;
    return size >= head && size > 0 ? size : null;
  });

const witnessed = async (): Promise<number> =>
  ((await json('checkpoint', 'show'))['witnessed'] as { size: number }).size;

beforeAll(async () => {
  buildProgram();
  folder = await freshFolder();
  data = join(folder, 'data');
  const key = generateSigningKey(WITNESS, ED25519_COSIGNATURE);
  await mkdir(inFolder('witness'));
  await writeFile(inFolder('witness/key'), key, { mode: 0o600 });
  await writeFile(
    inFolder('policy'),
    `witness offline ${formatVerifierKey(parseSigningKey(key).key)}\nquorum offline\n`,
  );
  program = await startProgram(data, {
    environment: { FUNDFLOW_WITNESS_POLICY: inFolder('policy') },
  });
  witnessing = {
    FUNDFLOW_WITNESS_DIR: inFolder('witness'),
    FUNDFLOW_WITNESS_LOGS: inFolder('logs'),
  };
  submission = await posts('first.csv', ['A-1', 'A-2', 'A-3']);
}, TEST_MS_MAX);

afterAll(async () => {
  await endAll(data);
  await rm(folder, { recursive: true, force: true });
});

describe('what is taken away by the command line', () => {
  it(
    'a receipt has index and leaf hash of every row, and no proof before a witness has seen it',
    async () => {
      await done('receipt', submission, '--out', 'receipt.json', '--user', 'centre-maker');
      const receipt = JSON.parse(await textOf('receipt.json')) as {
        entries: { position: number; leafHash: string }[];
      };
      // The rows, and what was recorded of the submission itself.
      expect(receipt.entries.length).toBeGreaterThan(3);
      for (const { leafHash } of receipt.entries) expect(leafHash).toMatch(/^[0-9a-f]{64}$/);
      const { position } = receipt.entries[0]!;
      const early = await commands.fundflow(['proof', `${position}`]);
      expect([early.code, early.out]).toEqual([1, '']);
      expect(early.error).toMatch(/见证.*（[a-z-]+）/);
    },
    TEST_MS_MAX,
  );

  it(
    'a witness without a network cosigns a file, refuses the same question from elsewhere, and a proof follows',
    async () => {
      await signed();
      const { vkey } = await json('checkpoint', 'show');
      await writeFile(inFolder('logs'), `${vkey as string}\n`);
      await done('checkpoint', 'export', '--out', 'request');
      const cosign = ['checkpoint', 'cosign', 'request', '--out', 'cosigned'];
      const answer = await commands.fundflow(cosign, witnessing);
      expect([answer.code, answer.out]).toEqual([0, '']);
      expect(answer.error).toContain(`见证人公钥：${WITNESS}+`);
      const again = await commands.fundflow(cosign, witnessing);
      expect([again.code, again.error]).toEqual([...[1, expect.stringMatching(/已联署到 \d+ 条/)]]);
      expect(await done('checkpoint', 'import', 'cosigned')).toMatch(
        new RegExp(`已收下 ${WITNESS} 对 \\d+ 条的联署，已达到见证要求`),
      );
      const shown = await done('checkpoint', 'show');
      expect(shown).toMatch(/已见证：[1-9]\d* 条/);
      expect(shown).toContain(NOT_DETECTED.zh);
      await done('checkpoint', 'save', '--out', 'kept', '--policy', 'kept.policy');
      await done('proof', '3', '--out', '3.tlog-proof');
      const nowhere = ['export-log', '--out', 'no-such-folder/log.jsonl'];
      expect(await commands.failed(nowhere)).toContain('（file-unwritable）');
      expect(await commands.failed(['checkpoint', 'import', 'no-such-file'])).toContain(
        '（file-unreadable）',
      );
      await done('export-log', '--out', 'log.jsonl');
      const lines = (await textOf('log.jsonl')).trimEnd().split('\n');
      const { record } = JSON.parse(lines[2]!) as { record: string };
      await writeFile(inFolder('record.json'), record);
      const proof = ['proof', '3.tlog-proof', '--policy', 'kept.policy', '--record', 'record.json'];
      expect(await verifier(...proof)).toMatchObject({ code: 0 });
      const db = ['db', 'log.jsonl', '--checkpoint', 'kept', '--policy', 'kept.policy'];
      expect(await verifier(...db)).toMatchObject({ code: 0 });
    },
    TEST_MS_MAX,
  );

  it(
    'evidence of a trail or a lead is a file that the verifier calls valid, and of nothing is no file',
    async () => {
      const by = ['--user', 'inspector', '--reason', '核查'];
      await done('evidence', 'trail', '45', '--out', 'trail.zip', ...by);
      const lead = ['lead', '2020-17', '--about', 'A-1', 'A-2'];
      await done('evidence', ...lead, '--out', 'lead.zip', ...by);
      for (const file of ['trail.zip', 'lead.zip']) {
        const judged = await verifier('bundle', file, '--policy', 'kept.policy');
        expect([file, judged.code]).toEqual([file, 0]);
      }
      const none = await commands.fundflow([
        ...['evidence', 'trace', 'no-such-record', '--out', 'none.zip', ...by],
      ]);
      expect([none.code, none.out]).toEqual([1, '']);
      await expect(textOf('none.zip')).rejects.toThrow('ENOENT');
    },
    TEST_MS_MAX,
  );
});

describe('a signer whose memory was lost with its disk', () => {
  it(
    'signs nothing, until it is given a checkpoint that somebody else kept',
    async () => {
      await posts('more.csv', ['A-6']);
      await signed();
      await program.end('SIGTERM');
      const memories = (await readdir(`${data}.notary`)).filter((name) =>
        /^fund-plan\.(\d+|leaves)$/.test(name),
      );
      expect(memories.length).toBeGreaterThan(1);
      for (const name of memories) await rm(join(`${data}.notary`, name));
      const environment = { FUNDFLOW_WITNESS_POLICY: inFolder('policy') };
      program = await startProgram(data, { environment });
      await program.says('记忆文件不见了');
      await writeFile(inFolder('foreign'), (await textOf('kept')).replace(/^\d+$/m, '1'));
      const foreign = await commands.fundflow(['checkpoint', 'adopt', 'foreign']);
      expect([foreign.code, foreign.error]).toEqual([
        ...[1, expect.stringContaining('（checkpoint-forged）')],
      ]);
      await done('checkpoint', 'adopt', 'kept');
      await program.end('SIGTERM');
      program = await startProgram(data, { environment });
      await posts('after.csv', ['A-7']);
      await signed();
      expect(await done('verify', '--log-only', '--checkpoint', 'kept')).toContain('检查点 kept');
    },
    TEST_MS_MAX,
  );
});

describe('the key of the log', () => {
  it(
    'is exchanged while the ledger runs on; what the former one signed is still believed',
    async () => {
      const environment = { FUNDFLOW_WITNESS_POLICY: inFolder('policy') };
      const again = async (): Promise<void> => {
        await program.end('SIGTERM');
        program = await startProgram(data, { environment });
      };
      const next = (await done('checkpoint', 'add-key')).trim();
      const early = await commands.fundflow(['checkpoint', 'retire-key']);
      expect([early.code, early.error]).toEqual([
        ...[1, expect.stringContaining('（not-signed-by-both）')],
      ]);
      await again();
      await posts('both.csv', ['A-8']);
      const size = await signed();
      await done('checkpoint', 'export', '--out', 'request', '--old', `${await witnessed()}`);
      expect(
        await commands.fundflow(['checkpoint', 'cosign', 'request', '--out', 'both'], witnessing),
      ).toMatchObject({ code: 0 });
      await done('checkpoint', 'import', 'both');
      // Who asked meanwhile stands in the log too.
      expect(await witnessed()).toBeGreaterThanOrEqual(size);
      await done('checkpoint', 'retire-key');
      await again();
      await posts('alone.csv', ['A-9']);
      await signed();
      expect((await json('checkpoint', 'show'))['vkey']).toBe(next);
      expect(await done('verify', '--log-only', '--checkpoint', 'kept')).toContain('检查点 kept');
    },
    TEST_MS_MAX,
  );
});

describe('a database whose owner rewrote records, tiles and tree alike', () => {
  it(
    'is told by what the signer keeps beside it: the record, and what hangs on it',
    async () => {
      await posts('second.csv', ['A-4', 'A-5']);
      await signed();
      await program.end('SIGTERM');
      // Without its notary, so that nothing is signed meanwhile.
      program = await startProgram(data, { environment: { FUNDFLOW_NOTARY: '0' } });
      const verified = await done('verify', '--log-only');
      expect(verified).toContain('签名程序记住的检查点');
      expect(verified).toContain(NOT_DETECTED.zh);
      const position = await rewrittenBy(await superuserUrl());
      const { code, error } = await commands.fundflow(['verify', '--log-only']);
      expect(code).toBe(1);
      expect(error).toContain(`第一处不符：位置 ${position}（序号 ${position - 1}）的记录`);
      expect(error).toContain('签名程序记住的检查点');
      expect(error).toContain(`位置 ${position} 现有内容：记录类型：`);
    },
    TEST_MS_MAX,
  );
});

async function superuserUrl(): Promise<string> {
  const file = (name: string): Promise<string> => readFile(join(data, 'postgres', name), 'utf8');
  const port = (await file('cluster/postmaster.pid')).split('\n')[3];
  return `postgres://fundflow:${(await file('password')).trim()}@127.0.0.1:${port}/fundflow`;
}

/** One letter of a record in the middle, then tiles and tree as if it had always been so. */
async function rewrittenBy(connectionString: string): Promise<number> {
  const options = '-c session_replication_role=replica';
  const pool = new pg.Pool({ connectionString, options, max: 2 });
  const store = await openPostgresEventStore({ connectionString });
  try {
    const position = Math.floor(Number(await store.head()) / 2);
    await pool.query(
      `UPDATE event_store.es_events SET record = replace(record::text, '"recordedAt":"20', '"recordedAt":"19')::json
       WHERE position = $1`,
      [position],
    );
    const table = new TileTable(pool, 'fund-plan');
    const { origin, vkey } = (await table.tree())!;
    await pool.query('TRUNCATE tlog.trees, tlog.tiles, tlog.checkpoints CASCADE');
    await table.begin({ origin, vkey });
    const follower = new TileFollower({ log: store, table, tree });
    await follower.load();
    while ((await follower.step()) !== 'caught-up');
    return position;
  } finally {
    await store.close();
    await pool.end();
  }
}
