// `npm run mutate-proofs -- --count 1000000 --seed 1`: how many mutated proofs the verifiers accept. Exits 1 unless none.
import { parseArgs } from 'node:util';
import { mutateProofs } from './mutated-proofs.js';

const COUNT_MAX = 100_000_000;
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 1 || count > COUNT_MAX) {
  throw new RangeError(`--count is a number from 1 to ${COUNT_MAX}`);
}
const startedAt = performance.now();
const tallies = mutateProofs(count, Number(values.seed));
const seconds = (performance.now() - startedAt) / 1000;
console.table(tallies);
const accepted = Object.values(tallies).reduce((sum, tally) => sum + tally.accepted, 0);
console.log(
  `${count} mutated proofs (seed ${values.seed}), ${accepted} accepted, ${seconds.toFixed(1)} s`,
);
process.exitCode = accepted === 0 ? 0 : 1;
