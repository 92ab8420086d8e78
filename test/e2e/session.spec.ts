import type { Answer, ProblemBody } from './support/answers.js';
import { send } from './support/person.js';
import { allocation } from './support/rows.js';
import { DEMO_LOGINS, type DemoLogin, PASSWORD } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

interface WhoAmI {
  readonly user: string;
  readonly roles: readonly string[];
  readonly region: string;
}

const at = (path: string): string => ledger.running.url + path;
const json = (body: unknown, method = 'POST'): RequestInit => ({
  ...{ method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
});
const open = (user: string, password = PASSWORD) =>
  send<WhoAmI>(at('/api/v1/session'), json({ user, password }));
const asked = (cookie: string, init: RequestInit = {}) =>
  send<WhoAmI>(at('/api/v1/session'), { ...init, headers: { cookie } });
const cookieOf = ({ headers }: Answer): string => headers.get('set-cookie')?.split(';')[0] ?? '';

/** Contract §3: `application/problem+json` with a stable code, Chinese first. */
function expectProblem({ status, headers, body }: Answer, wanted: string): void {
  const problem = body as ProblemBody;
  expect(`${status} ${problem.code}`).toBe(wanted);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json\b/);
  expect(problem).toMatchObject({ type: `urn:fundflow:problem:${problem.code}`, status });
  for (const text of [problem.title, problem.detail]) expect(text).toMatch(/\p{Script=Han}/u);
}

describe('§5 “POST /api/v1/session sets the session cookie; DELETE ends it”', () => {
  it('sets a cookie that scripts and other sites do not get, and says who one is', async () => {
    const opened = await open('inspector');
    expect(opened.status).toBe(201);
    expect(opened.headers.get('set-cookie')).toMatch(
      /^fundflow_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect(opened.body).toMatchObject({ user: 'inspector', roles: ['inspector'], region: '45' });
    expect((await asked(cookieOf(opened))).body).toMatchObject({ user: 'inspector' });
  });

  it('ended, the cookie is worth nothing, and ending it again is no error', async () => {
    const cookie = cookieOf(await open('hotline'));
    const ended = await asked(cookie, { method: 'DELETE' });
    expect(ended.status).toBe(204);
    expect(ended.headers.get('set-cookie')).toMatch(/^fundflow_session=; .*Max-Age=0$/);
    expect(ended.headers.get('clear-site-data')).toBe('"cache", "storage"');
    expectProblem(await asked(cookie), '401 not-authenticated');
    expect((await asked(cookie, { method: 'DELETE' })).status).toBe(204);
  });

  it('signing in again ends the session before it in the same browser', async () => {
    const first = cookieOf(await open('hotline'));
    const again = await send(at('/api/v1/session'), {
      ...json({ user: 'hotline', password: PASSWORD }),
      headers: { 'content-type': 'application/json', cookie: first },
    });
    expectProblem(await asked(first), '401 not-authenticated');
    expect((await asked(cookieOf(again))).status).toBe(200);
  });

  it('shows one all one’s sessions, and ends the others for whoever has the password', async () => {
    const [here, there] = [cookieOf(await open('hotline')), cookieOf(await open('hotline'))];
    const all = await send<{ sessions: { isThis: boolean; expiresAt: string }[] }>(
      at('/api/v1/session/all'),
      { headers: { cookie: here } },
    );
    expect(all.status).toBe(200);
    expect(all.body.sessions.filter(({ isThis }) => isThis)).toHaveLength(1);
    expect(all.body.sessions.length).toBeGreaterThan(1);
    expect(all.text).not.toContain(here.split('=')[1]);
    const endOthers = (password: string) => {
      const { headers, ...init } = json({ password });
      return send(at('/api/v1/session/end-others'), {
        ...init,
        headers: { ...headers, cookie: here },
      });
    };
    expectProblem(await endOthers('not the password'), '401 bad-credentials');
    expect((await asked(there)).status).toBe(200);
    expect((await endOthers(PASSWORD)).status).toBe(204);
    expectProblem(await asked(there), '401 not-authenticated');
    expect((await asked(here)).status).toBe(200);
  });

  it('a wrong password and an unknown user get the same answer', async () => {
    const [wrong, nobody] = [await open('maker', 'wrong'), await open('nobody', 'wrong')];
    expectProblem(wrong, '401 bad-credentials');
    expect(nobody.text).toBe(wrong.text);
    expect(wrong.headers.get('set-cookie')).toBeNull();
  });

  it('a body that is none is refused by field, without repeating what was sent', async () => {
    const answer = await send(at('/api/v1/session'), json({ user: 7, password: 'geheim-1', x: 1 }));
    expectProblem(answer, '400 bad-value');
    expect(answer.body).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ field: 'user' }),
        expect.objectContaining({ field: 'x', message: '不认识的字段' }),
      ]),
    });
    expect(answer.text).not.toContain('geheim-1');
  });
});

