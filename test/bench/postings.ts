import { copyRate } from './copy-events.js';
import { BenchClient, perSecondFrom } from './http-client.js';
import { median } from './median.js';
import { paymentRow, paymentsCsv, type PostingPlan, sourceRows } from './plan-for-posting.js';
import { sessionsMs } from './processor-time.js';
import type { ServerProcess } from './server-process.js';

const CALLERS = 64;
const WARM_UP_TURNS = 6;

export interface PostingsBench {
  /** POST requests a second: the bare Nest-Fastify POST, and ours (a posting is two of them). */
  readonly barePosts: number;
  readonly posts: number;
  readonly postings: number;
  readonly postsRatio: number;
  readonly postingsRatio: number;
  /** Processor time in ms, all threads: of a posting in the server and in its database, of a bare POST. */
  readonly processor: { readonly server: number; readonly database: number; readonly bare: number };
}

export interface FileBench {
  readonly rows: number;
  /** From the first byte of the upload to `posted`. */
  readonly uploadToPosted: number;
  readonly readSeconds: number;
  readonly postSeconds: number;
  /** COPY of the same events into a table with the same keys, events a second: see `copyRate`. */
  readonly copy: number;
  readonly ratio: number;
}

/** Two people of one jurisdiction, signed in. */
export interface Desk {
  readonly client: BenchClient;
  readonly maker: string;
  readonly checker: string;
}

export async function openDesk(server: ServerProcess, password: string): Promise<Desk> {
  const client = new BenchClient(server.url, CALLERS);
  const maker = await client.signIn('maker', password);
  const checker = await client.signIn('checker', password);
  return { client, maker, checker };
}

/** Hands in rows and certifies them; throws with the answer when something is refused. */
export async function post(desk: Desk, kind: string, rows: readonly unknown[]): Promise<void> {
  const { client, maker, checker } = desk;
  const handedIn = await client.postJson('/api/v1/submissions', maker, { kind, rows });
  if (handedIn.status !== 201) throw new Error(handedIn.body);
  const { id } = JSON.parse(handedIn.body) as { id: string };
  const path = `/api/v1/submissions/${id}/certification`;
  const certified = await client.postJson(path, checker, { rows: 'all' });
  if (certified.status !== 200) throw new Error(certified.body);
}

export async function postSources(desk: Desk, plan: PostingPlan): Promise<void> {
  const { allocation, disbursements } = sourceRows(plan);
  await post(desk, 'allocations', [allocation]);
  await post(desk, 'disbursements', disbursements);
}

/**
 * Single postings from 64 callers, beside bare POSTs of the same body, in turns: the same client, connections kept alive,
 * client, servers and database on the same processors. What is answered is durable here and nothing is there.
 */
export async function benchPostings(
  desk: Desk,
  servers: {
    readonly ours: ServerProcess;
    readonly bare: ServerProcess;
    readonly databaseUrl: string;
  },
  { turns = 3, postingsEach = 1_500 } = {},
): Promise<PostingsBench> {
  const { ours, bare, databaseUrl } = servers;
  const plan = { prefix: 'BS', holdings: 256, yuanEach: 1_000_000 };
  await postSources(desk, plan);
  const bareClient = new BenchClient(bare.url, CALLERS);
  const [bares, rates]: [number[], number[]] = [[], []];
  const spent = { server: 0, database: 0, bare: 0 };
  const bareClocks = [['bare', () => Promise.resolve(bare.processorMs())]] as const;
  const ourClocks = [
    ['server', () => Promise.resolve(ours.processorMs())],
    ['database', () => sessionsMs(databaseUrl)],
  ] as const;
  let posted = 0;
  for (let turn = 0; turn < turns + 1; turn += 1) {
    // The first turn warms both up; the longer way through ours takes longer to be compiled.
    const isWarmUp = turn === 0;
    const bareCount = (isWarmUp ? WARM_UP_TURNS : 2) * postingsEach;
    const bareRun = await timed(bareClocks, isWarmUp ? null : spent, () =>
      perSecondFrom(CALLERS, bareCount, async (index) => {
        const body = { kind: 'payments', rows: [paymentRow(plan, index)] };
        await bareClient.postJson('/bare', '', body);
      }),
    );
    const count = isWarmUp ? WARM_UP_TURNS * postingsEach : postingsEach;
    const ourRun = await timed(ourClocks, isWarmUp ? null : spent, async () => {
      const rate = await perSecondFrom(CALLERS, count, () => {
        posted += 1;
        return post(desk, 'payments', [paymentRow(plan, posted)]);
      });
      await untilAllIsProjected(desk);
      return rate;
    });
    if (isWarmUp) continue;
    bares.push(bareRun);
    rates.push(ourRun);
  }
  bareClient.close();
  const [barePosts, postings] = [median(bares), median(rates)];
  const all = turns * postingsEach;
  return {
    ...{ barePosts, posts: 2 * postings, postings },
    ...{ postsRatio: (2 * postings) / barePosts, postingsRatio: postings / barePosts },
    processor: {
      ...{ server: spent.server / all, database: spent.database / all },
      bare: spent.bare / (2 * all),
    },
  };
}

