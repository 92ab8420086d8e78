import { readFileSync } from 'node:fs';
import pg from 'pg';
import { filesBelow } from './support/files-below.js';
import { lookingLimitedTo } from './support/looking-limits.js';
import { residentId, wide } from './support/resident-id.js';
import { type Person, personOf } from './support/person.js';
import { type RunningLedger, startLedger } from './support/running-ledger.js';

const COUNTY = '450124';
const WHY = { purpose: 'investigation', reason: '核对发放对象', caseId: '案〔2020〕7号' };

interface Line {
  readonly eventId: string;
  readonly id: string;
  readonly name: string | null;
  readonly code: string | null;
  readonly account: string | null;
  readonly match: string;
  readonly restricted: boolean;
}
interface Found {
  readonly lines: readonly Line[];
  readonly more: boolean;
}

interface Payee {
  readonly id: string;
  readonly name: string;
  readonly code: string;
  readonly account: string;
}

const payees: readonly Payee[] = Array.from({ length: 200 }, (_, index) => ({
  id: `GR-${index}`,
  name: `${index % 2 === 0 ? '蓝' : '韦'}金${String.fromCodePoint(0x4e00 + 7 * index)}丝雀`,
  code: residentId(index),
  account: `62284804${String(7_130_000_019 + 977 * index)}`,
}));
const [FIRST, SECOND] = payees as unknown as readonly [Payee, Payee];

