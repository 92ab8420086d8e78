import { residentId } from '../e2e/support/resident-id.js';
import { allocation, disbursement, payment, project } from '../e2e/support/rows.js';
import {
  DEMO_LOGINS,
  PASSWORD,
  type RunningLedger,
  signIn,
} from '../e2e/support/running-ledger.js';
import { expectOk, languageOf, type TheLedger } from '../e2e/support/the-ledger.js';
import { type Findings, sendHostile } from './hostile-campaign.js';
import type { Described } from './hostile-requests.js';

const SUBMISSIONS = [
  { kind: 'projects', rows: [project('H-P')] },
  { kind: 'allocations', rows: [allocation('H-A'), allocation('H-B', { amount: '12.34' })] },
  { kind: 'disbursements', rows: [disbursement('H-D', 'H-A')] },
  {
    kind: 'payments',
    rows: [
      payment('H-Y', 'H-D', { project_id: 'H-P' }),
      payment('H-Z', 'H-D', {
        ...{ payee_kind: '个人', payee_name: '覃甲某', payee_code: residentId(77) },
        ...{ project_id: 'H-P', amount: '10', paid_on: '2020-01-02', method: '一卡通' },
      }),
    ],
  },
] as const;

const ACCOUNTS = Array.from({ length: 100 }, (_, n) => ({
  login: `hostile-${n}`,
  roles: ['inspector'],
  region: '450124',
  unit: '某委',
}));
const ACCEPTED = new Map<string, readonly unknown[]>([
  ['secondFactor_begin', [{ password: PASSWORD }]],
  ['session_open', DEMO_LOGINS.map((user) => ({ user, password: PASSWORD }))],
  ['users_create', ACCOUNTS],
]);

/**
 * Posts a little, so that questions have answers, and sends hostile requests over what the OpenAPI document describes:
 * the same ones for the same seed.
 */
export async function besiege(
  ledger: RunningLedger,
  count: number,
  seed: number,
  progress?: (sent: number) => void,
): Promise<Findings> {
  const speaking = languageOf(() => ledger);
  const ids: string[] = [];
  for (const { kind, rows } of SUBMISSIONS) ids.push((await speaking.post(kind, ...rows)).id);
  const answer = await fetch(`${ledger.url}/api/v1/openapi.json`);
  const document = (await answer.json()) as Described;
  const records = ['H-A', 'H-B', 'H-D', 'H-Y', 'H-P'];
  const known = [
    ...[...ids, ...records, ...(await otherIds(speaking))],
    ...['450124', '450000', '2018-06-01', '1'],
  ];
  const bodies = { submissions: SUBMISSIONS, accepted: ACCEPTED };
  const campaign = { document, known, seed, ...bodies, logins: DEMO_LOGINS };
  const session = async (login: string) =>
    ledger.sessions.get(login) ?? (await signIn(ledger.url, login as 'maker')).cookie;
  return sendHostile(ledger.url, campaign, count, session, progress);
}

/** An account, payments to people and alerts: as many for every seed, in the same order. */
async function otherIds(speaking: TheLedger): Promise<string[]> {
  const account = { login: 'besieged', roles: ['inspector'], region: '450124', unit: '某委' };
  const made = await speaking.as('admin').post<{ id: string }>('/api/v1/users', account);
  const { entries } = await speaking.events({ limit: 1_000 });
  const paid = entries.filter(({ envelope }) => envelope['type'] === 'PaymentMade');
  const alerts = await speaking.alerts({ county: '450124', status: 'all' });
  return [
    expectOk(made).id,
    ...paid.map(({ envelope }) => String(envelope['eventId'])),
    ...alerts.map(({ id }) => id),
  ];
}
