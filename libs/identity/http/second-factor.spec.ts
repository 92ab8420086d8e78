import { Secret } from 'otpauth';
import type { DataSource } from 'typeorm';
import {
  type AskLedger,
  cookieOf,
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import {
  BooksController,
  brief,
  PASSWORD_OF_ALL,
  somebody,
} from '../../../test/support/identity-people.js';
import { deriveVaultKey, type VaultKey } from '@fundflow/vault/vault-key';
import type { Role } from '../policy.js';
import { resealSecrets, SecondFactors, secretsUnder } from '../sign-in/second-factors.js';
import { IdentityDatabase } from '../identity-database.js';
import { SecretBox } from '../sign-in/secret-box.js';
import { totpCode } from '../sign-in/totp.js';
import { UserDirectory } from '../accounts/user-directory.js';

const SESSION = '/api/v1/session';
const FACTOR = `${SESSION}/second-factor`;
const STEP_MS = 30_000;
let nowMs = Date.UTC(2019, 5, 30, 1);
let database: DataSource;
let ledger: IdentityLedger;
let other: IdentityLedger;
let ask: AskLedger;

beforeAll(async () => {
  database = await identityDatabase();
  const settings = { database, controllers: [BooksController], now: () => new Date(nowMs) };
  [ledger, other] = [await startIdentityLedger(settings), await startIdentityLedger(settings)];
  ask = ledger.ask;
});
afterAll(async () => {
  await Promise.all([ledger.close(), other.close()]);
  await database.destroy();
});
beforeEach(() => {
  nowMs += 3_600_000;
});

const account = async (role: Role = 'inspector', region = '45'): Promise<string> =>
  (await somebody(ledger, role, region)).login;

const begin = (cookie: string, password = PASSWORD_OF_ALL) =>
  ask(FACTOR, { body: { password }, cookie });

interface Enrolled {
  readonly login: string;
  readonly cookie: string;
  readonly recoveryCodes: readonly string[];
  /** The code of now; a new one only after the clock went on. */
  code(): string;
}

async function enrolled(role: Role = 'inspector', region = '45'): Promise<Enrolled> {
  const login = await account(role, region);
  const cookie = await ledger.login(login, PASSWORD_OF_ALL);
  const begun = await begin(cookie);
  const secret = Buffer.from(Secret.fromBase32(String(begun.body['secret'])).buffer);
  const code = () => totpCode(secret, nowMs);
  const confirmed = await ask(`${FACTOR}/confirmation`, { body: { code: code() }, cookie });
  expect(confirmed.status).toBe(200);
  nowMs += STEP_MS;
  const recoveryCodes = confirmed.body['recoveryCodes'] as string[];
  return { login, cookie: cookieOf(confirmed), recoveryCodes, code };
}

const signIn = (user: string, code?: string, at: AskLedger = ask) =>
  at(SESSION, {
    body: { user, password: PASSWORD_OF_ALL, ...(code === undefined ? {} : { code }) },
  });

describe('a second factor', () => {
  it('is asked for after the password, and never before', async () => {
    const { login, code } = await enrolled();
    expect(brief(await signIn(login))).toEqual({ status: 401, code: 'second-factor-required' });
    const wrong = await ask(SESSION, { body: { user: login, password: 'x', code: code() } });
    expect(brief(wrong).code).toBe('bad-credentials');
    expect((await signIn(login, code())).status).toBe(201);
  });

  it('counts once: neither a second time, nor in another process at the same moment', async () => {
    const { login, code } = await enrolled();
    const both = await Promise.all([signIn(login, code()), signIn(login, code(), other.ask)]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 401]);
    expect(brief(await signIn(login, code())).code).toBe('bad-second-factor');
    nowMs += STEP_MS;
    expect((await signIn(login, code())).status).toBe(201);
  });

  it('cannot be an older code once a newer one was used', async () => {
    const { login, code } = await enrolled();
    const older = code();
    nowMs += STEP_MS;
    expect((await signIn(login, code())).status).toBe(201);
    expect(brief(await signIn(login, older)).code).toBe('bad-second-factor');
  });

  it('can be a code on paper, once', async () => {
    const { login, recoveryCodes } = await enrolled();
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const each of recoveryCodes) expect(each).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){5}$/);
    const [first = ''] = recoveryCodes;
    expect((await signIn(login, first.toUpperCase())).status).toBe(201);
    expect(brief(await signIn(login, first)).code).toBe('bad-second-factor');
    const rows = await database.query<{ found: number }[]>(
      `SELECT count(*)::int AS found FROM identity_recovery_codes
       WHERE encode(code_hash, 'escape') ~ '^[a-z0-9]+(-[a-z0-9]{4})+$'`,
    );
    expect(rows).toEqual([{ found: 0 }]);
  });

  it('is slowed down by failures, and knowing the password does not wipe them out', async () => {
    const { login, code } = await enrolled();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await signIn(login, '000000');
      await signIn(login);
    }
    expect(brief(await signIn(login, code())).code).toBe('too-many-attempts');
  });

  it('is not replaced by who finds an open session', async () => {
    const { login, cookie, code } = await enrolled();
    expect(brief(await begin(cookie)).code).toBe('second-factor-enrolled');
    const remove = (given: string) =>
      ask(FACTOR, { method: 'DELETE', cookie, body: { code: given } });
    expect(brief(await remove('000000')).code).toBe('bad-second-factor');
    const refused = await database.query<object[]>(
      `SELECT FROM identity_access_records WHERE action = 'session-refused'
         AND subject_id = (SELECT id FROM identity_users WHERE login = $1)`,
      [login],
    );
    expect(refused).toHaveLength(1);
    expect((await remove(code())).status).toBe(204);
    expect((await ask('/books', { cookie })).status).toBe(401);
  });

  it('is not bound by who finds an open session, and guessing the password is slowed down', async () => {
    const cookie = await ledger.login(await account(), PASSWORD_OF_ALL);
    expect(brief(await ask(FACTOR, { body: {}, cookie }))).toEqual({
      ...{ status: 400, code: 'bad-value' },
    });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(brief(await begin(cookie, 'wrong')).code).toBe('bad-credentials');
    }
    expect(brief(await begin(cookie)).code).toBe('too-many-attempts');
    nowMs += 1_000;
    expect((await begin(cookie)).status).toBe(201);
  });

  it('ends every session from before it, and the one that binds it goes on under another token', async () => {
    const login = await account();
    const elsewhere = await ledger.login(login, PASSWORD_OF_ALL);
    const before = await ledger.login(login, PASSWORD_OF_ALL);
    const begun = await begin(before);
    const secret = Buffer.from(Secret.fromBase32(String(begun.body['secret'])).buffer);
    const body = { code: totpCode(secret, nowMs) };
    const confirmed = await ask(`${FACTOR}/confirmation`, { body, cookie: before });
    for (const cookie of [elsewhere, before]) {
      expect((await ask('/books', { cookie })).status).toBe(401);
    }
    const cookie = cookieOf(confirmed);
    expect((await ask('/books', { cookie })).status).toBe(200);
    const { sessions } = (await ask(`${SESSION}/all`, { cookie })).body as { sessions: object[] };
    expect(sessions).toMatchObject([{ isThis: true, secondFactor: true }]);
  });

  it('is not shown by a new password', async () => {
    const { login, cookie } = await enrolled();
    // As sessions were that an identity provider opened before a factor was bound.
    await database.query(
      `UPDATE identity_sessions SET second_factor = false
       WHERE user_id = (SELECT id FROM identity_users WHERE login = $1)`,
      [login],
    );
    const body = { current: PASSWORD_OF_ALL, password: `${PASSWORD_OF_ALL} anew` };
    const changed = await ask(`${SESSION}/password`, { method: 'PUT', cookie, body });
    const answer = await ask(`${SESSION}/all`, { cookie: cookieOf(changed) });
    expect(answer.body['sessions']).toMatchObject([{ isThis: true, secondFactor: false }]);
  });

  it('is in the database under a key that is not', async () => {
    const { login } = await enrolled();
    const [row] = await database.query<{ sealed: Buffer }[]>(
      `SELECT t.sealed_secret AS sealed FROM identity_totp t JOIN identity_users u ON u.id = t.user_id
       WHERE u.login = $1`,
      [login],
    );
    // Key id, nonce, 20 bytes of secret, tag.
    expect(row?.sealed).toHaveLength(8 + 12 + 20 + 16);
  });
});

