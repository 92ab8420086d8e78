import pg from 'pg';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { PersonalSettings } from '@fundflow/oversight/postgres/personal-settings';
import type { SettingAnswer, SettingsAnswer } from '../../apps/ledger/settings/setting-shapes.js';
import { type Person, personOf } from './support/person.js';
import { signIn } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const SETTINGS = '/api/v1/settings';
const PERSONAL = ['PersonalSettingProposed', 'PersonalSettingApproved'];
const PASSWORD = 'a long word for all 1';
const TERMS = { setting: 'unmask-per-day', validFrom: '2018-01-01', basis: '桂信办〔2018〕9号' };

let database: pg.Pool;
beforeAll(() => {
  database = new pg.Pool({ connectionString: ledger.running.databaseUrl, max: 2 });
});
afterAll(() => database.end());

let persons = 0;

async function personWith(role: 'admin' | 'auditor', region: string): Promise<Person> {
  const login = `${role}-${region}-${++persons}`;
  const { running } = ledger;
  await running.app.get(UserDirectory, { strict: false }).create({
    ...{ login, roles: [role], region, unit: '某单位', password: PASSWORD },
    ...{ origin: 'admin', by: null, mustChangePassword: false },
  });
  const { cookie } = await signIn(running.url, login, PASSWORD);
  const sessions = new Map([[login, cookie]]);
  // Not a copy: the address changes with a restart.
  return personOf(Object.create(running, { sessions: { value: sessions } }), login);
}

const propose = (by: Person, over: object = {}) =>
  by.post<SettingAnswer>(`${SETTINGS}/personal-data`, {
    ...TERMS,
    region: '450000',
    value: 6,
    ...over,
  });
const approve = (by: Person, id: string) =>
  by.post<SettingAnswer & { code?: string }>(`${SETTINGS}/${id}/approval`, {});

describe('how often persons may be looked at, and how long they are kept,', () => {
  let first: Person;
  let second: Person;
  beforeAll(() => {
    first = ledger.as('admin');
  });

  it('has values of its own with a source, until a jurisdiction sets others', async () => {
    const { body } = await first.get<SettingsAnswer>(SETTINGS);
    expect(body.defaults.map(({ setting, rule, value }) => `${rule ?? setting} ${value}`)).toEqual([
      ...['unmask-per-day 50', 'unmask-usual 20', 'retention-years 30', 'not-acknowledged 10'],
      ...['passed-on-late 60', 'passed-on-late 30', 'not-disbursed 60', 'cash-parked 60'],
      ...['left-over 90', 'second-checker-from-fen none'],
    ]);
    for (const one of body.defaults)
      expect(one).toMatchObject({ source: expect.stringMatching(/./) });
  });

  it('is set at once by the only administrator there is, and the log says that he was alone', async () => {
    const { status, body } = await propose(first, { value: 7 });
    expect([status, body.approvedBy]).toEqual([201, body.proposedBy]);
    expect(await eventsOf(ledger.as('inspector'), ...PERSONAL)).toEqual([]);
    const seen = await eventsOf(await auditor(), ...PERSONAL);
    expect(seen.map(({ type }) => type)).toEqual(PERSONAL);
    expect(seen[1]?.data).toMatchObject({ proposalId: body.id, value: '7', alone: true });
  });

  it('waits for the second administrator where there is one', async () => {
    second = await personWith('admin', '450000');
    const { body } = await propose(first);
    expect([body.approvedBy, body.position]).toEqual([null, null]);
    expect((await approve(first, body.id)).body.code).toBe('second-person-needed');
    const approved = await approve(second, body.id);
    expect([approved.status, approved.body.value]).toEqual([200, '6']);
    expect(approved.body.approvedBy).not.toBe(approved.body.proposedBy);
    expect((await approve(second, body.id)).body.code).toBe('already-decided');
  });

  it('is set by nobody for a place beyond, nor approved from below', async () => {
    expect((await propose(second, { region: '520000' })).body).toMatchObject({
      ...{ status: 403, code: 'out-of-jurisdiction' },
    });
    const below = await personWith('admin', '450124');
    const { body } = await propose(second, { value: 9 });
    expect((await approve(below, body.id)).body.code).toBe('out-of-jurisdiction');
  });

  it.each([
    ['beyond its bounds', { setting: 'retention-years', value: 9 }, 'range'],
    ['from a day that is none', { validFrom: '2018-02-30' }, 'day'],
  ])('is refused %s', async (_case, over, rule) => {
    const { body } = await propose(second, over);
    expect(body).toMatchObject({ code: 'bad-value', fields: [{ rule }] });
  });

  it('counts from its day on, for the longest region, and what waits counts for nobody', async () => {
    const settings = new PersonalSettings(database);
    const value = (region: string, day: string) =>
      settings.valueFor('unmask-per-day', region as never, day);
    for (const [over, approver] of [
      [{ region: '450124', value: 3, validFrom: '2030-01-01' }, second],
      [{ region: '450124', value: 1, validFrom: '2031-01-01' }, null],
    ] as const) {
      const { body } = await propose(first, over);
      if (approver) await approve(approver, body.id);
    }
    expect(await value('450124', '2029-12-31')).toBe(6);
    expect(await value('450124', '2030-01-01')).toBe(3);
    expect(await value('450124', '2031-01-01')).toBe(3);
    expect(await value('450125', '2031-01-01')).toBe(6);
    expect(await value('45', '2017-12-31')).toBe(50);
    expect(await value('52', '2031-01-01')).toBe(50);
  });
});

