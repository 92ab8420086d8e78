import type { RegionCode } from '@fundflow/domain/region';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { allocation, reversal } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const AHEAD_MS = 40 * 60_000;

/** What a process recorded whose clock was ahead; then it stopped, and somebody mended the clock. */
async function recordedAhead(): Promise<string> {
  const ahead = new Date(Date.now() + AHEAD_MS);
  const { databaseUrl } = ledger.running;
  const store = await openPostgresEventStore({
    ...{ connectionString: databaseUrl, acceptVolatile: true },
  });
  try {
    const oversight = new OversightLog(store, { keep: () => Promise.resolve() }, () => ahead);
    const by = { id: 'u-1', unit: '450124', region: '450124' as RegionCode };
    const exported = { question: 'GET /api/v1/events', about: '450124', format: 'csv', rows: 1 };
    const data = { ...exported, sha256: null, caseId: null };
    await oversight.record(by, { type: 'DataExported', data });
    return ahead.toISOString();
  } finally {
    await store.close();
  }
}

describe('a machine whose clock was set back', () => {
  it('records nothing before what the log has already, nor what came of a record before the record', async () => {
    await ledger.running.stop();
    const ahead = await recordedAhead();
    await ledger.running.start();
    await ledger.post('allocations', allocation('A'));
    await ledger.post('reversals', reversal('Z', 'A', { reversed_on: '2018-08-01' }));
    const { entries } = await ledger.events({ after: 0, limit: 1000 });
    const moments = entries.map(({ envelope }) => String(envelope?.['recordedAt']));
    expect(moments.length).toBeGreaterThan(2);
    expect([ahead, ...moments]).toEqual([ahead, ...moments].sort());
  });
});
