import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { type ServedRoute, servedRoutes } from '@fundflow/identity/http/route-needs';
import { may, type Role, ROLES } from '@fundflow/identity/policy';
import { Sessions } from '@fundflow/identity/sign-in/sessions';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import type { EventsAnswer, ProblemBody, TraceAnswer } from './support/answers.js';
import { send } from './support/person.js';
import { allocation, project } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/*
 * Who gets through where: every role, on every route the application serves, about places inside and outside the
 * jurisdiction, in every state of an account. The routes are those that exist; one that nobody placed in PLACED, and that
 * takes an address with a place or record in it, fails.
 */
const ledger = theLedger();

/** Places by what lies there: an allocation and a project each. */
const PLACES = {
  county: '450124',
  below: '450124100',
  sibling: '450125',
  above: '45',
  other: '52',
};
type Place = keyof typeof PLACES;
const REGIONS = ['45', '450124'] as const;
type Region = (typeof REGIONS)[number];

const lies = (place: Place, region: Region): boolean => PLACES[place].startsWith(region);
const padded = (code: string): string => (code.length < 6 ? code.padEnd(6, '0') : code);

/** What a route that is about a place answers to whoever may not ask about it. */
interface Placed {
  readonly at: (place: Place) => string;
  readonly outside: '403 out-of-jurisdiction' | `404 ${string}`;
}
const PLACED: Readonly<Record<string, Placed>> = {
  'GET /api/v1/holdings/:id': {
    at: (place) => `/api/v1/holdings/A-${place}`,
    outside: '404 unknown-holding',
  },
  'GET /api/v1/projects/:id': {
    at: (place) => `/api/v1/projects/P-${place}`,
    outside: '404 unknown-project',
  },
  'GET /api/v1/trace/:id': {
    at: (place) => `/api/v1/trace/A-${place}?direction=up`,
    outside: '404 unknown-record',
  },
  'GET /api/v1/counties/:code/trail': {
    at: (place) => `/api/v1/counties/${padded(PLACES[place])}/trail`,
    outside: '403 out-of-jurisdiction',
  },
  'GET /api/v1/counties/:code/summary': {
    at: (place) => `/api/v1/counties/${padded(PLACES[place])}/summary`,
    outside: '403 out-of-jurisdiction',
  },
  'GET /api/v1/attachments': {
    at: (place) => `/api/v1/attachments?subjectId=A-${place}`,
    outside: '404 unknown-record',
  },
  'GET /api/v1/alerts': {
    at: (place) => `/api/v1/alerts?county=${padded(PLACES[place])}`,
    outside: '403 out-of-jurisdiction',
  },
};
/** Have a parameter that names neither a place nor a record of one. */
const ABOUT_NO_PLACE = [
  'GET /api/v1/templates/:kind',
  // Hashes and signatures: they say that a record stands in the log, and nothing of it.
  'GET /api/v1/events/:position/proof',
  // Looks for the paper among those of its record, as the list does: attachments.spec.ts.
  'GET /api/v1/attachments/:sha256',
];

/** Each level a month after the one above. */
const DATES = ['01', '02', '03'].map((month) => ({
  issued_on: `2018-${month}-01`,
  received_on: `2018-${month}-02`,
}));

const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';
let routes: ServedRoute[] = [];
/** Of each role in each region. */
const cookies = new Map<string, string>();
let cells = 0;

async function account(roles: readonly Role[], region: string): Promise<{ id: string }> {
  const users = ledger.running.app.get(UserDirectory, { strict: false });
  const isSystem = roles.includes('system');
  return users.create({
    ...{ login: `t-${roles.join('-')}-${cookies.size}-${region}`, roles, region, unit: '某单位' },
    ...{ password: isSystem ? null : 'a long word for all 1', origin: 'admin', by: null },
    mustChangePassword: false,
  });
}

async function sessionOf(id: string): Promise<string> {
  const sessions = ledger.running.app.get(Sessions, { strict: false });
  return `fundflow_session=${(await sessions.open(id, '127.0.0.1')).token}`;
}