describe('§5 the users of the demonstration', () => {
  const USERS: Record<DemoLogin, readonly [role: string, region: string]> = {
    maker: ['finance-maker', '45'],
    checker: ['finance-checker', '45'],
    inspector: ['inspector', '45'],
    hotline: ['hotline', '45'],
    admin: ['admin', '45'],
    'county-maker': ['finance-maker', '450124'],
    'centre-maker': ['finance-maker', '000000'],
    'centre-checker': ['finance-checker', '000000'],
  };

  it.each(DEMO_LOGINS)('%s', async (login) => {
    const { body } = await ledger.as(login).get<WhoAmI>('/api/v1/session');
    expect([body.user, ...body.roles, body.region]).toEqual([login, ...USERS[login]]);
  });

  it('each may do what the role is for, and gets 403 not-allowed for the rest', async () => {
    const handedIn = await ledger.as('centre-maker').handIn('allocations', [allocation('who')]);
    const { id } = handedIn.body;
    const LIMIT = {
      ...{ rule: 'not-disbursed', region: '450124', limitDays: 60, validFrom: '2018-01-01' },
      basis: '测试',
    };
    const tried = async (login: DemoLogin): Promise<string> => {
      const person = ledger.as(login);
      const answers = [
        await person.handIn('projects', []),
        await person.certify(id),
        await person.get('/api/v1/counties/450124/summary'),
        await person.get('/api/v1/users'),
        await person.post('/api/v1/settings/limits', LIMIT),
      ];
      for (const answer of answers) {
        if (answer.status === 403)
          expectProblem(answer, `403 ${(answer.body as ProblemBody).code}`);
      }
      return answers.map(({ status }) => (status === 403 ? '-' : 'x')).join('');
    };
    // Hands in, certifies, asks, manages users, sets limits.
    expect([await tried('centre-maker'), await tried('inspector'), await tried('hotline')]).toEqual(
      [...['x-x--', '--x--', '--x--']],
    );
    expect([await tried('admin'), await tried('centre-checker')]).toEqual(['---xx', '-xx--']);
  });

  it('the jurisdiction decides what a maker may hand in', async () => {
    const verdict = (region: string, by: DemoLogin) =>
      ledger.verdicts('allocations', [allocation('j', { receiver_region: region })], by);
    const regions = ['450124', '450124100', '450125', '450000', '440000'];
    const of = async (by: DemoLogin) =>
      (await Promise.all(regions.map((region) => verdict(region, by)))).flat();
    const out = 'out-of-jurisdiction';
    expect(await of('county-maker')).toEqual(['ok', 'ok', out, out, out]);
    expect(await of('maker')).toEqual(['ok', 'ok', 'ok', 'ok', out]);
    expect(await of('centre-maker')).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  });
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('§3 “errors are RFC 9457 application/problem+json with a stable code”', () => {
  it('every route but those open to everybody: 401 without a session, and with a wrong one', async () => {
    const { body } = await send<Document>(at('/api/v1/openapi.json'), {});
    const OPEN = /^(post|delete) \/api\/v1\/session$|\/api\/v1\/(setup$|public\/)|\/health\//;
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const closed = routes.filter((route) => !OPEN.test(route));
    expect(closed.length).toBeGreaterThan(20);
    for (const route of closed) {
      const [method = '', path = ''] = route.split(' ');
      const url = at(path.replace(/\{[^}]+\}/g, '00000000-0000-4000-8000-000000000000'));
      const needsBody = !['get', 'delete'].includes(method);
      const init = { ...(needsBody ? json({}) : {}), method: method.toUpperCase() };
      expectProblem(await send(url, init), '401 not-authenticated');
      const cookie = `fundflow_session=${'x'.repeat(43)}`;
      const headers = { ...(init.headers as Record<string, string>), cookie };
      expectProblem(await send(url, { ...init, headers }), '401 not-authenticated');
    }
  });

  it('what no route answers, no body reads and no page opens', async () => {
    const cookie = cookieOf(await open('inspector'));
    const get = (path: string) => send(at(path), { headers: { cookie } });
    const post = (path: string, type: string, body: string) =>
      send(at(path), { method: 'POST', headers: { cookie, 'content-type': type }, body });
    expectProblem(await get('/api/v1/nothing'), '404 no-such-route');
    expectProblem(await get('/'), '404 no-such-route');
    expectProblem(await get('/api/v1/holdings/nobody'), '404 unknown-holding');
    expectProblem(await get('/api/v1/projects/nobody'), '404 unknown-project');
    expectProblem(await get('/api/v1/counties/990000/trail'), '404 unknown-region');
    expectProblem(await get('/api/v1/counties/4501234/trail'), '400 bad-value');
    expectProblem(await get('/api/v1/counties/450124/trail?asOf=2018-2-1'), '400 bad-value');
    expectProblem(await get('/api/v1/counties/450124/trail?limit=0'), '400 bad-value');
    expectProblem(await get('/api/v1/counties/450124/trail?sort=x'), '400 bad-value');
    expectProblem(await get('/api/v1/events?after=-1'), '400 bad-value');
    expectProblem(await get(`/api/v1/holdings/${'a'.repeat(400)}`), '414 address-too-long');
    expectProblem(await post('/api/v1/session', 'application/json', '{"user":'), '400 bad-json');
    expectProblem(await post('/api/v1/session', 'text/plain', 'x'), '415 unsupported-media-type');
    expectProblem(await get('/api/v1/submissions/1'), '403 not-allowed');
  });

  it('a page of another site is refused', async () => {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' };
    const body = JSON.stringify({ user: 'maker', password: PASSWORD });
    expectProblem(
      await send(at('/api/v1/session'), { method: 'POST', headers, body }),
      '403 cross-origin',
    );
  });

  it('certifying what one handed in, what is unknown, and what is certified already', async () => {
    const maker = ledger.as('centre-maker');
    const handedIn = await maker.handIn('allocations', [allocation('cert')]);
    const { id } = handedIn.body;
    const nobody = '00000000-0000-4000-8000-000000000000';
    expectProblem(await maker.certify(id), '403 not-allowed');
    expectProblem(await ledger.as('checker').certify(nobody), '404 unknown-submission');
    expectProblem(await ledger.as('checker').certify(id), '403 out-of-jurisdiction');
    expect((await ledger.as('centre-checker').certify(id)).status).toBe(200);
    expectProblem(await ledger.as('centre-checker').certify(id), '409 already-certified');
    expectProblem(await ledger.as('centre-checker').certify(id, 'some' as 'all'), '400 bad-value');
  });
});

describe('§5 GET /health/ready', () => {
  it('answers 200 to anybody when questions can be answered', async () => {
    const { status, body } = await send(at('/health/ready'), {});
    expect([status, body]).toMatchObject([200, { ready: true }]);
    expect((await send(at('/health/live'), {})).status).toBe(200);
  });
});