describe('limits of rules and the amount of the second checker', () => {
  let first: Person;
  let second: Person;
  beforeAll(async () => {
    first = await personWith('admin', '450300');
    second = await personWith('admin', '450300');
  });

  const LIMIT = {
    ...{ rule: 'not-disbursed', region: '450324', limitDays: 10, fundTypes: ['bond'] },
    ...{ validFrom: '2018-02-10', basis: '市财政局规定' },
  };
  const CHECKER = { region: '450324', fromFen: '100', validFrom: '2018-01-01', basis: '内控制度' };
  const recorded = async (type: string): Promise<number> =>
    (await eventsOf(await auditor(), type)).length;

  it.each([
    ['limits', LIMIT, 'RuleLimitSet', '10'],
    ['second-checker', CHECKER, 'SettingChanged', '100'],
  ])('%s wait for the second administrator, and only then stand in the log', async (...row) => {
    const [kind, body, type, value] = row;
    const before = await recorded(type);
    const proposed = await first.post<SettingAnswer>(`${SETTINGS}/${kind}`, body);
    expect([proposed.status, proposed.body.approvedBy, proposed.body.position]).toEqual([
      ...[201, null, null],
    ]);
    const { id } = proposed.body;
    expect(await recorded(type)).toBe(before);
    expect((await approve(first, id)).body.code).toBe('second-person-needed');
    const approved = await approve(second, id);
    expect(approved.body).toMatchObject({ id, value, region: '450324', basis: body.basis });
    expect((await approve(second, id)).body.code).toBe('already-decided');
    const [event] = (await eventsOf(await auditor(), type)).slice(-1);
    expect([event?.actor, event?.position]).toEqual([
      ...[approved.body.approvedBy, approved.body.position],
    ]);
    expect(approved.body.approvedBy).not.toBe(approved.body.proposedBy);
    const [wish] = (await eventsOf(await auditor(), 'SettingProposed')).slice(-1);
    expect([wish?.actor, wish?.data]).toEqual([
      ...[approved.body.proposedBy, expect.objectContaining({ proposalId: id, value })],
    ]);
    const { body: listed } = await second.get<SettingsAnswer>(SETTINGS);
    expect(listed.settings.find((setting) => setting.id === id)).toEqual(approved.body);
  });

  it('approved by two at once, or again after a crash, stand in the log once, and the list names whom it names', async () => {
    const third = await personWith('admin', '450300');
    const { body } = await first.post<SettingAnswer>(`${SETTINGS}/second-checker`, CHECKER);
    const before = await recorded('SettingChanged');
    const answers = await Promise.all([approve(second, body.id), approve(third, body.id)]);
    expect(answers.map(({ status }) => status)).toContain(200);
    // As it is where the process ended between the event and what it says of it.
    await database.query(
      'UPDATE oversight_settings SET approved_by = NULL, position = NULL WHERE id = $1',
      [body.id],
    );
    const again = await approve(third, body.id);
    const events = await eventsOf(await auditor(), 'SettingChanged');
    expect(events.length).toBe(before + 1);
    const { actor, position } = events.at(-1)!;
    expect(again.body).toMatchObject({ approvedBy: actor, position });
  });

  it('that cannot be set are not proposed', async () => {
    const refused = await first.post(`${SETTINGS}/limits`, { ...LIMIT, rule: 'idle-one-year' });
    expect(refused.body).toMatchObject({ status: 400, code: 'rule-without-limit' });
    const beyond = await first.post(`${SETTINGS}/limits`, { ...LIMIT, region: '450124' });
    expect(beyond.body).toMatchObject({ status: 403, code: 'out-of-jurisdiction' });
  });
});

describe('what one administrator set before two were asked for', () => {
  it('is listed after the upgrade with the rest, as the word of one', async () => {
    const [wanting, setting] = [
      await personWith('admin', '4504'),
      await personWith('admin', '4504'),
    ];
    const common = { region: '450421', validFrom: '2018-03-01', basis: '旧规定' };
    const limit = { ...common, rule: 'cash-parked', limitDays: 20 };
    const set: SettingAnswer[] = [];
    for (const [kind, terms] of [
      ['limits', limit],
      ['limits', { ...limit, fundTypes: ['bond', 'pooled'] }],
      ['second-checker', { ...common, fromFen: '500' }],
      ['second-checker', { ...common, fromFen: null }],
    ] as const) {
      const { body } = await wanting.post<SettingAnswer>(`${SETTINGS}/${kind}`, terms);
      set.push((await approve(setting, body.id)).body);
    }
    // As the earlier program left it: in the log and in force, and in no list.
    await database.query('DELETE FROM oversight_settings WHERE id = ANY($1)', [
      set.map(({ id }) => id),
    ]);
    await database.query(`DELETE FROM fundflow_migrations WHERE name ~ '^SettingsOfBefore'`);
    await ledger.running.stop();
    await ledger.running.start();
    const { body } = await setting.get<SettingsAnswer>(SETTINGS);
    for (const one of set) {
      expect(body.settings.filter(({ position }) => position === one.position)).toEqual([
        {
          ...{ ...one, proposedBy: one.approvedBy },
          ...{ id: expect.any(String), proposedAt: expect.any(String) },
        },
      ]);
    }
  });
});

interface SettingEvent {
  readonly type: string;
  readonly actor: string;
  readonly position: number;
  readonly data: object;
}

let auditing: Promise<Person> | null = null;
const auditor = (): Promise<Person> => (auditing ??= personWith('auditor', '45'));

/** What the log says about settings, to this person. */
async function eventsOf(person: Person, ...types: readonly string[]): Promise<SettingEvent[]> {
  const { body } = await person.get<{
    entries: { position: number; envelope: Omit<SettingEvent, 'position'> }[];
  }>('/api/v1/events', { limit: 1000 });
  return body.entries
    .map(({ position, envelope }) => ({ ...envelope, position }))
    .filter(({ type }) => types.includes(type));
}
