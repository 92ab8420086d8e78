import { join } from 'node:path';
import { BenchClient, perSecondFrom } from './http-client.js';
import { median } from './median.js';
import { paymentRow } from './plan-for-posting.js';
import { mainThreadMs } from './processor-time.js';
import { type ServerProcess, startServer } from './server-process.js';

const CALLERS = 64;
const PLAN = { prefix: 'BE', holdings: 256, yuanEach: 1_000_000 };
const CERTIFICATION = '/submissions/0191d3c4-1111-7222-8333-444455556666/certification';

/** The two POSTs of a posting, as each of the servers takes them. */
const SERVERS: readonly (readonly [what: string, program: string, paths: readonly string[]])[] = [
  ['bare Nest-Fastify', 'bare-server.js', ['/bare', '/bare']],
  ['our edge, nothing behind it', 'edge-server.js', ['/submissions', CERTIFICATION]],
];

/**
 * What two POSTs cost before and behind the ledger's own work, processor time of the main thread in µs, beside two bare
 * ones: 64 callers, in turns. `node dist/test/bench/edge.js` prints it.
 */
const spent = SERVERS.map((): number[] => []);
for (let turn = 0; turn < 3; turn += 1) {
  for (const [at, [, program, paths]] of SERVERS.entries()) {
    const server = await startServer([join(import.meta.dirname, program)], {});
    spent[at]?.push(await microsOf(server, paths));
    await server.stop();
  }
}
for (const [at, [what]] of SERVERS.entries()) {
  const each = (spent[at] ?? []).map((micros) => micros.toFixed(0)).join(', ');
  process.stdout.write(`${what}: ${median(spent[at] ?? []).toFixed(0)} µs (${each})\n`);
}
process.exit(0);

async function microsOf(
  server: ServerProcess,
  paths: readonly string[],
  { warmUp = 8_000, count = 10_000 } = {},
): Promise<number> {
  const client = new BenchClient(server.url, CALLERS);
  const twoPosts = async (index: number): Promise<void> => {
    const bodies = [{ kind: 'payments', rows: [paymentRow(PLAN, index)] }, { rows: 'all' }];
    for (const [at, path] of paths.entries()) {
      const answer = await client.postJson(path, '', bodies[at]);
      if (answer.status >= 300) throw new Error(answer.body);
    }
  };
  await perSecondFrom(CALLERS, warmUp, twoPosts);
  const before = mainThreadMs(server.pid) ?? NaN;
  await perSecondFrom(CALLERS, count, twoPosts);
  const after = mainThreadMs(server.pid) ?? NaN;
  client.close();
  return ((after - before) * 1000) / count;
}
