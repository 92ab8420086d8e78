import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { benchCommandPath } from './command-path.js';
import { benchEventStore } from './event-store.js';
import { benchNotary } from './notary.js';
import type { Lag } from './notary-lag.js';
import { benchFile, benchPostings, openDesk } from './postings.js';
import { benchProjections } from './projections.js';
import { benchQuestions } from './questions.js';
import { PROGRAM, startDemo, startServer } from './server-process.js';
import { benchVault } from './vault.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const ANSWER_MS_MAX = 50;
const PASSWORD = 'bench-password-0123456789';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const perSecond = (value: number): string => `${(value / 1000).toFixed(1)}k/s`;

function row(what: string, ours: string, beside: string, ratio: number, target: number): void {
  const verdict = ratio >= target ? 'yes' : 'NO';
  print(`| ${what} | ${ours} | ${beside} | ${ratio.toFixed(2)} | ≥ ${target} | ${verdict} |`);
}

/**
 * Every ratio of one run, beside the bare parts on the same server (`npm run bench`). Ratios mean something on any
 * machine; the rates beside them only on this one.
 */
export async function runBench(
  options: { fileRows?: number; payments?: number } = {},
): Promise<void> {
  const memory = Math.round(totalmem() / 2 ** 30);
  print(`${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${memory} GiB, Node ${process.version}`);
  const database = await startTestDatabase();
  print(`PostgreSQL: ${await durability(database.connectionString)}\n`);
  print('| what | ours | beside | ratio | target | met |');
  print('|---|---|---|---|---|---|');
  await storeRows(await database.createDatabase());
  await notaryRows(await database.createDatabase());
  await commandRows(await database.createDatabase());
  await serverRows(await database.createDatabase(), options.fileRows ?? 100_000);
  await readSide(await database.createDatabase(), options.payments ?? 1_000_000);
}