/** Nothing that a posting leads to is left for the turn of the other side. */
async function untilAllIsProjected({ client, checker }: Desk): Promise<void> {
  const answer = await client.send('GET', '/api/v1/alerts?limit=1', { cookie: checker });
  if (answer.status !== 200) throw new Error(answer.body);
}

type Part = keyof PostingsBench['processor'];
type Clock = () => Promise<number | null>;

/** Runs `work`, and adds to `spent` what its clocks went on by meanwhile; NaN where one of them does not tell. */
async function timed(
  clocks: readonly (readonly [Part, Clock])[],
  spent: Record<Part, number> | null,
  work: () => Promise<number>,
): Promise<number> {
  const before = await Promise.all(clocks.map(([, read]) => read()));
  const rate = await work();
  const after = await Promise.all(clocks.map(([, read]) => read()));
  clocks.forEach(([part], at) => {
    if (spent) spent[part] += (after[at] ?? NaN) - (before[at] ?? NaN);
  });
  return rate;
}

/** A file of payments through the door, beside COPY of the events it became. */
export async function benchFile(desk: Desk, databaseUrl: string, rows: number): Promise<FileBench> {
  const plan = { prefix: 'BF', holdings: 500, yuanEach: 1_000_000 };
  await postSources(desk, plan);
  const { begun, read, done } = await postFile(desk, paymentsCsv(plan, rows));
  // What the file leads to would share the cores with COPY, and make it slower than it is.
  await untilAllIsProjected(desk);
  const copy = await copyRate(databaseUrl, rows);
  const uploadToPosted = (rows * 1000) / (done - begun);
  const [readSeconds, postSeconds] = [(read - begun) / 1000, (done - read) / 1000];
  return { rows, uploadToPosted, readSeconds, postSeconds, copy, ratio: uploadToPosted / copy };
}

/** Uploads a file of payments and certifies it; when that began, was read, and was posted. */
export async function postFile(desk: Desk, csv: string) {
  const { body, type } = form('payments.csv', csv);
  const { client, maker, checker } = desk;
  const begun = performance.now();
  const headers = { 'content-type': type, cookie: maker };
  const answer = await client.send('POST', '/api/v1/submissions', headers, body);
  if (answer.status >= 300) throw new Error(answer.body);
  let state = JSON.parse(answer.body) as { id: string; status: string; errors: number };
  state = await until(desk, state.id, 'validating');
  if (state.status !== 'validated' || state.errors > 0) throw new Error(JSON.stringify(state));
  const read = performance.now();
  const path = `/api/v1/submissions/${state.id}/certification`;
  await client.postJson(path, checker, { rows: 'all' });
  state = await until(desk, state.id, 'posting');
  if (state.status !== 'posted') throw new Error(JSON.stringify(state));
  return { begun, read, done: performance.now() };
}

async function until(desk: Desk, id: string, while_: string) {
  for (;;) {
    const headers = { cookie: desk.maker };
    const answer = await desk.client.send('GET', `/api/v1/submissions/${id}`, headers);
    const state = JSON.parse(answer.body) as { id: string; status: string; errors: number };
    if (state.status !== while_) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function form(fileName: string, content: string): { body: Buffer; type: string } {
  const boundary = 'fundflow-bench-boundary';
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n` +
    'Content-Type: text/csv\r\n\r\n';
  const body = Buffer.from(`${head}${content}\r\n--${boundary}--\r\n`, 'utf8');
  return { body, type: `multipart/form-data; boundary=${boundary}` };
}
