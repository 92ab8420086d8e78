// `npm run oracle -- --rows 2000 --histories 5 --seed 1`: random histories, each against an empty ledger of its own, decided
// and answered a second time by test/oracle. Exits 1 where anything differs.
import { parseArgs } from 'node:util';
import { startLedger } from '../e2e/support/running-ledger.js';
import { askOracle, whyNoOracle } from './oracle.js';

const ROWS_MAX = 20_000;
const HISTORIES_MAX = 1_000;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '2000' },
    histories: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});

function wholeNumber(name: 'rows' | 'histories' | 'seed', most: number): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 1 && number <= most) return number;
  throw new RangeError(`--${name} is a number from 1 to ${most}`);
}

const rows = wholeNumber('rows', ROWS_MAX);
const histories = wholeNumber('histories', HISTORIES_MAX);
const seed = wholeNumber('seed', Number.MAX_SAFE_INTEGER - HISTORIES_MAX);
const why = whyNoOracle();
if (why !== null) throw new Error(why);

const counted = new Map<string, number>();
let [handedIn, compared, differences] = [0, 0, 0];
for (let at = 0; at < histories; at += 1) {
  const ledger = await startLedger({ logLevel: 'error' }, {});
  const said = await askOracle(ledger.url, rows, seed + at);
  await ledger.remove();
  handedIn += said.rows;
  compared += said.compared;
  differences += said.differences;
  for (const [verdict, count] of Object.entries(said.verdicts)) {
    counted.set(verdict, (counted.get(verdict) ?? 0) + count);
  }
  for (const one of said.different) console.log(JSON.stringify(one));
  console.log(`seed ${seed + at}: ${said.rows} rows, ${said.compared} compared`);
}
console.table(Object.fromEntries([...counted].sort(([a], [b]) => a.localeCompare(b))));
console.log(`${handedIn} rows, ${compared} comparisons: ${differences} differences`);
process.exit(differences === 0 ? 0 : 1);
