import { canonicalRecord } from '@fundflow/event-store/canonical';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { envelopeOf } from '../support/envelopes.js';
import { goldenEvents } from '../golden/events/golden-events.js';
import { eventually } from '../support/eventually.js';
import type { ProblemBody } from './support/answers.js';
import { send } from './support/person.js';
import { allocation } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

interface Health {
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[];
}

/** A record of a later program: nothing here can read it. */
async function appendFromTheFuture(): Promise<bigint> {
  const store = await openPostgresEventStore({ connectionString: ledger.running.databaseUrl });
  try {
    const limit = goldenEvents().find(({ type }) => type === 'RuleLimitSet')!;
    const at = { version: 1, recordedAt: new Date().toISOString(), cause: 'test' };
    const envelope = { ...envelopeOf(limit, at), schema: 99 };
    const { eventId, type, recordedAt, stream: streamId } = envelope;
    const events = [{ eventId, type, recordedAt, record: canonicalRecord(envelope) }];
    const [result] = await store.append([{ streamId, expectedVersion: 0, events }]);
    if (result?.outcome !== 'appended') throw new Error(JSON.stringify(result));
    return result.lastPosition;
  } finally {
    await store.close();
  }
}

describe('a record that cannot be folded', () => {
  it('stops the tables with its position and turns health red; what needs no tables goes on', async () => {
    const { id } = await ledger.post('allocations', allocation('before'));
    const position = await appendFromTheFuture();
    const { checks } = await eventually(async () => {
      const { status, body } = await send<Health>(`${ledger.running.url}/health/ready`, {});
      return status === 503 ? body : null;
    });
    expect(checks).toContainEqual({
      ...{ name: 'read-model', ok: false, since: expect.any(String) },
      message: `停在账本第 ${position} 条记录之前：本程序不能处理这条记录`,
    });
    const said = ledger.running.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(said.filter(({ event }) => event === 'read-model-stopped')).toEqual([
      expect.objectContaining({
        position: `${position}`,
        message: expect.stringMatching('schema 99'),
      }),
    ]);
    const handedIn = await ledger.as('centre-maker').handIn('allocations', [allocation('after')]);
    expect([handedIn.status, handedIn.body.status]).toEqual([201, 'validated']);
    const certified = await ledger.as('centre-checker').certify(handedIn.body.id);
    expect([certified.status, certified.body.postedRows]).toEqual([200, 1]);
    expect((await ledger.as('centre-maker').get(`/api/v1/submissions/${id}`)).status).toBe(200);
    // Never an answer that leaves it out: it says how far the tables are behind.
    const asked = await ledger
      .as('centre-checker')
      .get<ProblemBody & { behind: string }>('/api/v1/counties/45/summary');
    expect([asked.status, asked.body.code]).toEqual([503, 'not-up-to-date']);
    expect(Number(asked.body.behind)).toBeGreaterThan(1);
  });
});
