import { randomBytes, randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import pg from 'pg';
import { sealPayee } from '../seal.js';
import { deriveVaultKey } from '../vault-key.js';
import { type Erasure, Erasures } from './erasures.js';
import { singleKey } from './keyring.js';
import { PersonalMeasures } from './measures.js';
import { openPostgresVault, type PostgresVault } from './postgres-vault.js';

const WEI = { name: '韦小某', code: '45012419650101123X', account: null };
const DAY = '2020-01-02';
const BY = { id: 'u-2', unit: 'u', region: '45' };

describe('an erasure and a legal hold at the same time', () => {
  const source = singleKey(deriveVaultKey(randomBytes(32)));
  let pool: pg.Pool;
  let vault: PostgresVault;
  let erasures: Erasures;
  let measures: PersonalMeasures;
  beforeAll(async () => {
    const connectionString = await (await startTestDatabase()).createDatabase();
    pool = new pg.Pool({ connectionString, max: 4 });
    vault = await openPostgresVault(pool, source);
    [erasures, measures] = [new Erasures(pool), new PersonalMeasures(pool)];
  });
  afterAll(() => pool.end());

  /** A person of whom one payment is kept, and an erasure as it was when nothing spoke against it. */
  async function looked() {
    const [eventId, erasureId] = [randomUUID(), randomUUID()];
    const recordKey = `record:${eventId}`;
    const values = { ...WEI, name: `韦${eventId}`, code: null };
    const { sealed, subject } = sealPayee(values, recordKey, vault.keys);
    await vault.putAll([{ eventId, recordKey, sealed, subject, region: '450124' }]);
    const proposal = { region: '450124', basis: 'order', proposedBy: 'u-1' };
    const proposedAt = new Date();
    await erasures.propose({ ...proposal, erasureId, subject, proposedAt }, eventId);
    const erasure = (await erasures.find(erasureId)) as Erasure;
    const hold = (until: string | null) =>
      measures.setHold(
        { ...{ holdId: randomUUID(), subject, region: '450124', caseId: '案1' }, until },
        eventId,
      );
    return { eventId, erasure, hold };
  }

  it.each([
    ['for good', null, 'look-again'],
    ['until the end of the day', DAY, 'look-again'],
    ['until the day before', '2020-01-01', true],
  ])('a hold that came after it was looked for stops it: %s', async (_how, until, outcome) => {
    const { erasure, hold } = await looked();
    expect(await hold(until)).toBe(true);
    expect(await erasures.approve(erasure, BY, DAY)).toBe(outcome);
    const state = outcome === true ? 'approved' : 'proposed';
    expect(await erasures.find(erasure.erasureId)).toMatchObject({ state });
  });

  it('a hold on what is approved to go, or gone, is none: nobody is told that it is kept', async () => {
    const { eventId, erasure, hold } = await looked();
    expect(await erasures.approve(erasure, BY, DAY)).toBe(true);
    expect(await hold(null)).toBe(false);
    await vault.destroy([eventId]);
    await erasures.finish(erasure.erasureId);
    expect(await hold(null)).toBe(false);
    expect(await measures.holdsOn(erasure.subject, DAY)).toEqual([]);
  });
});
