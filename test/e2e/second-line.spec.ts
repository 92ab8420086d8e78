import { type Action, type Role, ROLES } from '@fundflow/identity/policy';
import type { Principal } from '@fundflow/identity/principal';
import { type Scope, scopeOf } from '@fundflow/identity/scope';
import { Sessions } from '@fundflow/identity/sign-in/sessions';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { CENTRE, type RegionCode } from '@fundflow/domain/region';
import type { SubmissionAnswer } from './support/answers.js';
import { send } from './support/person.js';
import { residentId } from './support/resident-id.js';
import { allocation, disbursement, payment, project } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';
import { withoutChecks } from './support/without-checks.js';

/*
 * The authorisation matrix once with the application's checks and once without them: role × route × region × state. Without
 * them the guard lets everybody through it knows, and every place counts as within; what stays is the scope the question
 * was asked with, and PostgreSQL. Every place has words of its own in it, and a leak is an answer that holds a word of a
 * place beyond the scope.
 */
const ledger = theLedger();

const PLACES = {
  county: '450124',
  below: '450124100',
  sibling: '450125',
  above: '45',
  other: '52',
};
type Place = keyof typeof PLACES;
const EVERYWHERE = Object.keys(PLACES) as Place[];
const REGIONS = ['45', '450124'] as const;
type State = 'ready' | 'first-password' | 'no-second-factor';

const padded = (code: string): string => code.padEnd(6, '0').slice(0, Math.max(6, code.length));
const paper = (place: Place): string => `密函〔2018〕${EVERYWHERE.indexOf(place)}7031号`;
const AMOUNT: Readonly<Record<Place, string>> = {
  ...{ above: '880017.13', other: '770019.37', county: '66013.91', sibling: '55021.53' },
  below: '4407.79',
};
const fenOf = (place: Place): string => AMOUNT[place].replace('.', '');
const payee = (place: Place): { name: string; code: string } => ({
  name: `覃${place === 'county' ? '甲' : '乙'}某${EVERYWHERE.indexOf(place)}`,
  code: residentId(900 + EVERYWHERE.indexOf(place)),
});
const PAID: readonly Place[] = ['county', 'sibling', 'other'];

/** What only somebody of the place, or of one above it, may read. */
const words = (place: Place): string[] => [
  ...[paper(place), `工程${place}`, `V-秘${place}`, fenOf(place), `错额${place}`],
  ...(PAID.includes(place) ? [payee(place).name, payee(place).code] : []),
];

const persons = new Map<Place, string>();
const handedIn = new Map<Place, string>();

interface Question {
  readonly what: string;
  readonly action: Action;
  readonly asked: (place: Place) => { readonly path: string; readonly body?: object };
}
const WHY = { purpose: 'investigation', reason: '核对发放对象', caseId: '案〔2020〕9号' };
const get = (what: string, path: (place: Place) => string, action: Action = 'ask'): Question => ({
  ...{ what, action },
  asked: (place) => ({ path: `/api/v1/${path(place)}` }),
});
const QUESTIONS: readonly Question[] = [
  get('a holding', (place) => `holdings/A-${place}`),
  get('a project', (place) => `projects/P-${place}`),
  get('a trace upward', (place) => `trace/A-${place}?direction=up`),
  get('a trace downward', (place) => `trace/A-${place}?direction=down`),
  get('a trace of a payment', (place) => `trace/Z-${place}?direction=up`),
  get('a trace of a project', (place) => `trace/P-${place}?direction=down`),
  get('a trail', (place) => `counties/${padded(PLACES[place])}/trail`),
  get('a summary', (place) => `counties/${padded(PLACES[place])}/summary`),
  get('alerts', (place) => `alerts?county=${padded(PLACES[place])}&status=all`),
  get('alerts at a moment', (place) => `alerts?county=${padded(PLACES[place])}&asOf=2019-06-01`),
  get('the trial balance', () => 'trial-balance', 'ask-whole-ledger'),
  get('the log', () => 'events?limit=1000'),
  get('papers', (place) => `attachments?subjectId=A-${place}`, 'attach'),
  get('submissions', () => 'submissions', 'follow-submissions'),
  get('a submission', (place) => `submissions/${handedIn.get(place)}`, 'follow-submissions'),
  get('a report', (place) => `submissions/${handedIn.get(place)}/report`, 'follow-submissions'),
  get('a receipt', (place) => `submissions/${handedIn.get(place)}/receipt`, 'follow-submissions'),
  get('erasures', () => 'personal/erasures', 'propose-erasure'),
  {
    what: 'a search by number',
    action: 'search-people',
    asked: (place) => ({
      path: '/api/v1/personal/search',
      body: { ...WHY, id: payee(place).code },
    }),
  },
  {
    what: 'a search by name and sound',
    action: 'search-people',
    asked: (place) => ({
      path: '/api/v1/personal/search',
      body: { ...WHY, name: payee(place).name, county: padded(PLACES[place]) },
    }),
  },
  {
    what: 'one field in clear',
    action: 'unmask',
    asked: (place) => ({
      path: `/api/v1/personal/${persons.get(place) ?? persons.get('other')}/unmask`,
      body: { ...WHY, field: 'name', callerId: payee(place).code },
    }),
  },
];

