import type { DataSource, QueryRunner } from 'typeorm';
import {
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import { eventually } from '../../../test/support/eventually.js';
import {
  BooksController,
  brief,
  PASSWORD_OF_ALL,
  somebody,
} from '../../../test/support/identity-people.js';
import { IdentityDatabase } from '../identity-database.js';
import { hashPassword } from '../sign-in/password.js';
import { Sessions } from '../sign-in/sessions.js';
import { UserDirectory } from '../accounts/user-directory.js';

/* Two changes of one account, of which the second began before the first was through. */

let database: DataSource;
let ledger: IdentityLedger;
let first: QueryRunner;
beforeAll(async () => {
  database = await identityDatabase();
  ledger = await startIdentityLedger({ database, controllers: [BooksController] });
  first = database.createQueryRunner();
});
afterAll(async () => {
  await first.release();
  await ledger.close();
  await database.destroy();
});

/** `second` has begun and waits for the row of the account; then the first change counts. */
async function meanwhile<T>(change: string, id: string, second: () => Promise<T>): Promise<T> {
  await first.startTransaction();
  await first.query(`UPDATE identity_users SET ${change} WHERE id = $1`, [id]);
  const done = second();
  await eventually(async () => {
    const waiting = (await database.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'identity_users'`,
    )) as unknown[];
    return waiting.length > 0 ? true : null;
  });
  await first.commitTransaction();
  return done;
}

describe('an account', () => {
  it('that is disabled stays so, whatever else was being changed', async () => {
    const { id } = await somebody(ledger, 'inspector', '45');
    const users = ledger.app.get(UserDirectory);
    const changed = await meanwhile('disabled = true', id, () =>
      users.change(id, { unit: '另一单位' }, id),
    );
    expect(changed).toMatchObject({ unit: '另一单位', disabled: true });
    expect(await users.find(id)).toMatchObject({ unit: '另一单位', disabled: true });
  });

  it('keeps the password it was given while the old one was being hashed anew', async () => {
    const { id, login } = await somebody(ledger, 'inspector', '45');
    const cost = { logN: 5, r: 1, p: 1 };
    const costly = new UserDirectory(
      ...([new IdentityDatabase(database), ledger.app.get(Sessions), () => new Date()] as const),
      cost,
    );
    const hash = await hashPassword('quite another word 2', cost);
    await meanwhile(`password_hash = '${hash}'`, id, () => costly.verify(login, PASSWORD_OF_ALL));
    expect(await costly.verify(login, PASSWORD_OF_ALL)).toBeNull();
    expect(await costly.verify(login, 'quite another word 2')).toMatchObject({
      user: { login },
    });
  });

  const CHEAP = { logN: 4, r: 1, p: 1 };
  const another = async () =>
    `password_hash = '${await hashPassword('quite another word 2', CHEAP)}'`;
  const sessionsOf = async (id: string) =>
    (await database.query<unknown[]>('SELECT FROM identity_sessions WHERE user_id = $1', [id]))
      .length;

  it('opens no session for a password that was changed after it had been looked at', async () => {
    const { id, login } = await somebody(ledger, 'inspector', '45');
    const body = { user: login, password: PASSWORD_OF_ALL };
    const change = await another();
    const signedIn = await meanwhile(change, id, () => ledger.ask('/api/v1/session', { body }));
    expect(brief(signedIn)).toEqual({ status: 401, code: 'bad-credentials' });
    expect(await sessionsOf(id)).toBe(0);
    await ledger.login(login, 'quite another word 2');
  });

  it('that is disabled opens none either, not even for later', async () => {
    const { id, login } = await somebody(ledger, 'inspector', '45');
    const body = { user: login, password: PASSWORD_OF_ALL };
    const signedIn = await meanwhile('disabled = true', id, () =>
      ledger.ask('/api/v1/session', { body }),
    );
    expect(brief(signedIn)).toEqual({ status: 401, code: 'bad-credentials' });
    expect(await sessionsOf(id)).toBe(0);
  });

  it('keeps the password an administrator set while its owner was changing the old one', async () => {
    const { id, login } = await somebody(ledger, 'inspector', '45');
    const cookie = await ledger.login(login, PASSWORD_OF_ALL);
    const body = { current: PASSWORD_OF_ALL, password: 'a third long word 3' };
    const change = await another();
    const changed = await meanwhile(change, id, () =>
      ledger.ask('/api/v1/session/password', { method: 'PUT', cookie, body }),
    );
    expect(brief(changed)).toEqual({ status: 401, code: 'bad-credentials' });
    await ledger.login(login, 'quite another word 2');
  });

  it('lets two in at once whose common password is being hashed anew', async () => {
    const { login } = await somebody(ledger, 'inspector', '45');
    const users = new UserDirectory(
      ...([new IdentityDatabase(database), ledger.app.get(Sessions), () => new Date()] as const),
      { logN: 5, r: 1, p: 1 },
    );
    const both = await Promise.all([1, 2].map(() => users.verify(login, PASSWORD_OF_ALL)));
    expect(both).toMatchObject([{ user: { login } }, { user: { login } }]);
    const now = await users.verify(login, PASSWORD_OF_ALL);
    expect(both.map((each) => each?.passwordHash)).toEqual([now?.passwordHash, now?.passwordHash]);
  });
});
