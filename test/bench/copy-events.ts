import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { median } from './median.js';

const COPIES = 5;

/**
 * COPY of the last `count` events of the log, each time into an empty table with the same three unique keys: the median
 * of five, in events a second. One alone differs from the next by a third.
 */
export async function copyRate(databaseUrl: string, count: number): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const text = await eventsAsText(client, count);
    const rates: number[] = [];
    for (let turn = 0; turn < COPIES; turn += 1) rates.push(await copyOnce(client, text, count));
    return median(rates);
  } finally {
    await client.end();
  }
}

async function eventsAsText(client: pg.Client, count: number): Promise<string> {
  const { rows } = await client.query<Record<string, string>>(
    `SELECT position::text, stream_id, version::text, event_id::text, type,
       recorded_at::text, record::text FROM event_store.es_events
     ORDER BY position DESC LIMIT $1`,
    [count],
  );
  if (rows.length < count) throw new Error(`the log has ${rows.length} events alone`);
  const escape = (text: string): string =>
    text.replace(/[\\\n\r\t]/g, (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r' })[c] ?? '\\t');
  const lines = rows.reverse().map((row) => Object.values(row).map(escape).join('\t'));
  return `${lines.join('\n')}\n`;
}

async function copyOnce(client: pg.Client, text: string, count: number): Promise<number> {
  await client.query(`DROP TABLE IF EXISTS bench_copy`);
  await client.query(`CREATE TABLE bench_copy (
    position bigint PRIMARY KEY, stream_id text COLLATE "C" NOT NULL, version int NOT NULL,
    event_id uuid NOT NULL UNIQUE, type text NOT NULL, recorded_at timestamptz NOT NULL,
    record json NOT NULL, UNIQUE (stream_id, version))`);
  const begun = performance.now();
  const stream = client.query(copyFrom('COPY bench_copy FROM STDIN'));
  await new Promise<void>((resolve, reject) => {
    stream.on('finish', resolve);
    stream.on('error', reject);
    stream.end(text);
  });
  return (count * 1000) / (performance.now() - begun);
}