interface Account {
  readonly role: Role;
  readonly region: RegionCode;
  readonly state: State;
  readonly cookie: string;
}
const accounts: Account[] = [];
let made = 0;

/** What the policy grants, by its own words; an account that is not ready has nothing but itself. */
function granted({ role, region, state }: Account, action: Action, place: Place): boolean {
  if (state !== 'ready') return false;
  const asker = { roles: [role], region, cases: [] } as unknown as Principal;
  return reaches(scopeOf(asker, action, Date.now()), PLACES[place]);
}
const reaches = ({ regions }: Scope, code: string): boolean =>
  regions.some((own) => /^0+$/.test(own) || code.startsWith(own));

async function accountOf(role: Role, region: RegionCode, state: State): Promise<void> {
  const users = ledger.running.app.get(UserDirectory, { strict: false });
  const { id } = await users.create({
    ...{
      login: `s-${role}-${region}-${state}-${(made += 1)}`,
      roles: [role],
      region,
      unit: '某单位',
    },
    ...{ password: role === 'system' ? null : 'a long word for all 1', origin: 'admin', by: null },
    mustChangePassword: false,
  });
  if (state === 'first-password') {
    const change = 'UPDATE identity_users SET must_change_password = true WHERE id = $1';
    await users['database'].query(change, [id]);
  }
  const sessions = ledger.running.app.get(Sessions, { strict: false });
  const cookie = `fundflow_session=${(await sessions.open(id, '127.0.0.1')).token}`;
  accounts.push({ role, region, state, cookie });
}

beforeAll(async () => {
  const dates = (month: string) => ({
    ...{ issued_on: `2018-0${month}-01`, received_on: `2018-0${month}-02` },
  });
  const to = (place: Place, parent: Place | null, month: string) =>
    allocation(`A-${place}`, {
      ...(parent === null ? {} : { parent_id: `A-${parent}` }),
      issuer_region: parent === null ? '000000' : padded(PLACES[parent]),
      receiver_region: padded(PLACES[place]),
      ...{ amount: AMOUNT[place], doc_no: paper(place), ...dates(month) },
    });
  await ledger.post('allocations', to('above', null, '1'), to('other', null, '1'));
  await ledger.post('allocations', to('county', 'above', '2'), to('sibling', 'above', '2'));
  await ledger.post('allocations', to('below', 'county', '3'));
  for (const place of PAID) {
    const county = place === 'other' ? '520102' : PLACES[place];
    const named = { name: `工程${place}`, county, township: '', village: '' };
    await ledger.post('projects', project(`P-${place}`, named));
    const voucher = { voucher_no: `V-秘${place}` };
    await ledger.post('disbursements', disbursement(`D-${place}`, `A-${place}`, voucher));
    const { name, code } = payee(place);
    const who = { payee_kind: '个人', payee_name: name, payee_code: code, method: '一卡通' };
    const of = { ...who, project_id: `P-${place}`, ...voucher };
    await ledger.post('payments', payment(`Z-${place}`, `D-${place}`, of));
  }
  const { entries } = await ledger.events({ limit: 1000 });
  for (const { envelope } of entries) {
    const place = PAID.find((each) => envelope['key'] === `payment:Z-${each}`);
    const row = (envelope['data'] as { row?: { id?: string } } | undefined)?.row;
    const paid = place ?? PAID.find((each) => row?.id === `Z-${each}`);
    if (paid && envelope['type'] === 'PaymentMade') {
      persons.set(paid, String(envelope['eventId'] ?? envelope['id']));
    }
  }
  for (const place of EVERYWHERE) {
    await accountOf('finance-maker', PLACES[place] as RegionCode, 'ready');
    const { cookie } = accounts.pop() as Account;
    const { body } = await send<SubmissionAnswer>(`${ledger.running.url}/api/v1/submissions`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'payments',
        rows: [payment(`N-${place}`, 'D-county', { amount: `错额${place}` })],
      }),
    });
    handedIn.set(place, body.id);
  }
  const demand = `INSERT INTO identity_factor_demands (region, role) SELECT '4502', unnest($1::text[])`;
  const users = ledger.running.app.get(UserDirectory, { strict: false });
  await users['database'].query(demand, [ROLES]);
  for (const role of ROLES) {
    for (const region of REGIONS) {
      if (region === '450124') await accountOf(role, region as RegionCode, 'first-password');
      await accountOf(role, `${region}` as RegionCode, 'ready');
    }
    await accountOf(role, '4502' as RegionCode, 'no-second-factor');
  }
});

