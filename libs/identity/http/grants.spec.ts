import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import type { DataSource } from 'typeorm';
import {
  type AskLedger,
  identityDatabase,
  type IdentityLedger,
  type LedgerAnswer,
  overseen,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import {
  BooksController,
  brief,
  PASSWORD_OF_ALL,
  type Somebody,
  somebody,
} from '../../../test/support/identity-people.js';
import { BELIEVED_MS } from '../sign-in/principal-cache.js';
import type { Role } from '../policy.js';
import { UserDirectory } from '../accounts/user-directory.js';

const USERS = '/api/v1/users';
const GRANTS = '/api/v1/grants';
const DAY_MS = 24 * 3_600_000;
let nowMs = Date.now();
let database: DataSource;
let ledger: IdentityLedger;
let ask: AskLedger;
const store = new InMemoryEventStore();

beforeAll(async () => {
  database = await identityDatabase();
  const now = () => new Date(nowMs);
  const oversight = overseen(store);
  ledger = await startIdentityLedger({
    ...{ database, oversight, now, controllers: [BooksController] },
  });
  ask = ledger.ask;
});
afterAll(async () => {
  await ledger.close();
  await database.destroy();
});

type Person = Somebody & { cookie: string };

/** An account that is there already, and its session. */
async function account(role: Role, region: string): Promise<Person> {
  const made = await somebody(ledger, role, region);
  return { ...made, cookie: await ledger.login(made.login, PASSWORD_OF_ALL) };
}

const grantOf = ({ body }: LedgerAnswer) => body['grant'] as { id: string; state: string };
const recorded = async (type: string): Promise<Record<string, unknown>[]> =>
  (await store.readAll(0n, 1_000))
    .filter((event) => event.type === type)
    .map(({ record }) => (JSON.parse(record) as { data: Record<string, unknown> }).data);

const WEI = { login: 'wei', roles: ['inspector'], region: '5301', unit: '某市纪委' };

describe('the only administrator', () => {
  it('acts alone, and the log says so', async () => {
    const { cookie } = await account('admin', '53');
    const created = await ask(USERS, { body: WEI, cookie });
    expect(created).toMatchObject({
      status: 201,
      body: { login: 'wei', mustChangePassword: true },
    });
    expect(await recorded('GrantApproved')).toMatchObject([
      { kind: 'create-account', roles: ['inspector'], region: '5301', alone: true },
    ]);
  });
});

describe('two administrators', () => {
  let first: Person;
  let second: Person;
  beforeAll(async () => {
    [first, second] = [await account('admin', '45'), await account('admin', '45')];
  });
  const create = (login: string, more: object = {}) =>
    ask(USERS, {
      body: { ...WEI, region: '450124', login, ...more },
      cookie: first.cookie,
    });
  const approve = (id: string, cookie = second.cookie) =>
    ask(`${GRANTS}/${id}/approval`, { method: 'POST', cookie });

  it('one proposes an account, the other approves it and sees its first password', async () => {
    const proposed = await create('tan');
    expect(proposed).toMatchObject({ status: 202, body: { grant: { state: 'proposed' } } });
    expect(await ledger.app.get(UserDirectory).findByLogin('tan')).toBeNull();
    const { id } = grantOf(proposed);
    expect(brief(await approve(id, first.cookie))).toEqual({
      ...{ status: 403, code: 'second-person-needed' },
    });
    const approved = await approve(id);
    expect(approved).toMatchObject({ status: 200, body: { grant: { state: 'done' } } });
    await ledger.login('tan', String(approved.body['password']));
    expect(brief(await approve(id))).toEqual({ status: 409, code: 'already-decided' });
    expect((await recorded('GrantApproved')).at(-1)).toMatchObject({
      ...{ grantId: id, proposedBy: first.id, alone: false },
    });
  });

  it.each([
    ['a further role', { roles: ['inspector', 'hotline'] }, 202],
    ['another region', { region: '450125' }, 202],
    ['a role less', { roles: ['inspector'] }, 200],
    ['the name of the office', { unit: '县纪委监委' }, 200],
    ['to be disabled', { disabled: true }, 200],
    ['to be enabled', { disabled: false }, 202],
  ])('an account gets %s: %j answers %i', async (_what, change, status) => {
    const { id } = await account('inspector', '450124');
    const answer = await ask(`${USERS}/${id}`, {
      ...{ method: 'PATCH', cookie: first.cookie, body: change },
    });
    expect(answer.status).toBe(status);
  });

  it('neither gets rid of the other, nor into the other’s account, alone', async () => {
    const disable = { method: 'PATCH', cookie: first.cookie, body: { disabled: true } };
    const target = `${USERS}/${second.id}`;
    expect((await ask(target, disable)).status).toBe(202);
    const reset = await ask(`${target}/password`, { body: {}, cookie: first.cookie });
    expect(reset.status).toBe(202);
    expect(reset.body).not.toHaveProperty('password');
    // Whoever it is about may not approve a password for himself.
    expect(brief(await approve(grantOf(reset).id)).code).toBe('second-person-needed');
    expect((await ask(USERS, { cookie: second.cookie })).status).toBe(200);
  });

  it('a proposal that was turned down does nothing any more', async () => {
    const { id } = grantOf(await create('lan'));
    const turned = await ask(`${GRANTS}/${id}`, { method: 'DELETE', cookie: second.cookie });
    expect(turned).toMatchObject({ status: 200, body: { state: 'revoked' } });
    expect(brief(await approve(id)).code).toBe('already-decided');
    expect(await recorded('GrantRevoked')).toMatchObject([{ grantId: id, was: 'proposed' }]);
  });

  it('of another jurisdiction decide nothing, and do not learn that there is something', async () => {
    const { cookie } = await account('admin', '52');
    const { id } = grantOf(await create('nong'));
    expect(brief(await approve(id, cookie))).toEqual({ status: 404, code: 'no-such-grant' });
    expect((await ask(GRANTS, { cookie })).body['grants']).toEqual([]);
    expect(await ledger.app.get(UserDirectory).findByLogin('nong')).toBeNull();
  });

  it('a password is not chosen by whoever proposes', async () => {
    expect(brief(await create('huang', { password: 'chosen long word 1' })).code).toBe('bad-value');
  });

  it('cannot be made one by editing the table: the database knows that it takes two', async () => {
    const { id } = grantOf(await create('su'));
    const forged = database.query(
      `UPDATE identity_grants SET state = 'done', decided_by = proposed_by WHERE id = $1`,
      [id],
    );
    await expect(forged).rejects.toThrow('another_person');
  });
});

describe('a proposal', () => {
  it('lapses after thirty days, and not a moment before; it can be turned down all the same', async () => {
    const [first, second] = [await account('admin', '61'), await account('admin', '61')];
    const propose = async (login: string): Promise<string> => {
      const body = { ...WEI, region: '6101', login };
      return grantOf(await ask(USERS, { body, cookie: first.cookie })).id;
    };
    const [early, late] = [await propose('fruh'), await propose('spat')];
    const proposedMs = nowMs;
    const decide = async (id: string, method: 'POST' | 'DELETE') => {
      const cookie = await ledger.login(second.login, PASSWORD_OF_ALL);
      const path = method === 'POST' ? `${GRANTS}/${id}/approval` : `${GRANTS}/${id}`;
      return ask(path, { method, cookie });
    };
    nowMs = proposedMs + 30 * DAY_MS;
    expect((await decide(early, 'POST')).status).toBe(200);
    nowMs += 1;
    expect(brief(await decide(late, 'POST'))).toEqual({ status: 409, code: 'proposal-lapsed' });
    expect((await decide(late, 'DELETE')).status).toBe(200);
    nowMs = proposedMs;
  });
});

describe('a password that somebody else sets', () => {
  it('needs two administrators: one alone would be maker and checker in turn', async () => {
    const [first, second] = [await account('admin', '54'), await account('admin', '54')];
    const maker = await account('finance-maker', '540102');
    const path = `${USERS}/${maker.id}/password`;
    const chosen = await ask(path, {
      body: { password: 'a word of mine 123' },
      cookie: first.cookie,
    });
    expect(brief(chosen)).toEqual({ status: 400, code: 'bad-value' });
    const proposed = await ask(path, { body: {}, cookie: first.cookie });
    expect(proposed.status).toBe(202);
    expect(proposed.body).not.toHaveProperty('password');
    expect((await ask('/books', { cookie: maker.cookie })).status).toBe(200);
    const { id } = grantOf(proposed);
    const approve = (cookie: string) => ask(`${GRANTS}/${id}/approval`, { method: 'POST', cookie });
    expect(brief(await approve(first.cookie)).code).toBe('second-person-needed');
    const approved = await approve(second.cookie);
    expect((await ask('/books', { cookie: maker.cookie })).status).toBe(401);
    const again = await ledger.login(maker.login, String(approved.body['password']));
    expect(brief(await ask('/books', { cookie: again })).code).toBe('password-change-required');
  });
});

describe('a region opened for a case', () => {
  const CASE = { region: '450225', caseId: '桂纪查〔2019〕17号', reason: '核查跨县拨付' };
  let admin: Person;
  let superior: Person;
  let inspector: Person;
  beforeAll(async () => {
    admin = await account('admin', '45');
    superior = await account('inspector', '45');
    inspector = await account('inspector', '4503');
  });
  const until = (days: number): string => new Date(nowMs + days * DAY_MS).toISOString();
  const propose = (more: object = {}, cookie = admin.cookie) =>
    ask(`${GRANTS}/cases`, {
      body: { ...CASE, userId: inspector.id, until: until(30), ...more },
      cookie,
    });
  const approve = (id: unknown, cookie: string) =>
    ask(`${GRANTS}/${String(id)}/approval`, { method: 'POST', cookie });
  const regions = async () => (await ask('/books', { cookie: inspector.cookie })).body['regions'];

  it('is proposed by an administrator, approved by an inspector above, and ends by itself', async () => {
    const { body } = await propose();
    expect(await regions()).toEqual(['4503']);
    expect((await approve(body['id'], superior.cookie)).status).toBe(200);
    expect(await regions()).toEqual(['4503', '450225']);
    const [approved] = (await recorded('GrantApproved')).slice(-1);
    expect(approved).toMatchObject({ kind: 'case', caseId: CASE.caseId, region: '450225' });
    nowMs += 30 * DAY_MS;
    inspector.cookie = await ledger.login(inspector.login, PASSWORD_OF_ALL);
    expect(await regions()).toEqual(['4503']);
  });

  it('ends at once when it is revoked', async () => {
    [admin, superior] = [await account('admin', '45'), await account('inspector', '45')];
    const { body } = await propose();
    await approve(body['id'], superior.cookie);
    expect(await regions()).toEqual(['4503', '450225']);
    await ask(`${GRANTS}/${String(body['id'])}`, { method: 'DELETE', cookie: superior.cookie });
    expect(await regions()).toEqual(['4503']);
    nowMs += BELIEVED_MS;
  });

  it('is not approved by another administrator, an equal, or the inspector himself', async () => {
    const { body } = await propose();
    const others = [await account('admin', '45'), await account('inspector', '4503'), inspector];
    for (const { cookie } of others) {
      expect(brief(await approve(body['id'], cookie)).code).toBe('no-such-grant');
    }
  });

  it('is not approved by somebody above who does not answer for what is opened', async () => {
    const { body } = await propose({ region: '520102' });
    expect(brief(await approve(body['id'], superior.cookie)).code).toBe('no-such-grant');
  });

  it.each([
    ['without an end', { until: 'never' }, 'bad-value'],
    ['that has ended', { until: '2019-01-01T00:00:00Z' }, 'bad-value'],
    ['for longer than half a year', { until: '2999-01-01T00:00:00Z' }, 'bad-value'],
    ['for a name', { caseId: '韦某案' }, 'bad-value'],
    ['without a reason', { reason: '' }, 'bad-value'],
    ['for a region that is none', { region: '4502250' }, 'bad-value'],
  ])('is not proposed %s', async (_what, more, code) => {
    expect(brief(await propose(more))).toEqual({ status: 400, code });
  });

  it('is for inspectors', async () => {
    const { id } = await account('finance-maker', '4503');
    expect(brief(await propose({ userId: id })).code).toBe('not-an-inspector');
  });
});
