import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { perSecondFrom } from './http-client.js';
import { paymentRow } from './plan-for-posting.js';
import { openDesk, post, postSources } from './postings.js';
import { mainThreadMs, sessionsMs, threadsMs } from './processor-time.js';
import { type ServerProcess, startDemo } from './server-process.js';

const PASSWORD = 'bench-password-0123456789';
const CALLERS = 64;
/** The thread that only a server under a profiler has. */
const PROFILER = 'v8:ProfEvntProc';

/** What a frame of the main thread belongs to, by where its code lies; the first that fits. */
const LAYERS: readonly (readonly [string, RegExp])[] = [
  ['collecting garbage', /^\(garbage collector\)$/],
  ['driver of PostgreSQL, with its sockets', /node_modules\/(pg|pg-[a-z-]+|typeorm)\//],
  ['rules, records, the way into the log', /\/libs\/(domain|command-handling|event-store)\//],
  [
    'rows, submissions, the vault',
    /\/libs\/(intake|submissions|vault|postgres-arrays|divisions)\//,
  ],
  [
    'read tables, alerts, proof',
    /\/libs\/(projections|oversight|proof|.*-alerts)\/|\/apps\/notary\//,
  ],
  ['who asks and may, what is answered', /\/dist\/(libs|apps)\//],
  ['Nest, Fastify, checking bodies', /node_modules\//],
];
/** Whatever no package of ours or of others called: HTTP, sockets, the event loop. */
const NODE = 'Node: HTTP, sockets, promises';

export interface PostingParts {
  readonly postings: number;
  /** Processor time of one posting, ms: of the server's main thread by layer, in falling order. */
  readonly layers: readonly (readonly [string, number])[];
  /** Helpers of collector and compiler, the notary's thread. */
  readonly otherThreads: number;
  readonly database: number;
}

interface Profile {
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

/** A server that has been asked for single postings by 64 callers until it is warm, and asks for more. */
interface WarmServer {
  readonly server: ServerProcess;
  readonly databaseUrl: string;
  /** In the server's temporary folder, gone afterwards. */
  readonly folder: string;
  post(postings: number): Promise<void>;
}

async function withWarmServer<T>(
  { warmUp, flags }: { readonly warmUp: number; flags(folder: string): readonly string[] },
  work: (warm: WarmServer) => Promise<T>,
): Promise<T> {
  const databaseUrl = await (await startTestDatabase()).createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'fundflow-parts-'));
  const data = join(folder, 'data');
  const server = await startDemo({ databaseUrl, data, password: PASSWORD, flags: flags(folder) });
  try {
    const desk = await openDesk(server, PASSWORD);
    const plan = { prefix: 'PP', holdings: 256, yuanEach: 1_000_000 };
    await postSources(desk, plan);
    let posted = 0;
    const postMany = async (postings: number): Promise<void> => {
      await perSecondFrom(CALLERS, postings, () => {
        posted += 1;
        return post(desk, 'payments', [paymentRow(plan, posted)]);
      });
    };
    await postMany(warmUp);
    const result = await work({ server, databaseUrl, folder, post: postMany });
    desk.client.close();
    return result;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What a single posting consists of: the server under a profiler, 64 callers. The profiler slows the main thread by about
 * a tenth; its own thread is left out. `node dist/test/bench/posting-parts.js` prints it.
 */
async function benchPostingParts({ warmUp = 6_000, postings = 4_000 } = {}): Promise<PostingParts> {
  const profiles = (folder: string): string => join(folder, 'profiles');
  const flags = (folder: string): string[] => [
    ...['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', profiles(folder)],
  ];
  return withWarmServer({ warmUp, flags }, async ({ server, databaseUrl, folder, post: more }) => {
    const clocks = async () => ({
      atMicros: Number(process.hrtime.bigint() / 1000n),
      all: server.processorMs(),
      main: mainThreadMs(server.pid),
      profiler: threadsMs(server.pid, PROFILER),
      database: await sessionsMs(databaseUrl),
    });
    const before = await clocks();
    await more(postings);
    const after = await clocks();
    await server.stop();
    const each = (part: 'all' | 'main' | 'profiler' | 'database'): number =>
      ((after[part] ?? NaN) - (before[part] ?? NaN)) / postings;
    const shares = await sharesOf(profiles(folder), before.atMicros, after.atMicros);
    return {
      postings,
      layers: shares.map(([layer, share]) => [layer, share * each('main')] as const),
      otherThreads: each('all') - each('main') - each('profiler'),
      database: each('database'),
    };
  });
}

/** What of the heap a single posting asks for on the main thread, KB by layer in falling order: later it is all garbage. */
async function benchPostingGarbage({ warmUp = 6_000, postings = 2_000 } = {}): Promise<
  (readonly [string, number])[]
> {
  const sampler = new URL('allocation-sampler.js', import.meta.url);
  const file = (folder: string): string => join(folder, 'allocations.json');
  const flags = (folder: string): string[] => [
    '--import',
    `${sampler.href}?to=${encodeURIComponent(file(folder))}`,
  ];
  return withWarmServer({ warmUp, flags }, async ({ server, folder, post: more }) => {
    process.kill(server.pid, 'SIGUSR2');
    await more(postings);
    await server.stop();
    const profile = JSON.parse(await readFile(file(folder), 'utf8')) as { head: Allocations };
    const bytes = new Map<string, number>();
    addAllocations(profile.head, NODE, bytes);
    return [...bytes]
      .map(([layer, sum]) => [layer, sum / 1024 / postings] as const)
      .sort((a, b) => b[1] - a[1]);
  });
}

interface Allocations {
  readonly callFrame: Profile['nodes'][number]['callFrame'];
  /** Bytes. */
  readonly selfSize: number;
  readonly children: readonly Allocations[];
}

function addAllocations(node: Allocations, caller: string, bytes: Map<string, number>): void {
  const layer = ownLayer(node.callFrame) ?? caller;
  bytes.set(layer, (bytes.get(layer) ?? 0) + node.selfSize);
  for (const child of node.children) addAllocations(child, layer, bytes);
}

/** Shares of the main thread's working time between two moments of the machine's clock, by layer. */
async function sharesOf(
  folder: string,
  from: number,
  to: number,
): Promise<(readonly [string, number])[]> {
  // `…<process>.<thread>.<number>.cpuprofile`; the main thread is 0.
  const name = (await readdir(folder)).find((each) => /\.0\.\d+\.cpuprofile$/.test(each));
  const profile = JSON.parse(await readFile(join(folder, name ?? ''), 'utf8')) as Profile;
  const layerOf = layersOf(profile);
  const spent = new Map<string, number>();
  let at = profile.startTime;
  let busy = 0;
  profile.samples.forEach((node, index) => {
    const micros = profile.timeDeltas[index] ?? 0;
    at += micros;
    const layer = layerOf.get(node);
    if (at < from || at > to || layer === undefined) return;
    busy += micros;
    spent.set(layer, (spent.get(layer) ?? 0) + micros);
  });
  return [...spent]
    .map(([layer, micros]) => [layer, micros / busy] as const)
    .sort((a, b) => b[1] - a[1]);
}

/** The layer of every node: that of its own code, or of whoever called what Node has of its own; none where it was idle. */
function layersOf({ nodes }: Profile): Map<number, string> {
  const layers = new Map<number, string>();
  // Callers stand before those they call.
  for (const { id, callFrame, children } of nodes) {
    if (callFrame.functionName === '(idle)') {
      layers.delete(id);
      continue;
    }
    const layer = ownLayer(callFrame) ?? layers.get(id) ?? NODE;
    layers.set(id, layer);
    for (const child of children ?? []) layers.set(child, layer);
  }
  return layers;
}

const ownLayer = ({
  functionName,
  url,
}: Profile['nodes'][number]['callFrame']): string | undefined =>
  LAYERS.find(([, code]) => code.test(url === '' ? functionName : url))?.[0];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { postings, layers, otherThreads, database: sessions } = await benchPostingParts();
  const parts = [
    ...layers,
    ['helpers of the collector and the compiler, the notary', otherThreads] as const,
    ['PostgreSQL', sessions] as const,
  ];
  process.stdout.write(table(`ms a posting (of ${postings})`, parts, 3));
  process.stdout.write(`\n${table('KB of heap a posting', await benchPostingGarbage(), 1)}`);
  process.exit(0);
}

function table(
  head: string,
  parts: readonly (readonly [string, number])[],
  digits: number,
): string {
  const all = parts.reduce((sum, [, each]) => sum + each, 0);
  const rows = [...parts, ['all of it', all] as const].map(
    ([what, each]) => `| ${what} | ${each.toFixed(digits)} |\n`,
  );
  return `| ${head} | |\n|---|---|\n${rows.join('')}`;
}
