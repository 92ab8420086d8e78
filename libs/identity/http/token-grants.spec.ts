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
  somebody,
} from '../../../test/support/identity-people.js';
import { AccessRelay } from '../access-relay.js';
import { UserDirectory } from '../accounts/user-directory.js';
import type { Role } from '../policy.js';

/* A token of a system is given by two administrators: one proposes it, the other approves it and is shown it. */

const TOKENS = '/api/v1/tokens';
const GRANTS = '/api/v1/grants';
const DAY_MS = 24 * 3_600_000;
let nowMs = Date.now();
let database: DataSource;
let ledger: IdentityLedger;
let ask: AskLedger;
const store = new InMemoryEventStore();

beforeAll(async () => {
  database = await identityDatabase();
  ledger = await startIdentityLedger({
    ...{ database, oversight: overseen(store), now: () => new Date(nowMs) },
    controllers: [BooksController],
  });
  ask = ledger.ask;
});
afterAll(async () => {
  await ledger.close();
  await database.destroy();
});

interface Person {
  readonly id: string;
  readonly cookie: string;
  readonly login: string;
}

async function account(role: Role, region: string): Promise<Person> {
  const made = await somebody(ledger, role, region);
  return { ...made, cookie: await ledger.login(made.login, PASSWORD_OF_ALL) };
}

let systems = 0;
async function system(region: string): Promise<string> {
  systems += 1;
  const { id } = await ledger.app.get(UserDirectory).create({
    ...{ login: `feed-${systems}`, roles: ['system', 'finance-maker'], region, unit: '国库' },
    ...{ password: null, origin: 'admin', mustChangePassword: false, by: null },
  });
  return id;
}

const propose = (userId: string, { cookie }: Person, more: object = {}) =>
  ask(TOKENS, { body: { userId, name: '国库支付', days: 30, ...more }, cookie });
const approve = (id: string, { cookie }: Person) =>
  ask(`${GRANTS}/${id}/approval`, { method: 'POST', cookie });
const grantOf = ({ body }: LedgerAnswer) => body['grant'] as { id: string; state: string };
const tokensSeenBy = async ({ cookie }: Person) => (await ask(TOKENS, { cookie })).body['tokens'];

interface Recorded {
  readonly actor: string;
  readonly data: Record<string, unknown>;
}
const recorded = async (type: string): Promise<Recorded[]> =>
  (await store.readAll(0n, 1_000))
    .filter((event) => event.type === type)
    .map(({ record }) => JSON.parse(record) as Recorded);

