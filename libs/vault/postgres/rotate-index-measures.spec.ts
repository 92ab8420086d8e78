import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import type { PayeeValues } from '../payload.js';
import { sealPayee, subjectOf } from '../seal.js';
import { deriveVaultKey } from '../vault-key.js';
import type { VaultEntry } from '../vault.js';
import { Erasures } from './erasures.js';
import { singleKey } from './keyring.js';
import { PersonalMeasures } from './measures.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';
import { type IndexRotation, type IndexRotationSettings, rotateIndexKey } from './rotate-index.js';

const WEI: PayeeValues = {
  name: '韦小某',
  code: '45012419650101123X',
  account: '6228480012345678',
};
const QIN: PayeeValues = { name: '覃大某', code: '450124197003031238', account: null };

const DAY = '2020-01-01';

describe('what was decided about people, while the key of the blind indexes is changed', () => {
  const source = singleKey(deriveVaultKey(randomBytes(32)));
  let pool: pg.Pool;
  /** Of a process that goes on beside it. */
  let running: PostgresVault;
  beforeEach(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString, max: 8 });
    running = await openPostgresVault(pool, source);
  });
  afterEach(() => pool.end());

  /** Event ids, and how they were named. */
  async function put(people: readonly PayeeValues[]) {
    const entries = people.map((values) => {
      const eventId = randomUUID();
      const recordKey = `record:${eventId}`;
      const { sealed, subject } = sealPayee(values, recordKey, running.keys);
      return { eventId, recordKey, sealed, subject, region: '450124' };
    });
    await running.putAll(entries);
    return entries;
  }

  const rotate = (settings: Partial<IndexRotationSettings> = {}): Promise<IndexRotation> =>
    rotateIndexKey({
      ...{ pool, source },
      elsewhere: { rename: () => Promise.resolve(), forgetOthers: () => Promise.resolve() },
      renameStaged: () => Promise.resolve(),
      keepApart: () => undefined,
      ...settings,
    });

  const entriesOf = async (subject: Buffer): Promise<number> =>
    (await running.findSubject(subject, { after: null, limit: 100 })).length;

  it('holds, restrictions and erasures stay with their person at every step', async () => {
    const [wei, qin] = (await put([WEI, QIN])).map(({ eventId }) => eventId);
    const eventId = wei as string;
    const [measures, erasures] = [new PersonalMeasures(pool), new Erasures(pool)];
    const before = (await measures.subjectOf(eventId)) as Buffer;
    const hold = { subject: before, region: '450124', caseId: 'c-1', until: null };
    const holdIds = [randomUUID(), randomUUID()] as const;
    await measures.setHold({ ...hold, holdId: holdIds[0] }, eventId);
    await measures.restrict({ restrictionId: randomUUID(), subject: before, until: null }, eventId);
    const erasureId = randomUUID();
    const proposal = {
      region: '450124',
      basis: 'order',
      proposedBy: 'u-1',
      proposedAt: new Date(),
    };
    await erasures.propose({ ...proposal, erasureId, subject: before }, eventId);
    const expectHeld = async (): Promise<void> => {
      const [added] = await put([WEI]);
      const ids = [eventId, added?.eventId as string];
      for (const id of ids) {
        const subject = (await measures.subjectOf(id)) as Buffer;
        expect(await measures.holdsOn(subject, DAY)).toHaveLength(1);
        expect(await measures.regionsOf(subject)).toEqual(['450124']);
        const kept = await running.findSubject(subject, { after: null, limit: 100 });
        expect(kept).toEqual(expect.arrayContaining(ids));
        expect((await erasures.find(erasureId))?.subject).toEqual(subject);
      }
      const standing = await running.standing([...ids, qin as string]);
      expect(standing).toEqual(new Map(ids.map((id) => [id, 'restricted'])));
    };
    await rotate({ batch: 1, onProgress: expectHeld });
    await expectHeld();
    const by = { id: 'u-2', unit: 'u', region: '45' };
    const looked = (await erasures.find(erasureId)) as { erasureId: string; subject: Buffer };
    // A measure that was asked for by the name of before is about the same person.
    await measures.setHold({ ...hold, holdId: holdIds[1] }, eventId);
    expect(await measures.holdsOn(looked.subject, DAY)).toHaveLength(2);
    for (const holdId of holdIds) await measures.liftHold(holdId);
    // Looked up under the name of before: what speaks against it has to be looked up again.
    expect(await erasures.approve({ erasureId, subject: before }, by, DAY)).toBe('look-again');
    expect(await erasures.approve(looked, by, DAY)).toBe(true);
    const approved = (await erasures.find(erasureId))?.eventIds ?? [];
    expect(approved).toHaveLength(await entriesOf(looked.subject));
  });

  it('gives measures about people of whom nothing is kept a name that says nothing', async () => {
    const [wei] = await put([WEI]);
    const { eventId, subject } = wei as VaultEntry;
    await new PersonalMeasures(pool).restrict(
      { restrictionId: randomUUID(), subject, until: null },
      eventId,
    );
    await running.destroy([eventId]);
    const former = running.keys.index;
    await rotate();
    const { rows } = await pool.query<{ subject: Buffer }>(
      'SELECT subject FROM vault_restrictions',
    );
    const now = await openPostgresVault(pool, source);
    const names = [former, now.keys.index].map((index) => subjectOf(WEI, index));
    expect(names.some((name) => name.equals((rows[0] as { subject: Buffer }).subject))).toBe(false);
  });
});
