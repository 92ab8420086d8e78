import { allocation } from '../e2e/support/rows.js';
import { type RunningLedger, startLedger } from '../e2e/support/running-ledger.js';
import { languageOf } from '../e2e/support/the-ledger.js';
import { askOracle, whyNoOracle } from './oracle.js';

const ROWS = 250;
const SEED = 20201126;
const why = whyNoOracle();
let running: RunningLedger | null = null;

/** Where Python is missing one line says so, in the report and aloud. */
function withPython(what: string, specs: () => void): void {
  if (why === null) return describe(what, specs);
  it(`${what}: SKIPPED, ${why}`, () => {
    expect(process.stderr.write(`${what}: SKIPPED, ${why}\n`)).toBeDefined();
  });
}

withPython('the contract, read a second time in another language', () => {
  afterEach(async () => {
    await running?.remove();
    running = null;
  });

  it('decides every row and gives every answer as the ledger does', async () => {
    running = await startLedger({}, {});
    const { different, rows, compared, verdicts } = await askOracle(running.url, ROWS, SEED);
    expect(different).toEqual([]);
    expect(rows).toBeGreaterThanOrEqual(ROWS);
    expect(compared).toBeGreaterThan(rows);
    // Rows of every kind were posted: a history that is refused shows nothing.
    expect(Object.keys(verdicts)).toEqual(
      expect.arrayContaining([
        ...['allocations posted', 'supplements posted', 'disbursements posted'],
        ...['payments posted', 'returns posted', 'reversals posted', 'projects posted'],
      ]),
    );
  });

  it('finds what it was not told: one allocation more', async () => {
    running = await startLedger({}, {});
    const ledger = running;
    await languageOf(() => ledger).post('allocations', allocation('UNTOLD'));
    const { differences } = await askOracle(running.url, 20, SEED);
    expect(differences).toBeGreaterThan(0);
  });
});