describe('a role that has to show one', () => {
  const demand = async (admin: string, roles: readonly Role[], region: string) => {
    const cookie = await ledger.login(admin, PASSWORD_OF_ALL);
    const body = { region, roles, basis: '等保三级' };
    return ask('/api/v1/settings/second-factor', { method: 'PUT', cookie, body });
  };

  it('does nothing before it is bound, and everything afterwards', async () => {
    const admin = await account('admin', '4502');
    const login = await account('inspector', '450225');
    const elsewhere = await ledger.login(await account('inspector', '4503'), PASSWORD_OF_ALL);
    const cookie = await ledger.login(login, PASSWORD_OF_ALL);
    expect((await ask('/books', { cookie })).status).toBe(200);
    expect((await demand(admin, ['inspector'], '4502')).status).toBe(204);
    expect(brief(await ask('/books', { cookie }))).toEqual({
      ...{ status: 403, code: 'second-factor-enrolment-required' },
    });
    expect((await ask('/books', { cookie: elsewhere })).status).toBe(200);
    const begun = await begin(cookie);
    const secret = Buffer.from(Secret.fromBase32(String(begun.body['secret'])).buffer);
    const code = totpCode(secret, nowMs);
    const confirmed = await ask(`${FACTOR}/confirmation`, { body: { code }, cookie });
    expect(confirmed.status).toBe(200);
    expect((await ask('/books', { cookie: cookieOf(confirmed) })).status).toBe(200);
    expect((await demand(admin, [], '4502')).status).toBe(204);
  });

  it('is set for one’s own jurisdiction alone', async () => {
    const admin = await account('admin', '4502');
    expect(brief(await demand(admin, ['inspector'], '45')).code).toBe('out-of-jurisdiction');
  });

  it('gets help from an administrator who has lost the device, and then begins anew', async () => {
    const admin = await ledger.login(await account('admin', '45'), PASSWORD_OF_ALL);
    const { login, cookie } = await enrolled('inspector', '4504');
    const { id } = (await ledger.app.get(UserDirectory).findByLogin(login)) ?? { id: '' };
    const path = `/api/v1/users/${id}/second-factor`;
    expect((await ask(path, { method: 'DELETE', cookie: admin })).status).toBe(204);
    expect((await ask('/books', { cookie })).status).toBe(401);
    expect((await signIn(login)).status).toBe(201);
    expect(brief(await ask(path, { method: 'DELETE', cookie: admin })).code).toBe(
      'second-factor-not-begun',
    );
  });
});

