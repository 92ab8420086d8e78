import { createSecretKey, hash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { encryptInto } from '@fundflow/vault/cipher';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { median } from './median.js';
import { type Desk, openDesk, postFile, postSources } from './postings.js';
import { processorMs, sessionsMs } from './processor-time.js';
import { type ServerProcess, startDemo } from './server-process.js';
import { csvOf, rowToPay } from './vault.js';

const PASSWORD = 'bench-password-0123456789';
const FILE_ROWS = 50_000;
const TURNS = 3;
const CRYPTO_PEOPLE = 100_000;
const KEYED_HASHES = 8;
/** Of a person with name, ID and account: openings and values; what they are bound to; what a hash is asked of. */
const [PAYLOAD_BYTES, BOUND_BYTES, HASHED_BYTES] = [144, 96, 96];
const [KEY_BYTES, NONCE_BYTES] = [32, 12];
/** What a new person leaves behind, with the keys these tables have in the vault; search tokens are filed later. */
const TABLES: readonly (readonly [string, string])[] = [
  ['vault_subjects (subject, held_key)', 'subject bytea PRIMARY KEY, held_key bytea'],
  [
    'vault_entries (event_id, record_key, subject, sealed, region, entry_no)',
    'event_id uuid PRIMARY KEY, record_key text, subject bytea, sealed bytea, region text, entry_no bigint',
  ],
];

/** Processor time, µs a row of a file from upload until everything follows; of the last two lines, a person. */
export interface VaultFloor {
  readonly units: number;
  readonly people: number;
  readonly ciphersAndHashes: number;
  readonly copied: number;
}

/**
 * What a person must cost where every person has a key: two encryptions and eight keyed hashes, called bare, and COPY of the
 * finished rows into tables with the same primary keys, beside what a row costs by all processes. `node
 * dist/test/bench/vault-floor.js` prints it.
 */
async function benchVaultFloor(): Promise<VaultFloor> {
  // First: the files below leave this process much to collect.
  const ciphersAndHashes = bareCrypto();
  const url = await (await startTestDatabase()).createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'fundflow-floor-'));
  const server = await startDemo({
    databaseUrl: url,
    data: join(folder, 'data'),
    password: PASSWORD,
  });
  try {
    const desk = await openDesk(server, PASSWORD);
    const plan = { prefix: 'VF', holdings: 256, yuanEach: 1_000_000 };
    await postSources(desk, plan);
    let next = 0;
    const measured = { people: [] as number[], units: [] as number[] };
    for (let turn = 0; turn <= TURNS; turn += 1) {
      for (const who of ['people', 'units'] as const) {
        const row = (): object => rowToPay(plan, (next += 1), who === 'people');
        const csv = csvOf(Array.from({ length: FILE_ROWS }, row));
        const micros = await microsOf(FILE_ROWS, () => postWhole(desk, csv), server, url);
        // The first of each meets programs that are not compiled.
        if (turn > 0) measured[who].push(micros);
      }
    }
    desk.client.close();
    const [units, people] = [median(measured.units), median(measured.people)];
    return { units, people, ciphersAndHashes, copied: await copyOfVault(url) };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file, and the question that waits until the tables have it. */
async function postWhole(desk: Desk, csv: string): Promise<void> {
  await postFile(desk, csv);
  const { client, checker } = desk;
  const asked = await client.send('GET', '/api/v1/counties/450124/summary', { cookie: checker });
  if (asked.status !== 200) throw new Error(asked.body);
}

async function microsOf(
  rows: number,
  work: () => Promise<void>,
  server: ServerProcess,
  url: string,
): Promise<number> {
  const spent = async (): Promise<number> =>
    (server.processorMs() ?? NaN) + ((await sessionsMs(url)) ?? NaN);
  const before = await spent();
  await work();
  return ((await spent()) - before) * (1000 / rows);
}

/** The calls alone, on bytes as long as a person's with name, ID and account. */
function bareCrypto(): number {
  const [wrapping, key] = [createSecretKey(randomBytes(KEY_BYTES)), randomBytes(KEY_BYTES)];
  const [nonce, bound] = [randomBytes(NONCE_BYTES), randomBytes(BOUND_BYTES)];
  const [plain, hashed] = [randomBytes(PAYLOAD_BYTES), randomBytes(HASHED_BYTES)];
  const target = Buffer.alloc(2 * PAYLOAD_BYTES);
  const people = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      encryptInto(target, 0, { key: wrapping, nonce, bound, plain: key });
      encryptInto(target, 0, { key, nonce, bound, plain });
      // A keyed hash is two.
      for (let nth = 0; nth < 2 * KEYED_HASHES; nth += 1) hash('sha256', hashed, 'binary');
    }
  };
  people(CRYPTO_PEOPLE / 10);
  const before = process.cpuUsage();
  people(CRYPTO_PEOPLE);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CRYPTO_PEOPLE;
}

/** Of the session that copies, in the binary form. */
async function copyOfVault(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const session = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = session.rows[0]?.pid ?? NaN;
    let spent = 0;
    for (const [from, columns] of TABLES) {
      const out = client.query(copyTo(`COPY ${from} TO STDOUT (FORMAT binary)`));
      const pieces: Buffer[] = [];
      for await (const piece of out) pieces.push(piece as Buffer);
      await client.query(`CREATE TABLE vault_floor (${columns})`);
      const before = processorMs(pid) ?? NaN;
      const into = client.query(copyFrom('COPY vault_floor FROM STDIN (FORMAT binary)'));
      await new Promise<void>((resolve, reject) => {
        into.once('finish', resolve).once('error', reject);
        into.end(Buffer.concat(pieces));
      });
      spent += (processorMs(pid) ?? NaN) - before;
      await client.query('DROP TABLE vault_floor');
    }
    return (spent * 1000) / (FILE_ROWS * (TURNS + 1));
  } finally {
    await client.end();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { units, people, ciphersAndHashes, copied } = await benchVaultFloor();
  const floor = units + ciphersAndHashes + copied;
  const rows = [
    ['a row to a unit, all of it', units],
    ['two encryptions and eight keyed hashes, called bare', ciphersAndHashes],
    ['COPY of what a new person leaves in the vault', copied],
    ['the least a row to a new person can be', floor],
    ['a row to a new person, all of it', people],
  ] as const;
  process.stdout.write('| µs of processor time a row | | of a unit |\n|---|---|---|\n');
  for (const [what, micros] of rows) {
    const ratio = micros < units ? '' : (units / micros).toFixed(2);
    process.stdout.write(`| ${what} | ${micros.toFixed(1)} | ${ratio} |\n`);
  }
  process.exit(0);
}
