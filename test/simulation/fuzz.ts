// `npm run fuzz -- --requests 100000 --seed 1`: hostile requests against a whole ledger on loopback. Exits 1 where one was
// answered with 5xx or with an error that is no problem+json, or where the process grew beyond its bound.
import { parseArgs } from 'node:util';
import { startLedger } from '../e2e/support/running-ledger.js';
import { besiege } from './hostile-ledger.js';

const REQUESTS_MAX = 10_000_000;
/** Of this process, which holds the ledger and the besieger. */
const RSS_MIB_MAX = 1_536;
const EVERY = 5_000;
const MIB = 1_048_576;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
  },
});
const requests = Number(values.requests);
if (!Number.isSafeInteger(requests) || requests < 1 || requests > REQUESTS_MAX) {
  throw new RangeError(`--requests is a number from 1 to ${REQUESTS_MAX}`);
}
const ledger = await startLedger({ logLevel: 'error' }, {});
let rssMax = 0;
const startedAt = performance.now();
const findings = await besiege(ledger, requests, Number(values.seed), (sent) => {
  if (sent % EVERY !== 0) return;
  const rss = Math.round(process.memoryUsage.rss() / MIB);
  rssMax = Math.max(rssMax, rss);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${sent} requests, ${seconds} s, ${rss} MiB`);
});
const alive = await fetch(`${ledger.url}/health/ready`);
for (const line of ledger.logLines.filter((one) => one.includes('"incident"'))) console.log(line);
for (const line of findings.wrong) console.log(line);
console.table(findings.byStatus);
console.table(findings.byCode);
console.log(
  `${findings.requests} hostile requests (seed ${values.seed}): ${findings.wrong.length} answered wrongly, ` +
    `at most ${rssMax} MiB, ready afterwards: ${alive.status}`,
);
await ledger.remove();
const good = findings.wrong.length === 0 && alive.ok && rssMax <= RSS_MIB_MAX;
process.exit(good && findings.requests === requests ? 0 : 1);
