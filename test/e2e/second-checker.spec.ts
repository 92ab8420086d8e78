import { Sessions } from '@fundflow/identity/sign-in/sessions';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import type { ProblemBody, SubmissionAnswer } from './support/answers.js';
import { send } from './support/person.js';
import { allocation } from './support/rows.js';
import { expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();
const SETTING = '/api/v1/settings/second-checker';
/** ¥1,000,000.00 */
const MILLION = { region: '450000', fromFen: '100000000', basis: '桂财〔2019〕1号' };

const handedIn = async (id: string, amount: string, by = 'maker' as const) =>
  expectOk(
    await ledger
      .as(by)
      .handIn('allocations', [
        allocation(id, { issuer_region: '000000', receiver_region: '450000', amount }),
      ]),
  );

/** Another checker of the region than the one of the demonstration. */
async function anotherChecker(): Promise<(id: string, rows?: string) => Promise<string>> {
  const { app, url } = ledger.running;
  const { id } = await app.get(UserDirectory, { strict: false }).create({
    ...{ login: 'checker-2', roles: ['finance-checker'], region: '45', unit: '自治区财政厅' },
    ...{ password: 'a long word for all 1', origin: 'admin', mustChangePassword: false, by: null },
  });
  const { token } = await app.get(Sessions, { strict: false }).open(id, '127.0.0.1');
  return async (submission, rows = 'all') => {
    const answer = await send<SubmissionAnswer & ProblemBody>(
      `${url}/api/v1/submissions/${submission}/certification`,
      {
        method: 'POST',
        headers: { cookie: `fundflow_session=${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ rows }),
      },
    );
    return `${answer.status} ${answer.body.code ?? answer.body.status}`;
  };
}

const certify = async (id: string, rows: 'all' | 'valid' = 'all'): Promise<string> => {
  const { status, body } = await ledger.as('checker').certify(id, rows);
  const { code } = body as unknown as ProblemBody;
  return `${status} ${code ?? body.status}`;
};

describe('a second checker above an amount', () => {
  it('is asked of nobody until it is set, and by an administrator alone', async () => {
    expect(await certify((await handedIn('S-0', '5000000')).id)).toBe('200 posted');
    const refused = await ledger.as('maker').post<ProblemBody>(SETTING, MILLION);
    expect(refused.status).toBe(403);
    const beyond = { ...MILLION, region: '520000', validFrom: '2018-01-01' };
    expect((await ledger.as('admin').post<ProblemBody>(SETTING, beyond)).body.code).toBe(
      'out-of-jurisdiction',
    );
  });

  it('two different persons agree, neither the maker, and the second posts', async () => {
    const second = await anotherChecker();
    const from = { ...MILLION, validFrom: '2018-01-01' };
    expect((await ledger.as('admin').post(SETTING, from)).status).toBe(201);
    const below = await handedIn('S-1', '999999.99');
    expect(await certify(below.id)).toBe('200 posted');
    const exactly = await handedIn('S-2', '1000000');
    expect(await certify(exactly.id)).toBe('202 validated');
    expect((await ledger.as('centre-checker').get(`/api/v1/holdings/S-2`)).status).toBe(404);
    expect(await certify(exactly.id)).toBe('403 second-checker-needed');
    expect(await second(exactly.id, 'valid')).toBe('409 other-rows-checked');
    expect(await second(exactly.id)).toBe('200 posted');
    expect((await ledger.holding('S-2')).amountFen).toBe('100000000');
    expect(await second(exactly.id)).toBe('409 already-certified');
  });

  it('counts what a submission moves altogether: splitting rows helps nobody', async () => {
    const rows = ['a', 'b'].map((part) =>
      allocation(`S-3${part}`, {
        ...{ issuer_region: '000000', receiver_region: '450000', amount: '600000' },
      }),
    );
    const { id } = expectOk(await ledger.as('maker').handIn('allocations', rows));
    expect(await certify(id)).toBe('202 validated');
  });

  it('is a matter of the maker’s region and of the day', async () => {
    const lifted = { ...MILLION, fromFen: null, validFrom: '2018-06-01' };
    expect((await ledger.as('admin').post(SETTING, lifted)).status).toBe(201);
    expect(await certify((await handedIn('S-4', '5000000')).id)).toBe('200 posted');
    const later = { ...MILLION, validFrom: '2099-01-01' };
    expect((await ledger.as('admin').post(SETTING, later)).status).toBe(201);
    expect(await certify((await handedIn('S-5', '5000000')).id)).toBe('200 posted');
  });
});