beforeAll(async () => {
  const { app } = ledger.running;
  routes = servedRoutes({
    discovery: app.get(DiscoveryService, { strict: false }),
    scanner: app.get(MetadataScanner, { strict: false }),
    reflector: app.get(Reflector, { strict: false }),
  });
  const to = (place: Place, parent: Place | null) =>
    allocation(`A-${place}`, {
      ...(parent === null ? {} : { parent_id: `A-${parent}` }),
      issuer_region: parent === null ? '000000' : padded(PLACES[parent]),
      receiver_region: padded(PLACES[place]),
      amount: parent === null ? '1000' : '10',
      ...DATES[parent === null ? 0 : parent === 'above' ? 1 : 2],
    });
  await ledger.post(
    'allocations',
    ...[to('above', null), to('other', null), to('county', 'above'), to('sibling', 'above')],
    to('below', 'county'),
  );
  for (const place of ['county', 'sibling', 'other'] as const) {
    const county = place === 'other' ? '520102' : PLACES[place];
    await ledger.post('projects', project(`P-${place}`, { county, township: '', village: '' }));
  }
  for (const region of REGIONS) {
    for (const role of ROLES) {
      const { id } = await account([role], region);
      cookies.set(`${role} ${region}`, await sessionOf(id));
    }
  }
});

/** Asked with nothing in it: whoever gets through is told what is wrong with it, or is answered. */
async function ask(address: string, cookie: string | null, path?: string): Promise<string> {
  const [method = '', pattern = ''] = address.split(' ');
  const filled = path ?? pattern.replaceAll(/:\w+/g, NOBODYS_ID);
  const answer = await send<Partial<ProblemBody>>(ledger.running.url + filled, {
    method,
    headers: {
      ...(cookie === null ? {} : { cookie }),
      ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
    },
    ...(method === 'GET' ? {} : { body: '{}' }),
  });
  cells += 1;
  return answer.status < 400 ? String(answer.status) : `${answer.status} ${answer.body.code}`;
}

const TURNED_AWAY = [
  ...['401 not-authenticated', '403 not-allowed', '403 password-change-required'],
  '403 second-factor-enrolment-required',
];