interface Cell {
  readonly account: Account;
  readonly question: Question;
  readonly place: Place;
}
const cellsOf = (): Cell[] =>
  accounts.flatMap((account) =>
    QUESTIONS.flatMap((question) =>
      (question.asked('county').path === question.asked('other').path &&
      !question.asked('county').body
        ? (['county'] as const)
        : EVERYWHERE
      ).map((place) => ({ account, question, place })),
    ),
  );

const AT_ONCE = 8;
/** 28 accounts: 17 questions about each of five places, 4 about none. */
const CELLS = 28 * (17 * 5 + 4);
const outcomes = { answered: 0 };

function answerTo({ account, question, place }: Cell) {
  const { path, body } = question.asked(place);
  return send<unknown>(ledger.running.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      cookie: account.cookie,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Words that the answer holds and the policy does not grant. */
async function leaksOf({ account, question, place }: Cell): Promise<string[]> {
  const { path } = question.asked(place);
  const answer = await answerTo({ account, question, place });
  if (answer.status >= 500) return [`answered ${answer.status}: ${answer.text}`];
  if (answer.status < 400) outcomes.answered += 1;
  // A refusal repeats what was asked about, which the asker knows.
  const text = answer.status < 400 ? answer.text : answer.text.replaceAll(decodeURI(path), '');
  const beyond = EVERYWHERE.filter((each) => !granted(account, question.action, each));
  const found = beyond.flatMap((each) => words(each).filter((word) => text.includes(word)));
  const own = [question.action === 'follow-submissions', answer.status < 400];
  const strange = own.every(Boolean)
    ? beyond.filter((each) => text.includes(`"${handedIn.get(each)}"`))
    : [];
  return [...found, ...strange];
}

async function matrix(): Promise<{ readonly cells: number; readonly leaks: readonly string[] }> {
  const cells = cellsOf();
  const leaks: string[] = [];
  outcomes.answered = 0;
  for (let at = 0; at < cells.length; at += AT_ONCE) {
    const some = cells.slice(at, at + AT_ONCE);
    const found = await Promise.all(some.map(leaksOf));
    found.forEach((words_, index) => {
      const { account, question, place } = some[index] as Cell;
      const { role, region, state } = account;
      if (words_.length > 0) {
        leaks.push(`${role} ${region} ${state}, ${question.what} of ${place}: ${words_.join(' ')}`);
      }
    });
  }
  return { cells: cells.length, leaks };
}

describe('the matrix', () => {
  it('leaks nothing with the application’s checks', async () => {
    const { cells, leaks } = await matrix();
    expect(leaks).toEqual([]);
    expect(cells).toBe(CELLS);
    expect(outcomes.answered).toBeGreaterThan(100);
  });

  it('leaks nothing without them: PostgreSQL holds every answer to its scope', async () => {
    const { cells, leaks } = await withoutChecks(matrix);
    expect(leaks).toEqual([]);
    expect(cells).toBe(CELLS);
    expect(outcomes.answered).toBeGreaterThan(500);
  });

  it('would show a leak: whoever may see everything reads these words in these answers', async () => {
    const before = accounts.length;
    for (const role of ['inspector', 'finance-maker'] as const)
      await accountOf(role, CENTRE, 'ready');
    const texts = new Map<Place, string>();
    for (const account of accounts.slice(before)) {
      for (const place of EVERYWHERE) {
        for (const question of QUESTIONS) {
          const { text } = await answerTo({ account, question, place });
          texts.set(place, (texts.get(place) ?? '') + text);
        }
      }
    }
    for (const place of EVERYWHERE) {
      const shown = words(place).filter((word) => !texts.get(place)?.includes(word));
      // Numbers of persons are masked wherever they are not asked for one by one.
      const paid = PAID.includes(place);
      expect(shown).toEqual(paid ? [payee(place).code] : [`工程${place}`, `V-秘${place}`]);
    }
  });
});
