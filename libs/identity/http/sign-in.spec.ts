import type { DataSource, QueryRunner } from 'typeorm';
import {
  identityDatabase,
  type IdentityLedger,
  overseen,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import { DEMO_PASSWORD } from '../../../test/support/identity-people.js';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import { AccessRelay } from '../access-relay.js';
import { createDemoUsers } from '../accounts/demo-users.js';
import { UserDirectory } from '../accounts/user-directory.js';

const SESSION = '/api/v1/session';
const nowMs = Date.UTC(2019, 5, 30, 1);
let database: DataSource;
let ledger: IdentityLedger;

/** What the database was asked, in order. */
const asked: string[] = [];
const nothing = () => undefined;
const listening = {
  logQuery: (statement: string, _values?: unknown[], _runner?: QueryRunner) => {
    asked.push(statement);
  },
  ...{ logQueryError: nothing, logQuerySlow: nothing, logSchemaBuild: nothing },
  ...{ logMigration: nothing, log: nothing },
};

beforeAll(async () => {
  database = await identityDatabase();
  const now = () => new Date(nowMs);
  ledger = await startIdentityLedger({ database, controllers: [], now });
  const users = ledger.app.get(UserDirectory);
  await createDemoUsers(users, { password: DEMO_PASSWORD });
  const hotline = await users.findByLogin('hotline');
  await users.change(hotline?.id ?? '', { disabled: true }, hotline?.id ?? '');
  database.setOptions({ logging: ['query'], logger: listening });
});
afterAll(async () => {
  await ledger.close();
  await database.destroy();
});

const signIn = (user: string, password: string) =>
  ledger.ask(SESSION, { body: { user, password } });

/** Without what the clock asks every second. */
async function statementsOf(user: string): Promise<string[]> {
  asked.splice(0);
  const { status, code } = await signIn(user, 'wrong');
  expect({ status, code }).toEqual({ status: 401, code: 'bad-credentials' });
  return asked.filter((statement) => !/logged/.test(statement));
}

describe('a sign-in in vain', () => {
  it('asks the database the same, whether the user is known, unknown or disabled', async () => {
    const known = await statementsOf('maker');
    expect(known).toHaveLength(2);
    expect(await statementsOf('nobody-here')).toEqual(known);
    expect(await statementsOf('hotline')).toEqual(known);
  });

  it('on a login nobody has is kept without what was typed, and is no event of any account', async () => {
    await database.query('UPDATE identity_access_records SET logged = true');
    await signIn('my-secret-typed-too-early', 'wrong');
    await signIn('checker', 'wrong');
    const store = new InMemoryEventStore();
    await new AccessRelay(database, overseen(store)).flush();
    const kept = await database.query<Record<string, unknown>[]>(
      `SELECT * FROM identity_access_records ORDER BY position DESC LIMIT 2`,
    );
    expect(kept.map((row) => row['subject_id'])).toEqual([expect.any(String), null]);
    expect(kept.every((row) => row['logged'] === true && row['address'] === '127.0.0.1')).toBe(
      true,
    );
    expect(JSON.stringify(kept)).not.toContain('secret');
  });

  it('does not count when the database could not be asked', async () => {
    await database.query('ALTER TABLE identity_users RENAME TO identity_users_away');
    for (let time = 0; time < 10; time += 1) {
      expect((await signIn('inspector', 'wrong')).status).toBe(500);
    }
    await database.query('ALTER TABLE identity_users_away RENAME TO identity_users');
    expect((await signIn('inspector', DEMO_PASSWORD)).status).toBe(201);
  });
});