describe('when the key that seals secrets is changed, a second factor', () => {
  const older = deriveVaultKey(Buffer.alloc(32, 1));
  const newer = deriveVaultKey(Buffer.alloc(32, 2));
  const askDatabase = (text: string, values: readonly unknown[]) =>
    database.query<unknown[]>(text, [...values]);
  const factorsUnder = (...keys: VaultKey[]) =>
    new SecondFactors(
      new IdentityDatabase(database),
      new SecretBox(() => keys),
      () => new Date(nowMs),
    );

  it('is sealed anew under the new key, and works when the old one is gone', async () => {
    const user = await ledger.app.get(UserDirectory).findByLogin(await account());
    const id = user?.id ?? '';
    const { secret } = await factorsUnder(older).begin(id, 'wei');
    await factorsUnder(older).confirm(
      id,
      totpCode(Buffer.from(Secret.fromBase32(secret).bytes), nowMs),
    );
    expect(await secretsUnder(askDatabase, older.idBytes)).toBe(1);

    const gone = await resealSecrets(askDatabase, new SecretBox(() => [newer]));
    expect([gone, await secretsUnder(askDatabase, older.idBytes)]).toEqual([0, 1]);

    const both = new SecretBox(() => [older, newer]);
    expect(await resealSecrets(askDatabase, both)).toBe(1);
    expect(await resealSecrets(askDatabase, both)).toBe(0);
    expect(await secretsUnder(askDatabase, older.idBytes)).toBe(0);
    expect(await secretsUnder(askDatabase, newer.idBytes)).toBe(1);
    nowMs += STEP_MS;
    const code = totpCode(Buffer.from(Secret.fromBase32(secret).bytes), nowMs);
    expect(await factorsUnder(newer).verify(id, code)).toBe(true);
  });
});