describe('two administrators', () => {
  let first: Person;
  let second: Person;
  beforeAll(async () => {
    [first, second] = [await account('admin', '45'), await account('admin', '45')];
  });

  it('one proposes a token and is shown nothing; the other approves it and is shown it', async () => {
    const userId = await system('450124');
    const proposed = await propose(userId, first);
    expect(proposed).toMatchObject({
      status: 202,
      body: { grant: { kind: 'issue-token', state: 'proposed', accountId: userId } },
    });
    expect(proposed.body).not.toHaveProperty('token');
    expect(await tokensSeenBy(first)).toEqual([]);
    const { id } = grantOf(proposed);
    expect(brief(await approve(id, first))).toEqual({
      ...{ status: 403, code: 'second-person-needed' },
    });
    const approved = await approve(id, second);
    expect(approved).toMatchObject({
      status: 200,
      body: { grant: { state: 'done', decidedBy: second.id }, token: { id: expect.any(String) } },
    });
    const { token: bearer, expiresAt } = approved.body['token'] as Record<string, string>;
    expect(Date.parse(expiresAt ?? '')).toBe(nowMs + 30 * DAY_MS);
    expect((await ask('/books', { bearer: bearer ?? '' })).status).toBe(200);
    expect(brief(await approve(id, second)).code).toBe('already-decided');
    expect(await tokensSeenBy(first)).toHaveLength(1);
  });

  it('leave the proposal, the approval and the token in the log, without what it is', async () => {
    const userId = await system('450124');
    const { id: grantId } = grantOf(await propose(userId, first, { days: 7 }));
    const { token } = (await approve(grantId, second)).body as { token: Record<string, string> };
    const terms = { grantId, kind: 'issue-token', accountId: userId, tokenDays: 7 };
    expect((await recorded('GrantProposed')).at(-1)).toMatchObject({
      ...{ actor: first.id, data: terms },
    });
    expect((await recorded('GrantApproved')).at(-1)).toMatchObject({
      ...{ actor: second.id, data: { ...terms, proposedBy: first.id, alone: false } },
    });
    await ledger.app.get(AccessRelay).flush();
    const issued = (await recorded('AccountChanged')).filter(
      ({ data }) => data['detail'] === token['id'],
    );
    expect(issued).toMatchObject([{ actor: second.id, data: { change: 'token-issued' } }]);
    const kept = JSON.stringify(await database.query('SELECT * FROM identity_grants'));
    const log = (await store.readAll(0n, 1_000)).map(({ record }) => record).join();
    for (const text of [kept, log]) expect(text).not.toContain(token['token']);
  });

  it('a proposal that was turned down, or withdrawn, gives none', async () => {
    for (const who of [first, second]) {
      const { id } = grantOf(await propose(await system('450124'), first));
      const path = `${GRANTS}/${id}`;
      const turned = await ask(path, { method: 'DELETE', cookie: who.cookie });
      expect(turned).toMatchObject({ status: 200, body: { state: 'revoked' } });
      expect(brief(await approve(id, second)).code).toBe('already-decided');
    }
    expect((await recorded('GrantRevoked')).at(-1)?.data).toMatchObject({ tokenDays: 30 });
  });

  it('of another jurisdiction neither propose nor approve one', async () => {
    const userId = await system('450124');
    const stranger = await account('admin', '52');
    expect(brief(await propose(userId, stranger))).toEqual({
      ...{ status: 403, code: 'out-of-jurisdiction' },
    });
    const { id } = grantOf(await propose(userId, first));
    expect(brief(await approve(id, stranger))).toEqual({ status: 404, code: 'no-such-grant' });
  });

  it('of a place below approve none of a system of the whole', async () => {
    const county = await account('admin', '450124');
    const { id } = grantOf(await propose(await system('45'), first));
    expect(brief(await approve(id, county)).code).toBe('no-such-grant');
  });

  it('either of them revokes it, alone', async () => {
    for (const who of [first, second]) {
      const { id } = grantOf(await propose(await system('450124'), first));
      const { token } = (await approve(id, second)).body as { token: Record<string, string> };
      const path = `${TOKENS}/${token['id']}`;
      expect((await ask(path, { method: 'DELETE', cookie: who.cookie })).status).toBe(204);
      expect((await ask('/books', { bearer: token['token'] ?? '' })).status).toBe(401);
    }
  });
});

describe('the only administrator', () => {
  it('issues it alone, is shown it, and the log says so', async () => {
    const only = await account('admin', '53');
    const issued = await propose(await system('530102'), only);
    expect(issued).toMatchObject({ status: 201, body: { expiresAt: expect.any(String) } });
    expect((await ask('/books', { bearer: String(issued.body['token']) })).status).toBe(200);
    expect((await recorded('GrantApproved')).at(-1)).toMatchObject({
      ...{ actor: only.id, data: { kind: 'issue-token', proposedBy: only.id, alone: true } },
    });
  });
});

describe('a proposal', () => {
  it('lapses after thirty days, and the days of the token count from its approval', async () => {
    const [first, second] = [await account('admin', '61'), await account('admin', '61')];
    const userId = await system('6101');
    const [early, late] = [
      grantOf(await propose(userId, first, { days: 1 })).id,
      grantOf(await propose(userId, first)).id,
    ];
    nowMs += 30 * DAY_MS;
    const again = async (): Promise<Person> => ({
      ...{ ...second, cookie: await ledger.login(second.login, PASSWORD_OF_ALL) },
    });
    const { token } = (await approve(early, await again())).body as {
      token: Record<string, string>;
    };
    expect((await ask('/books', { bearer: token['token'] ?? '' })).status).toBe(200);
    nowMs += 1;
    expect(brief(await approve(late, await again()))).toEqual({
      ...{ status: 409, code: 'proposal-lapsed' },
    });
    nowMs += DAY_MS;
    expect((await ask('/books', { bearer: token['token'] ?? '' })).status).toBe(401);
  });
});
