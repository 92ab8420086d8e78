import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;
const [USER, SYSTEM] = [11, 12];

/** Processor time of a process since it started, all its threads; null where the system does not tell. */
export function processorMs(pid: number): number | null {
  return statMs(`/proc/${pid}/stat`);
}

/** The same of its main thread alone. */
export function mainThreadMs(pid: number): number | null {
  return statMs(`/proc/${pid}/task/${pid}/stat`);
}

/** The same of its threads of one name. */
export function threadsMs(pid: number, name: string): number | null {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`);
    const named = tasks.filter((task) => readFileSync(`${task}/comm`, 'utf8').trim() === name);
    return named.reduce((sum, task) => sum + (statMs(`${task}/stat`) ?? NaN), 0);
  } catch {
    return null;
  }
}

function statMs(path: string): number | null {
  try {
    const stat = readFileSync(path, 'utf8');
    // Behind the name, which may hold blanks itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_MS;
  } catch {
    return null;
  }
}

/** Processor time of the server's sessions of one database that are there now; null where nobody tells. */
export async function sessionsMs(databaseUrl: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const each = rows.map(({ pid }) => processorMs(pid));
    return each.includes(null) ? null : each.reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  } finally {
    await client.end();
  }
}
