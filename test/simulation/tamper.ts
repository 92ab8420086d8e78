// `npm run tamper -- --places 1000 --records 100000 --seed 1`: twelve ways to change a ledger, and who notices.
// Exits 1 unless everything is found, with its index, and nothing else is. What each number means: docs/tamper-campaign.md.
import { parseArgs } from 'node:util';
import { type TamperTally, tamperCampaign } from './tamper-campaign.js';

const RECORDS_MAX = 1_000_000;
const PLACES_MAX = 1_000_000;
const text = (standard: string) => ({ type: 'string', default: standard }) as const;
const { values } = parseArgs({
  options: {
    places: text('1000'),
    records: text('100000'),
    samples: text('5'),
    clean: text('1000'),
    seed: text('1'),
  },
});

function numberOf(name: keyof typeof values, min: number, max: number): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`--${name} is a number from ${min} to ${max}`);
}

const startedAt = performance.now();
const result = await tamperCampaign(
  {
    records: numberOf('records', 1_000, RECORDS_MAX),
    places: numberOf('places', 1, PLACES_MAX),
    samples: numberOf('samples', 0, 1_000),
    cleanRuns: numberOf('clean', 0, 100_000),
    seed: numberOf('seed', 0, 0xffff_ffff),
  },
  (line) => console.error(line),
);
const shown = (tallies: ReadonlyMap<string, TamperTally>): Record<string, object> =>
  Object.fromEntries(
    [...tallies].map(([kind, { by, ...counts }]) => {
      const noticed = [...by].map(([who, count]) => `${who} ${count}`).join('; ');
      return [kind, { ...counts, noticed }];
    }),
  );
console.log('Places, in the streams of the log:');
console.table(shown(result.places));
console.log('Samples, in a copy of the database:');
console.table(shown(result.samples));
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  `${result.falseAlarms} false alarms in ${result.cleanRuns} clean runs; seed ${values.seed}, ${seconds} s`,
);
const isWhole = [...result.places.values(), ...result.samples.values()].every(
  ({ places, found, indexed, named }) => found === places && named === indexed,
);
process.exitCode = isWhole && result.falseAlarms === 0 ? 0 : 1;
