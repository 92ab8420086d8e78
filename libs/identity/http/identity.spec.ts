import { Body, Controller, Get, Post } from '@nestjs/common';
import { Public } from '@fundflow/nest-edge/public-route';
import type { DataSource } from 'typeorm';
import {
  type AskLedger,
  cookieOf,
  identityApplication,
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import { brief, DEMO_PASSWORD, withDemoUsers } from '../../../test/support/identity-people.js';
import type { Principal } from '../principal.js';
import { BELIEVED_MS } from '../sign-in/principal-cache.js';
import { Asker } from './asker.js';
import { May } from './may.js';

@Controller('books')
class BooksController {
  @Get()
  @May('ask')
  read(@Asker() asker: Principal): { asker: string } {
    return { asker: asker.login };
  }

  @Post()
  @May('submit')
  write(@Body() body: Record<string, unknown>): { keys: string[] } {
    return { keys: Object.keys(body) };
  }

  @Get('board')
  @Public()
  board(): { open: true } {
    return { open: true };
  }
}

const SESSION = '/api/v1/session';
const MINUTE = 60_000;
let nowMs = Date.UTC(2019, 5, 30, 1);
let database: DataSource;
let ledger: IdentityLedger;
let other: IdentityLedger;
let ask: AskLedger;

const settings = () => ({
  database,
  controllers: [BooksController],
  now: () => new Date(nowMs),
});
const login = (user: string) => ledger.login(user, DEMO_PASSWORD);

beforeAll(async () => {
  database = await identityDatabase();
  [ledger, other] = [await startIdentityLedger(settings()), await startIdentityLedger(settings())];
  ask = ledger.ask;
  await withDemoUsers(ledger);
});
afterAll(async () => {
  await Promise.all([ledger.close(), other.close()]);
  await database.destroy();
});

describe('a session', () => {
  it('is opened with user and password, and says who one is', async () => {
    const opened = await ask(SESSION, { body: { user: 'maker', password: DEMO_PASSWORD } });
    expect(opened.setCookie).toMatch(
      /^fundflow_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const me = {
      user: 'maker',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      roles: ['finance-maker'],
      region: '45',
      unit: '自治区财政厅',
      actions: [
        'manage-own-account',
        'submit',
        'follow-submissions',
        'attach',
        'ask',
        'ask-whole-ledger',
      ],
      ...{ mustChangePassword: false, mustShowSecondFactor: false, cases: [] },
    };
    expect(opened).toMatchObject({
      status: 201,
      body: { ...me, expiresAt: new Date(nowMs + 8 * 60 * MINUTE).toISOString() },
    });
    const cookie = cookieOf(opened);
    expect((await ask(SESSION, { cookie })).body).toEqual(me);
    expect((await ask('/books', { cookie })).body).toEqual({ asker: 'maker' });
  });

  it.each([
    ['an unknown user', { user: 'nobody', password: DEMO_PASSWORD }],
    ['a wrong password', { user: 'hotline', password: 'x' }],
    ['the built-in account, which has no password', { user: 'local-cli', password: '' }],
  ])('is refused alike for %s', async (_case, body) => {
    expect(brief(await ask(SESSION, { body }))).toEqual({ status: 401, code: 'bad-credentials' });
  });

  it('is slowed down by failures, also for the right password', async () => {
    for (let time = 0; time < 5; time += 1) {
      await ask(SESSION, { body: { user: 'centre-checker', password: 'wrong' } });
    }
    const right = { user: 'centre-checker', password: DEMO_PASSWORD };
    const refused = await ask(SESSION, { body: right });
    expect(brief(refused)).toEqual({ status: 429, code: 'too-many-attempts' });
    expect(refused.headers.get('retry-after')).toBe('1');
    nowMs += 1_000;
    await login('centre-checker');
  });

  it('lives while it is used within 15 minutes, and not a moment longer', async () => {
    const cookie = await login('inspector');
    nowMs += 15 * MINUTE - 1;
    expect((await ask('/books', { cookie })).status).toBe(200);
    nowMs += 15 * MINUTE - 1;
    expect((await ask('/books', { cookie })).status).toBe(200);
    nowMs += 15 * MINUTE;
    expect(brief(await ask('/books', { cookie }))).toEqual({
      status: 401,
      code: 'not-authenticated',
    });
  });

  it('counts every use, also those the database was not told of at once', async () => {
    const cookie = await login('inspector');
    await ask('/books', { cookie });
    nowMs += BELIEVED_MS - 1;
    await ask('/books', { cookie });
    nowMs += 15 * MINUTE - 1;
    expect((await ask('/books', { cookie })).status).toBe(200);
  });

  it('ends after 8 hours however busy it is', async () => {
    const cookie = await login('inspector');
    const endsMs = nowMs + 8 * 60 * MINUTE;
    while (endsMs - nowMs > 14 * MINUTE) {
      nowMs += 14 * MINUTE;
      expect((await ask('/books', { cookie })).status).toBe(200);
    }
    nowMs = endsMs - 1;
    expect((await ask('/books', { cookie })).status).toBe(200);
    nowMs = endsMs;
    expect((await ask('/books', { cookie })).status).toBe(401);
  });

  it('ends at once when it is left, and leaving twice is no error', async () => {
    const cookie = await login('inspector');
    expect((await ask('/books', { cookie })).status).toBe(200);
    const left = await ask(SESSION, { method: 'DELETE', cookie });
    expect(left.status).toBe(204);
    expect(left.setCookie).toContain('Max-Age=0');
    expect((await ask('/books', { cookie })).status).toBe(401);
    expect((await ask(SESSION, { method: 'DELETE', cookie })).status).toBe(204);
  });

  it('left in one process ends in the others within seconds', async () => {
    const cookie = await login('inspector');
    expect((await other.ask('/books', { cookie })).status).toBe(200);
    await ask(SESSION, { method: 'DELETE', cookie });
    nowMs += BELIEVED_MS;
    expect((await other.ask('/books', { cookie })).status).toBe(401);
  });

  it('replaces the one the browser had', async () => {
    const cookie = await login('inspector');
    await ask(SESSION, { body: { user: 'maker', password: DEMO_PASSWORD }, cookie });
    expect((await ask('/books', { cookie })).status).toBe(401);
  });

  it('is kept as a hash alone', async () => {
    const token = (await login('inspector')).split('=')[1] ?? '';
    const rows = await database.query(
      `SELECT count(*)::int AS found FROM identity_sessions
       WHERE token_hash = sha256($1::bytea) AND encode(token_hash, 'escape') <> $2`,
      [Buffer.from(token), token],
    );
    expect(rows).toEqual([{ found: 1 }]);
  });
});

describe('a route', () => {
  it('marked public needs nobody', async () => {
    expect((await ask('/books/board')).status).toBe(200);
  });

  it.each([
    ['nobody', undefined, 401, 'not-authenticated'],
    ['an administrator', 'admin', 403, 'not-allowed'],
    ['an inspector', 'inspector', 200, undefined],
  ])('for questions answers %s', async (_who, user, status, code) => {
    const answer = await ask('/books', user === undefined ? {} : { cookie: await login(user) });
    expect(brief(answer)).toEqual({ status, code });
  });

  it('says which action was missing', async () => {
    const cookie = await login('inspector');
    const answer = await ask('/books', { cookie, body: {} });
    expect(answer.body).toMatchObject({ code: 'not-allowed', action: 'submit' });
  });

  it('tells a program how to identify itself', async () => {
    expect((await ask('/books')).headers.get('www-authenticate')).toBe('Bearer realm="fundflow"');
  });

  it('behind a cookie is closed to foreign pages', async () => {
    const cookie = await login('maker');
    const foreign = await fetch(`${await ledger.app.getUrl()}/books`, {
      method: 'POST',
      headers: { cookie, origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(foreign.status).toBe(403);
    expect((await ask('/books', { cookie, body: { a: 1 } })).body).toEqual({ keys: ['a'] });
  });
});

describe('an application with a route nobody decided on', () => {
  class Undecided {
    @Get()
    open(): string {
      return 'everything';
    }
  }
  class Contradicting {
    @Get()
    @May('ask')
    @Public()
    open(): string {
      return 'everything';
    }
  }

  it.each([
    ['neither @May nor @Public', Undecided],
    ['both', Contradicting],
  ])('does not start: %s', async (_case, controller) => {
    Controller('x')(controller);
    const created = await identityApplication({ ...settings(), controllers: [controller] });
    await expect(created.init()).rejects.toThrow(`@Public: ${controller.name}.open`);
    await created.close();
  });
});