/** What the server promises about what it acknowledged: both sides of every ratio stand on it. */
async function durability(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rows } = await client.query<{ name: string; setting: string }>(
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY pg_settings.name`,
  );
  await client.end();
  return rows.map(({ name, setting }) => `${name} ${setting}`).join(', ');
}

async function storeRows(url: string): Promise<void> {
  const store = await benchEventStore(url);
  const bare = `${perSecond(store.bareInsert)} bare insert`;
  row('append, single requests', perSecond(store.append), bare, store.appendRatio, 0.6);
  const read = `${perSecond(store.bareRead)} bare paged read`;
  row('read all', perSecond(store.readAll), read, store.readRatio, 0.8);
}

async function notaryRows(url: string): Promise<void> {
  const notary = await benchNotary(url);
  const read = `${perSecond(notary.bareRead)} bare paged read`;
  row('log verified whole', perSecond(notary.verify), read, notary.verifyRatio, 1);
  row('tiles caught up', perSecond(notary.catchUp), read, notary.catchUp / notary.bareRead, 0.6);
  const alone = `${perSecond(notary.appendsAlone)} without the notary`;
  row(
    'appends beside the notary',
    perSecond(notary.appendsNotarised),
    alone,
    notary.notarisedRatio,
    0.95,
  );
  const lagRow = (what: string, seconds: number, { msP50, msP99 }: Lag): void => {
    const lag = `p99 ${msP99} ms at ${notary.lagRate} events/s`;
    row(
      `${what} (of ${seconds} s)`,
      lag,
      `p50 ${msP50} ms`,
      (seconds * 1_000) / Math.max(1, msP99),
      1,
    );
  };
  lagRow('checkpoint lag', 2, notary.signedLag);
  lagRow('lag to 2 of 3 witnesses', 15, notary.witnessedLag);
  lagRow('the same, one of them silent', 15, notary.oneSilentLag);
}

async function commandRows(url: string): Promise<void> {
  const path = await benchCommandPath(url);
  const bare = `${perSecond(path.bareInsert)} bare insert of the same records`;
  row('command path, parts', perSecond(path.parts), bare, path.partsRatio, 0.6);
  row('command path, single rows', perSecond(path.single), bare, path.singleRatio, 0.6);
}

async function serverRows(url: string, fileRows: number): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'fundflow-bench-'));
  const ours = await startDemo({ databaseUrl: url, data: join(data, 'data'), password: PASSWORD });
  const bare = await startServer([join(HERE, 'bare-server.js')], {});
  try {
    const desk = await openDesk(ours, PASSWORD);
    const single = await benchPostings(desk, { ours, bare, databaseUrl: url });
    const posts = `${perSecond(single.barePosts)} bare Nest-Fastify POST`;
    row('single postings, POSTs', perSecond(single.posts), posts, single.postsRatio, 0.3);
    const postings = perSecond(single.postings);
    row('single postings (two POSTs each)', postings, posts, single.postingsRatio, 0.3);
    // Before so many other payments lie in the same tables: COPY has an empty one, too.
    const file = await benchFile(desk, url, fileRows);
    const copy = `${perSecond(file.copy)} COPY of the same events`;
    const what = `${file.rows / 1000}k-row file, upload to posted`;
    row(what, perSecond(file.uploadToPosted), copy, file.ratio, 0.35);
    const vault = await benchVault(desk, fileRows);
    const unitBulk = `${perSecond(vault.bulkUnits)} to units`;
    const what1 = 'payments to people, 500 a request';
    row(what1, perSecond(vault.bulkPeople), unitBulk, vault.bulkRatio, 0.85);
    const unitSingle = `${perSecond(vault.singleUnits)} to units`;
    row(
      'payments to people, one a request',
      perSecond(vault.singlePeople),
      unitSingle,
      vault.singleRatio,
      0.85,
    );
    row(
      `payments to people, ${fileRows / 1000}k-row file`,
      perSecond(vault.filePeople),
      `${perSecond(vault.fileUnits)} to units`,
      vault.fileRatio,
      0.85,
    );
    const split = `${file.readSeconds.toFixed(1)} s read, ${file.postSeconds.toFixed(1)} s posted`;
    const { server, database, bare: barePost } = single.processor;
    print(
      `\na single posting by processor time: server ${server.toFixed(2)} ms, ` +
        `PostgreSQL ${database.toFixed(2)} ms; a bare POST ${barePost.toFixed(2)} ms`,
    );
    print(`file: ${split}; server process peak ${ours.peakMib() ?? '?'} MiB (target ≤ 512)`);
    desk.client.close();
  } finally {
    await bare.stop();
    await ours.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** Fills a database with a plan of so many payments, and asks it over HTTP. */
async function readSide(url: string, payments: number): Promise<void> {
  const caughtUp = await benchProjections(url, { payments });
  const read = `${perSecond(caughtUp.bareRead)} bare paged read of the same log`;
  print('\n| what | ours | beside | ratio | target | met |');
  print('|---|---|---|---|---|---|');
  row('projections catching up', perSecond(caughtUp.catchUp), read, caughtUp.ratio, 0.6);
  await tidy(url);
  const data = await mkdtemp(join(tmpdir(), 'fundflow-bench-'));
  const dataDirectory = join(data, 'data');
  const server = await startServer([PROGRAM, 'start'], {
    FUNDFLOW_DATABASE_URL: url,
    FUNDFLOW_DATA: dataDirectory,
    FUNDFLOW_PORT: '0',
    FUNDFLOW_LOG_LEVEL: 'error',
  });
  try {
    print(`\n${payments / 1000}k payments, asked over HTTP, warm:\n`);
    print('| question | callers | p50 | p99 | target | met |');
    print('|---|---|---|---|---|---|');
    for (const { what, callers, p50, p99 } of await benchQuestions(server.url, dataDirectory)) {
      const verdict = p99 <= ANSWER_MS_MAX ? 'yes' : 'NO';
      print(
        `| ${what} | ${callers} | ${p50} ms | ${p99} ms | ≤ ${ANSWER_MS_MAX} ms | ${verdict} |`,
      );
    }
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** What autovacuum does within minutes of so large a load. */
async function tidy(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runBench();
