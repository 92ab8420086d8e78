import { UserDirectory } from '@fundflow/identity/user-directory';
import { PersonalSettings } from '@fundflow/oversight/postgres/personal-settings';
import type { PersonalSettingAnswer as SettingAnswer } from '../../apps/ledger/settings/personal-setting-shapes.js';
import { type Person, personOf } from './support/person.js';
import { signIn } from './support/running-ledger.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const SETTINGS = '/api/v1/settings/personal-data';
const PASSWORD = 'a long word for all 1';
const TERMS = { setting: 'unmask-per-day', validFrom: '2018-01-01', basis: '桂信办〔2018〕9号' };

async function personWith(role: 'admin' | 'auditor', region: string): Promise<Person> {
  const login = `${role}-${region}`;
  const { running } = ledger;
  await running.app.get(UserDirectory, { strict: false }).create({
    ...{ login, roles: [role], region, unit: '某单位', password: PASSWORD },
    ...{ origin: 'admin', by: null, mustChangePassword: false },
  });
  const { cookie } = await signIn(running.url, login, PASSWORD);
  return personOf({ ...running, sessions: new Map([[login, cookie]]) }, login);
}

const propose = (by: Person, over: object = {}) =>
  by.post<SettingAnswer>(SETTINGS, { ...TERMS, region: '450000', value: 6, ...over });
const approve = (by: Person, id: string) =>
  by.post<SettingAnswer & { code?: string }>(`${SETTINGS}/${id}/approval`, {});

describe('how often persons may be looked at, and how long they are kept,', () => {
  let first: Person;
  let second: Person;
  beforeAll(() => {
    first = ledger.as('admin');
  });

  it('has values of its own with a source, until a jurisdiction sets others', async () => {
    const { body } = await first.get<{ defaults: { setting: string; value: number }[] }>(SETTINGS);
    expect(body.defaults.map(({ setting, value }) => `${setting} ${value}`)).toEqual([
      ...['unmask-per-day 50', 'unmask-usual 20', 'retention-years 30'],
    ]);
    for (const one of body.defaults)
      expect(one).toMatchObject({ source: expect.stringMatching(/./) });
  });

  it('is set at once by the only administrator there is, and the log says that he was alone', async () => {
    const { status, body } = await propose(first, { value: 7 });
    expect([status, body.approvedBy]).toEqual([201, body.proposedBy]);
    expect(await eventsOf(ledger.as('inspector'))).toEqual([]);
    const seen = await eventsOf(await personWith('auditor', '450000'));
    expect(seen.map(({ type }) => type)).toEqual([
      ...['PersonalSettingProposed', 'PersonalSettingApproved'],
    ]);
    expect(seen[1]?.data).toMatchObject({ proposalId: body.id, value: '7', alone: true });
  });

  it('waits for the second administrator where there is one', async () => {
    second = await personWith('admin', '450000');
    const { body } = await propose(first);
    expect([body.approvedBy, body.position]).toEqual([null, null]);
    expect((await approve(first, body.id)).body.code).toBe('second-person-needed');
    const approved = await approve(second, body.id);
    expect([approved.status, approved.body.value]).toEqual([200, 6]);
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
    const settings = ledger.running.app.get(PersonalSettings, { strict: false });
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

interface SettingEvent {
  readonly type: string;
  readonly data: object;
}

/** What the log says about these settings, to this person. */
async function eventsOf(person: Person): Promise<SettingEvent[]> {
  const { body } = await person.get<{ entries: { envelope: SettingEvent }[] }>('/api/v1/events', {
    limit: 1000,
  });
  return body.entries
    .map(({ envelope }) => envelope)
    .filter(({ type }) => type.startsWith('PersonalSetting'));
}
