import { Sessions } from '@fundflow/identity/sign-in/sessions';
import type { Role } from '@fundflow/identity/policy';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import type { SubmissionAnswer } from './support/answers.js';
import { type Person, personOf } from './support/person.js';
import { allocation } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/* Maker ≠ checker, by rule: one person may well hold both roles, and still never certifies what he handed in. */
const ledger = theLedger();

async function holding(roles: readonly Role[], region: string): Promise<Person> {
  const login = `both-${roles.length}-${region}`;
  const users = ledger.running.app.get(UserDirectory, { strict: false });
  const { id } = await users.create({
    ...{ login, roles, region, unit: '某单位', password: 'a long word for all 1' },
    ...{ origin: 'admin', by: null, mustChangePassword: false },
  });
  const sessions = ledger.running.app.get(Sessions, { strict: false });
  const { token } = await sessions.open(id, '127.0.0.1');
  const known = new Map([[login, `fundflow_session=${token}`]]);
  return personOf({ ...ledger.running, url: ledger.running.url, sessions: known }, login);
}

describe('whoever holds both roles', () => {
  it('certifies what others handed in, and never what he handed in himself', async () => {
    const both = await holding(['finance-maker', 'finance-checker'], '000000');
    const own = await both.handIn('allocations', [allocation('A-own')]);
    for (const rows of ['all', 'valid'] as const) {
      expect(await both.certify(own.body.id, rows)).toMatchObject({
        ...{ status: 403, body: { code: 'same-person' } },
      });
    }
    expect(
      (await both.get<SubmissionAnswer>(`/api/v1/submissions/${own.body.id}`)).body.status,
    ).toBe('validated');
    const others = await ledger.as('centre-maker').handIn('allocations', [allocation('A-other')]);
    expect(await both.certify(others.body.id)).toMatchObject({ status: 200 });
    expect(await ledger.as('centre-checker').certify(own.body.id)).toMatchObject({ status: 200 });
  });
});