describe('the routes that are served', () => {
  it('are all decided upon, and each about a place is placed', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ need }) => need === null)).toEqual([]);
    const unplaced = routes.filter(
      ({ address, need }) => need === 'ask' && address.includes('/:') && !(address in PLACED),
    );
    const forgotten = unplaced.filter(({ address }) => !ABOUT_NO_PLACE.includes(address));
    expect(forgotten.map(({ address }) => address)).toEqual([]);
    const served = routes.map(({ address }) => address);
    expect(Object.keys(PLACED).filter((address) => !served.includes(address))).toEqual([]);
  });

  it('take no input that nothing validates', () => {
    const open = routes.filter(({ unvalidated }) => unvalidated.length > 0);
    expect(open.map(({ address, unvalidated }) => [address, unvalidated])).toEqual([]);
  });

  it('let nobody in who is not signed in, but where they are public', async () => {
    const open: string[] = [];
    for (const { address, need } of routes) {
      if (need !== 'public' && (await ask(address, null)) !== '401 not-authenticated') {
        open.push(address);
      }
    }
    expect(open).toEqual([]);
  });

  it('let in whoever has the role, and nobody else: role × route', async () => {
    const wrong: string[] = [];
    for (const { address, need } of routes) {
      // Signing off, and changing the second factor, would end the sessions of this test.
      if (need === null || need === 'public') continue;
      for (const role of ROLES) {
        const cookie = cookies.get(`${role} 450124`) ?? '';
        const answer = await ask(address, cookie);
        const away = answer === '403 not-allowed';
        if (away === may({ roles: [role] }, need) || answer.startsWith('401')) {
          wrong.push(`${role} ${address}: ${answer}`);
        }
      }
    }
    expect(wrong.filter((line) => !line.includes('bad-second-factor'))).toEqual([]);
  });

  it('answer about the own jurisdiction alone: role × route × region', async () => {
    const wrong: string[] = [];
    for (const [address, { at, outside }] of Object.entries(PLACED)) {
      for (const region of REGIONS) {
        for (const role of ROLES.filter((each) => may({ roles: [each] }, 'ask'))) {
          for (const place of Object.keys(PLACES) as Place[]) {
            const isProject = address.includes('/projects/');
            if (isProject && (place === 'below' || place === 'above')) continue;
            const answer = await ask(address, cookies.get(`${role} ${region}`) ?? '', at(place));
            const expected = lies(place, region) ? '200' : outside;
            if (answer !== expected) wrong.push(`${role} ${region} ${address} ${place}: ${answer}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keep the sums of the whole ledger to provinces and the centre', async () => {
    for (const role of ROLES.filter((each) => may({ roles: [each] }, 'ask-whole-ledger'))) {
      const answers = REGIONS.map((region) =>
        ask('GET /api/v1/trial-balance', cookies.get(`${role} ${region}`) ?? ''),
      );
      expect(await Promise.all(answers)).toEqual(['200', '403 out-of-jurisdiction']);
    }
  });
});

describe('the states of an account: state × route', () => {
  const STATES: readonly (readonly [string, string, string])[] = [
    ['a first password', 'must_change_password = true', '403 password-change-required'],
    ['disabled', 'disabled = true', '401 not-authenticated'],
  ];

  it.each(STATES)('%s: nothing but the own account', async (_state, change, refusal) => {
    const wrong: string[] = [];
    for (const role of ROLES) {
      const { id } = await account([role], '4501');
      cookies.set(`state ${id}`, '');
      const users = ledger.running.app.get(UserDirectory, { strict: false });
      await users['database'].query(`UPDATE identity_users SET ${change} WHERE id = $1`, [id]);
      const cookie = await sessionOf(id);
      for (const { address, need } of routes) {
        if (need === null || need === 'public' || need === 'manage-own-account') continue;
        const answer = await ask(address, cookie);
        if (answer !== refusal) wrong.push(`${role} ${address}: ${answer}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('without the second factor its role has to show: nothing but the own account', async () => {
    const users = ledger.running.app.get(UserDirectory, { strict: false });
    const database = users['database'];
    const demand = `INSERT INTO identity_factor_demands (region, role) SELECT '4502', unnest($1::text[])`;
    await database.query(demand, [ROLES]);
    const wrong: string[] = [];
    for (const role of ROLES) {
      const { id } = await account([role], '4502');
      cookies.set(`factor ${id}`, '');
      const cookie = await sessionOf(id);
      for (const { address, need } of routes) {
        if (need === null || need === 'public' || need === 'manage-own-account') continue;
        const answer = await ask(address, cookie);
        if (!TURNED_AWAY.includes(answer) || answer === '403 not-allowed') {
          wrong.push(`${role} ${address}: ${answer}`);
        }
      }
    }
    await database.query('DELETE FROM identity_factor_demands');
    expect(wrong).toEqual([]);
  });
});

describe('what is shown across the border', () => {
  const as =
    (who: string) =>
    async <Body>(path: string): Promise<Body> => {
      const headers = { cookie: cookies.get(who) ?? '' };
      return (await send<Body>(ledger.running.url + path, { headers })).body;
    };

  it('a trace goes up to the centre, and says of what lies beyond only that it is there', async () => {
    const trace = await as('inspector 450124')<TraceAnswer>('/api/v1/trace/A-county?direction=up');
    const nodes = Object.fromEntries(trace.nodes.map((node) => [node.id, node]));
    expect(nodes['A-county']).toMatchObject({ amountFen: '1000' });
    expect(nodes['A-above']).toMatchObject({ region: '45', amountFen: null, label: null });
    const amounts = trace.edges.map(({ from, to, amountFen }) => [from, to, amountFen]);
    expect(amounts).toEqual(
      expect.arrayContaining([
        ['A-above', 'A-county', '1000'],
        ['outside:000000', 'A-above', null],
      ]),
    );
  });

  it('the log shows the own places, and to no desk who looked', async () => {
    const types = async (who: string): Promise<[string, string][]> => {
      const { entries } = await as(who)<EventsAnswer>('/api/v1/events?limit=1000');
      return entries.map(({ envelope }) => [String(envelope['type']), String(envelope['region'])]);
    };
    const county = await types('inspector 450124');
    expect(county.length).toBeGreaterThan(0);
    for (const [type, region] of county) {
      expect(region).toMatch(/^450124/);
      expect(type).not.toBe('AccessDenied');
    }
    expect((await types('finance-maker 45')).map(([type]) => type)).not.toContain('AccessDenied');
  });

  it('auditors see who was turned away, superiors of whom, and nobody about his equals', async () => {
    await ask(
      'GET /api/v1/counties/:code/summary',
      cookies.get('inspector 450124') ?? '',
      '/api/v1/counties/520000/summary',
    );
    const denials = async (who: string): Promise<string[]> => {
      const seen: string[] = [];
      for (let after: number | null = 0; after !== null;) {
        const page: EventsAnswer = await as(who)<EventsAnswer>(
          `/api/v1/events?limit=1000&after=${after}`,
        );
        for (const { envelope } of page.entries) {
          if (envelope['type'] === 'AccessDenied') seen.push(String(envelope['region']));
        }
        after = page.next;
      }
      return [...new Set(seen)];
    };
    expect(await denials('auditor 45')).toEqual(expect.arrayContaining(['45', '450124']));
    expect(await denials('auditor 450124')).toEqual(['450124']);
    const above = await denials('inspector 45');
    expect(above).toContain('450124');
    expect(above).not.toContain('45');
    expect(await denials('inspector 450124')).toEqual([]);
    expect(await denials('finance-checker 45')).toEqual([]);
  });

  it('went through more than a thousand cells', () => {
    expect(cells).toBeGreaterThan(1_000);
  });
});
