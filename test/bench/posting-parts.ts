import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { perSecondFrom } from './http-client.js';
import { paymentRow } from './plan-for-posting.js';
import { openDesk, post, postSources } from './postings.js';
import { mainThreadMs, sessionsMs, threadsMs } from './processor-time.js';
import { startDemo } from './server-process.js';

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

/**
 * What a single posting consists of: the server under a profiler, 64 callers. The profiler slows the main thread by about
 * a tenth; its own thread is left out. `node dist/test/bench/posting-parts.js` prints it.
 */
async function benchPostingParts({ warmUp = 6_000, postings = 4_000 } = {}): Promise<PostingParts> {
  const url = await (await startTestDatabase()).createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'fundflow-parts-'));
  const profiles = join(folder, 'profiles');
  const flags = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', profiles];
  const server = await startDemo({
    databaseUrl: url,
    data: join(folder, 'data'),
    password: PASSWORD,
    flags,
  });
  try {
    const desk = await openDesk(server, PASSWORD);
    const plan = { prefix: 'PP', holdings: 256, yuanEach: 1_000_000 };
    await postSources(desk, plan);
    let posted = 0;
    const payOne = (): Promise<void> => {
      posted += 1;
      return post(desk, 'payments', [paymentRow(plan, posted)]);
    };
    const clocks = async () => ({
      atMicros: Number(process.hrtime.bigint() / 1000n),
      all: server.processorMs(),
      main: mainThreadMs(server.pid),
      profiler: threadsMs(server.pid, PROFILER),
      database: await sessionsMs(url),
    });
    await perSecondFrom(CALLERS, warmUp, payOne);
    const before = await clocks();
    await perSecondFrom(CALLERS, postings, payOne);
    const after = await clocks();
    desk.client.close();
    await server.stop();
    const each = (part: 'all' | 'main' | 'profiler' | 'database'): number =>
      ((after[part] ?? NaN) - (before[part] ?? NaN)) / postings;
    const shares = await sharesOf(profiles, before.atMicros, after.atMicros);
    return {
      postings,
      layers: shares.map(([layer, share]) => [layer, share * each('main')] as const),
      otherThreads: each('all') - each('main') - each('profiler'),
      database: each('database'),
    };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
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
    const { functionName, url } = callFrame;
    if (functionName === '(idle)') {
      layers.delete(id);
      continue;
    }
    const own = LAYERS.find(([, code]) => code.test(url === '' ? functionName : url))?.[0];
    const layer = own ?? layers.get(id) ?? NODE;
    layers.set(id, layer);
    for (const child of children ?? []) layers.set(child, layer);
  }
  return layers;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { postings, layers, otherThreads, database } = await benchPostingParts();
  const lines = [
    ...layers,
    ['helpers of the collector and the compiler, the notary', otherThreads] as const,
    ['PostgreSQL', database] as const,
  ];
  const total = lines.reduce((sum, [, ms]) => sum + ms, 0);
  const row = ([what, ms]: readonly [string, number]): string => `| ${what} | ${ms.toFixed(3)} |\n`;
  process.stdout.write(`| ms a posting (of ${postings}) | |\n|---|---|\n`);
  process.stdout.write([...lines, ['all of it', total] as const].map(row).join(''));
  process.exit(0);
}
