// `npm run crowd -- --seconds 90 --seed 1`: eight callers on the compiled program, which is killed with kill -9 wherever it is,
// alone or with its database, while the vault's keys are changed and the tables made anew; then test/oracle/crowd.py holds what
// the ledger says against what the contract gives for the submissions it acknowledged. Exits 1 where anything differs.
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  buildProgram,
  endAll,
  freshFolder,
  fundflow,
  killIfThere,
  PASSWORD,
  type Program,
  startProgram,
} from '../faults/support/program.js';
import { watching } from '../faults/support/ledger-state.js';
import { askCrowd, whyNoOracle } from './oracle.js';

const SECONDS_MAX = 150;
/** Between two disturbances the log grows by at least one record and so many more, however slow the machine. */
const RECORDS_MORE = 40;
const LOOK_AGAIN_MS = 100;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '90' },
    seed: { type: 'string', default: '1' },
  },
});

function wholeNumber(name: 'seconds' | 'seed', most: number): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 1 && number <= most) return number;
  throw new RangeError(`--${name} is a number from 1 to ${most}`);
}

const seconds = wholeNumber('seconds', SECONDS_MAX);
const seed = wholeNumber('seed', Number.MAX_SAFE_INTEGER);
const why = whyNoOracle();
if (why !== null) throw new Error(why);

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

let isOver = false;
let state = seed;
/** The next of a sequence of numbers below `limit` that a seed repeats (Lehmer's generator). */
function next(limit: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % limit;
}

const counted = new Map<string, number>();
const count = (what: string): unknown => counted.set(what, (counted.get(what) ?? 0) + 1);

buildProgram();
const folder = await freshFolder();
const data = join(folder, 'data');
const environment = { FUNDFLOW_PORT: await freePort(), FUNDFLOW_DEMO_PASSWORD: PASSWORD };
const start = (): Promise<Program> => startProgram(data, { environment });
let program = await start();

/** A command beside the running ledger; what it says when the ledger goes under it is not looked at. */
async function command(...args: readonly string[]): Promise<void> {
  const done = await fundflow(data, ...args).catch((error: Error) => error);
  count(`${args.join(' ')}${done instanceof Error ? ', refused or cut off' : ''}`);
  if (done instanceof Error) console.error(`${args.join(' ')}: ${done.message.slice(-500)}`);
}

/** @param beside what is at work meanwhile, and may then be the one that has the database */
async function killed(withDatabase: boolean, beside?: Promise<void>): Promise<void> {
  const pid = withDatabase ? await program.databasePid() : null;
  void program.end('SIGKILL');
  if (pid !== null) killIfThere(pid, 'SIGKILL');
  await Promise.all([program.ended, beside]);
  count(withDatabase ? 'kill -9, with the database' : 'kill -9');
  program = await start();
}

/** Settles once so many records were posted, or the callers are done. */
async function grownBy(records: number): Promise<void> {
  await watching(data, async (progress) => {
    const from = (await progress()).head;
    while (!isOver && (await progress()).head < from + records) await pause(LOOK_AGAIN_MS);
  });
}

const DISTURBANCES = [
  () => killed(false),
  () => killed(true),
  () => command('vault', 'rotate'),
  () => killed(false),
  () => command('rebuild'),
  () => command('vault', 'rotate', '--index'),
];

const crowd = askCrowd(program.url, seconds, seed, PASSWORD);
void crowd.done.then(() => (isOver = true));
while (!isOver) {
  await grownBy(1 + next(RECORDS_MORE));
  if (isOver) break;
  const disturb = DISTURBANCES[next(DISTURBANCES.length)] as () => Promise<void>;
  // A kill may come while a command is at work.
  if (next(3) === 0) await killed(next(2) === 0, command('vault', 'rotate'));
  else await disturb();
}
const said = await crowd.verdict;
const verified = await fundflow(data, 'verify').then(
  ({ stdout }) => stdout,
  (error: Error) => error,
);
const checked = await fundflow(data, 'vault', 'check').then(
  ({ stdout }) => stdout,
  (error: Error) => error,
);
await program.end('SIGTERM');
await endAll(data);
await rm(folder, { recursive: true, force: true });
for (const one of said.different) console.log(JSON.stringify(one));
console.table({ ...Object.fromEntries(counted), ...said.verdicts });
for (const one of [verified, checked]) console.log(one instanceof Error ? one.message : one.trim());
console.log(
  `${said.rows} rows posted, ${said.compared} comparisons: ${said.differences} differences`,
);
const isGood = ![verified, checked].some((one) => one instanceof Error);
process.exit(said.differences === 0 && isGood ? 0 : 1);