describe('personal data', () => {
  let ledger: RunningLedger;
  let pool: pg.Pool;
  let maker: Person;
  let checker: Person;
  let inspector: Person;
  let hotline: Person;
  const answers: string[] = [];

  async function post(kind: string, rows: readonly object[]): Promise<void> {
    const handedIn = await maker.handIn(kind, rows);
    expect(handedIn.body).toMatchObject({ errors: 0 });
    answers.push(handedIn.text);
    expect(await checker.certify(handedIn.body.id)).toMatchObject({ status: 200 });
  }

  const paymentOf = (payee: Payee, id: string = payee.id): object => ({
    ...{ payment_id: id, source_id: 'GR-D1', payee_kind: '个人', payee_name: payee.name },
    ...{ payee_code: payee.code, payee_account: payee.account, amount: '12.34', unit: '元' },
    ...{ paid_on: '2019-03-05', method: '一卡通', voucher_no: `V-${id}` },
  });

  const search = (who: Person, body: object) =>
    who.post<Found>('/api/v1/personal/search', { ...WHY, ...body });
  const unmask = (who: Person, eventId: string, body: object) =>
    who.post<Readonly<Record<string, unknown>>>(`/api/v1/personal/${eventId}/unmask`, {
      ...WHY,
      ...body,
    });
  async function eventOf(payee: Payee): Promise<string> {
    const { body } = await search(inspector, { id: payee.code });
    const line = body.lines.find(({ id }) => id === payee.id);
    if (!line) throw new Error(`${payee.id} was not found`);
    return line.eventId;
  }

  beforeAll(async () => {
    ledger = await startLedger();
    pool = new pg.Pool({ connectionString: ledger.databaseUrl, max: 4 });
    [maker, checker, inspector, hotline] = ['maker', 'checker', 'inspector', 'hotline'].map(
      (login) => personOf(ledger, login),
    ) as [Person, Person, Person, Person];
    await lookingLimitedTo(personOf(ledger, 'admin'), { perDay: 6, usual: 3 });
    await post('allocations', [
      {
        ...{ allocation_id: 'GR-A1', doc_no: '桂财农〔2018〕9号', fund_type: '财政专项扶贫资金' },
        ...{ fiscal_year: '2018', issuer_region: '450000', receiver_region: COUNTY },
        ...{ amount: '100', unit: '万元', issued_on: '2018-02-01', received_on: '2018-02-03' },
      },
    ]);
    await post('disbursements', [
      {
        ...{ disbursement_id: 'GR-D1', allocation_id: 'GR-A1', recipient_name: '马山县扶贫办' },
        ...{ amount: '90', unit: '万元', disbursed_on: '2018-03-01', credited_on: '2018-03-02' },
        voucher_no: 'V-D1',
      },
    ]);
    // One as JSON rows, the others as a file, which lies on disk until it is read.
    await post('payments', [paymentOf(FIRST)]);
    const others = payees.slice(1).map((payee) => Object.values(paymentOf(payee)).join(','));
    const header = Object.keys(paymentOf(FIRST)).join(',');
    const upload = await maker.upload('支付.csv', [header, ...others, ''].join('\n'), {
      kind: 'payments',
    });
    expect(upload.body).toMatchObject({ errors: 0, acceptedRows: payees.length - 1 });
    expect(await checker.certify(upload.body.id)).toMatchObject({ status: 200 });
  });
  afterAll(async () => {
    await pool.end();
    await ledger.remove();
  });

  describe('is found without being kept in clear', () => {
    it.each([
      ['the whole ID', () => ({ id: SECOND.code.toLowerCase() })],
      [
        'an ID as it is masked',
        () => ({ id: `${SECOND.code.slice(0, 6)}********${SECOND.code.slice(-4)}` }),
      ],
      ['the last six of an ID', () => ({ id: SECOND.code.slice(-6) })],
      ['the ID, grouped', () => ({ id: wide(SECOND.code).replace(/^.{6}/, '$& ') })],
      ['the account, grouped', () => ({ account: wide(SECOND.account).replace(/.{4}/g, '$& ') })],
      ['the name in a county', () => ({ name: SECOND.name, county: COUNTY })],
    ])('by %s', async (_what, body) => {
      const found = await search(inspector, body());
      expect(found.status).toBe(200);
      expect(found.headers.get('cache-control')).toBe('no-store');
      const line = found.body.lines.find(({ id }) => id === SECOND.id);
      expect(line).toMatchObject({ name: expect.stringMatching(/^韦\*+雀$/), restricted: false });
      expect(line?.code).toMatch(/^\d{6}\*{8}\d{3}[\dX]$/);
      expect(line?.account).toMatch(/^\*+\d{4}$/);
      for (const value of [SECOND.name, SECOND.code, SECOND.account]) {
        expect(found.text).not.toContain(value);
      }
    });

    it('by a name with a character people write for another', async () => {
      const name = FIRST.name.replace('蓝', '兰');
      const { body } = await search(inspector, { name, county: COUNTY });
      expect(body.lines).toMatchObject([{ id: FIRST.id, match: 'variant' }]);
    });

    it.each([
      ['a name without a county', { name: FIRST.name }, 400, 'bad-search'],
      ['two at once', { id: FIRST.code, account: FIRST.account }, 400, 'bad-search'],
      ['half an ID', { id: '4501' }, 400, 'bad-search'],
      ['another jurisdiction', { name: FIRST.name, county: '520000' }, 403, 'out-of-jurisdiction'],
      ['nothing, said as null', { id: null, account: null }, 400, 'bad-search'],
      ['no reason', { id: FIRST.code, reason: '' }, 400, 'bad-value'],
    ])('refuses %s', async (_what, body, status, code) => {
      expect(await search(inspector, body)).toMatchObject({ status, body: { code } });
    });

    it('by nobody whose duty it is not', async () => {
      for (const who of [maker, checker, personOf(ledger, 'admin')]) {
        expect(await search(who, { id: FIRST.code })).toMatchObject({ status: 403 });
      }
    });

    it('leaves an event with a blind index and no more', async () => {
      await search(inspector, { id: FIRST.code });
      const { rows } = await pool.query<{ record: string }>(
        `SELECT record::text FROM event_store.es_events WHERE type = 'PersonalDataSearched'
          ORDER BY position DESC LIMIT 1`,
      );
      const record = JSON.parse(rows[0]?.record ?? '{}') as { data: Record<string, unknown> };
      expect(record.data).toMatchObject({ by: 'id', found: 1, caseId: WHY.caseId });
      expect(record.data['sought']).toMatch(/^[0-9a-f]{64}$/);
      expect(rows[0]?.record).not.toContain(WHY.reason);
    });
  });

  describe('is shown one field at a time', () => {
    it('with purpose, reason and case, for a minute, after it is recorded', async () => {
      const eventId = await eventOf(FIRST);
      const before = Date.now();
      const shown = await unmask(inspector, eventId, { field: 'code' });
      expect(shown).toMatchObject({ status: 200, body: { value: FIRST.code, limitOfTheDay: 6 } });
      expect(shown.headers.get('cache-control')).toBe('no-store');
      const left = Date.parse(String(shown.body['expiresAt'])) - before;
      expect(left).toBeGreaterThanOrEqual(60_000);
      const { rows } = await pool.query<{ type: string; record: { data: object } }>(
        'SELECT type, record FROM event_store.es_events WHERE position = $1',
        [shown.body['position']],
      );
      expect(rows).toMatchObject([
        {
          type: 'PersonalDataUnmasked',
          record: { data: { field: 'code', subjectEventId: eventId, aboveUsual: false } },
        },
      ]);
    });

    it('to a hotline operator only of the caller', async () => {
      const eventId = await eventOf(FIRST);
      const body = { field: 'account', purpose: 'complaint' };
      for (const callerId of [undefined, SECOND.code, FIRST.name]) {
        const refused = await unmask(hotline, eventId, { ...body, callerId });
        expect(refused).toMatchObject({ status: 403, body: { code: 'not-the-callers' } });
      }
      const shown = await unmask(hotline, eventId, { ...body, callerId: wide(FIRST.code) });
      expect(shown).toMatchObject({ status: 200, body: { value: FIRST.account } });
    });

    it('so often a day, marked above what is usual', async () => {
      const eventId = await eventOf(SECOND);
      const statuses: number[] = [];
      for (let times = 0; times < 7; times += 1) {
        statuses.push((await unmask(inspector, eventId, { field: 'name' })).status);
      }
      // One was shown before.
      expect(statuses).toEqual([200, 200, 200, 200, 200, 403, 403]);
      const { rows } = await pool.query<{ n: string }>(
        `SELECT count(*) AS n FROM event_store.es_events WHERE type = 'PersonalDataUnmasked'
          AND (record -> 'data' ->> 'aboveUsual')::boolean`,
      );
      expect(rows[0]?.n).toBe('3');
    });

    it('and never a second time by the same Idempotency-Key', async () => {
      const eventId = await eventOf(FIRST);
      const ask = (): Promise<{ status: number; text: string }> =>
        hotline.post(
          `/api/v1/personal/${eventId}/unmask`,
          { ...WHY, field: 'code', callerId: FIRST.code },
          { 'idempotency-key': 'once' },
        );
      expect((await ask()).status).toBe(200);
      const again = await ask();
      expect(again.status).toBe(409);
      expect(again.text).not.toContain(FIRST.code);
    });
  });

  describe('is erased by two', () => {
    const propose = (who: Person, eventId: string, basis: string) =>
      who.post<{ id: string; state: string }>('/api/v1/personal/erasures', {
        ...{ eventId, basis, reason: '录入错误，并无此人' },
      });
    const approve = (who: Person, id: string) =>
      who.post<{ state: string; erasedEntries: number; until: string }>(
        `/api/v1/personal/erasures/${id}/approval`,
        {},
      );
    const erasable = payees[10] as Payee;
    let eventId: string;

    it('and only restricted while records must be kept', async () => {
      const kept = payees[20] as Payee;
      const other = await eventOf(kept);
      const { body } = await propose(checker, other, 'request');
      const decided = await approve(inspector, body.id);
      expect(decided).toMatchObject({
        status: 200,
        body: { state: 'restricted', until: '2049-12-31' },
      });
      const found = await search(inspector, { id: kept.code });
      expect(found.body.lines).toMatchObject([
        { id: kept.id, name: null, code: null, restricted: true },
      ]);
      const shown = await unmask(inspector, other, { field: 'name' });
      expect(shown).toMatchObject({ status: 403, body: { code: 'restricted' } });
    });

    it('not while it is held for a case', async () => {
      eventId = await eventOf(erasable);
      const hold = await inspector.post<{ holdId: string }>('/api/v1/personal/holds', {
        ...{ eventId, caseId: '案〔2020〕9号', reason: '立案调查', until: '2999-12-31' },
      });
      expect(hold.status).toBe(201);
      const { body } = await propose(checker, eventId, 'unlawful');
      expect(await approve(inspector, body.id)).toMatchObject({
        status: 409,
        body: { code: 'legal-hold', until: '2999-12-31' },
      });
      const path = `/api/v1/personal/holds/${hold.body.holdId}`;
      expect(await inspector.request(path, { method: 'DELETE' })).toMatchObject({ status: 204 });
    });

    it('never by one person alone', async () => {
      const { body } = await propose(inspector, eventId, 'unlawful');
      expect(await approve(inspector, body.id)).toMatchObject({
        status: 403,
        body: { code: 'second-person-needed' },
      });
    });

    it('whole: keys, ciphertexts, tokens and staged copies; the record and its proof stay', async () => {
      const waiting = await maker.handIn('payments', [paymentOf(erasable, 'GR-later')]);
      expect(waiting.status).toBe(201);
      const { body } = await propose(checker, eventId, 'unlawful');
      expect(await approve(inspector, body.id)).toMatchObject({
        status: 200,
        body: { state: 'done', erasedEntries: 1 },
      });
      expect(await approve(inspector, body.id)).toMatchObject({ status: 409 });
      expect((await search(inspector, { id: erasable.code })).body.lines).toEqual([]);
      expect((await unmask(inspector, eventId, { field: 'name' })).status).toBe(410);
      const state = await maker.get<{ status: string; refusal: { code: string } }>(
        `/api/v1/submissions/${waiting.body.id}`,
      );
      expect(state.body).toMatchObject({
        status: 'rejected',
        refusal: { code: 'subject-erased' },
      });
      const trail = await inspector.get(`/api/v1/counties/${COUNTY}/trail`, { limit: 1000 });
      expect(trail.text).toContain('已删除');
      const { rows } = await pool.query<{ record: { data: object } }>(
        `SELECT record FROM event_store.es_events WHERE type = 'SubjectErased'`,
      );
      expect(rows).toMatchObject([
        { record: { data: { basis: 'unlawful', recordKeys: [`record:${erasable.id}`] } } },
      ]);
      for (const left of ['entries', 'name_index', 'number_index', 'recent_tokens']) {
        const kept = await pool.query(`SELECT FROM vault_${left} WHERE event_id = $1`, [eventId]);
        expect(kept.rows).toEqual([]);
      }
    });
  });

  it('stands in clear in no table, no log line, no answer and no file', async () => {
    const canaries = payees.flatMap(({ name, code, account }) => [name, code, account]);
    const inClear = (text: string): string[] =>
      canaries.filter(
        (canary) =>
          text.includes(canary) ||
          text.includes(Buffer.from(canary).toString('hex')) ||
          text.includes(Buffer.from(canary).toString('base64').replace(/=+$/, '').slice(0, -1)),
      );
    expect(inClear(`a line with ${FIRST.name} in it`)).toEqual([FIRST.name]);
    const tables = await pool.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.rows.length).toBeGreaterThan(20);
    for (const { name } of tables.rows) {
      const { rows } = await pool.query<{ line: string }>(`SELECT t::text AS line FROM ${name} t`);
      expect([name, inClear(rows.map(({ line }) => line).join('\n'))]).toEqual([name, []]);
    }
    expect(inClear(ledger.logLines.join('\n'))).toEqual([]);
    expect(inClear(answers.join('\n'))).toEqual([]);
    const files = filesBelow(ledger.dataDirectory);
    expect(inClear(files.map((file) => readFileSync(file, 'utf8')).join('\n'))).toEqual([]);
    expect(files.filter((file) => file.includes('uploads'))).toEqual([]);
  });
});
