// `npm run bad-inputs -- --count 1000000 --seed 1`: mutated files for the commands of the verifier. Exits 1 when one was
// called valid, broke the verifier or was answered in anything but one sentence.
import { parseArgs } from 'node:util';
import { handInBadInputs } from './bad-inputs.js';

const COUNT_MAX = 10_000_000;
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const count = Number(values.count);
if (!Number.isSafeInteger(count) || count < 1 || count > COUNT_MAX) {
  throw new RangeError(`--count is a number from 1 to ${COUNT_MAX}`);
}
const tallies = await handInBadInputs(count, Number(values.seed));
console.table(tallies, ['inputs', 'tampered', 'undecided', 'harmless']);
const wrong = Object.values(tallies).flatMap(({ wronglyValid, failed, unclear }) => [
  ...wronglyValid,
  ...failed,
  ...unclear,
]);
for (const text of wrong) console.error(text);
console.log(`${count} mutated files (seed ${values.seed}), ${wrong.length} answered wrongly`);
process.exitCode = wrong.length === 0 ? 0 : 1;
