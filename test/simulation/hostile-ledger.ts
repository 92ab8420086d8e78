import { allocation, disbursement, payment, project } from '../e2e/support/rows.js';
import { DEMO_LOGINS, type RunningLedger, signIn } from '../e2e/support/running-ledger.js';
import { languageOf } from '../e2e/support/the-ledger.js';
import { type Findings, sendHostile } from './hostile-campaign.js';
import type { Described } from './hostile-requests.js';

const SUBMISSIONS = [
  { kind: 'projects', rows: [project('H-P')] },
  { kind: 'allocations', rows: [allocation('H-A'), allocation('H-B', { amount: '12.34' })] },
  { kind: 'disbursements', rows: [disbursement('H-D', 'H-A')] },
  { kind: 'payments', rows: [payment('H-Y', 'H-D', { project_id: 'H-P' })] },
] as const;

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
  const known = [...ids, 'H-A', 'H-B', 'H-D', 'H-Y', 'H-P', '450124', '450000', '2018-06-01', '1'];
  const campaign = { document, known, seed, submissions: SUBMISSIONS, logins: DEMO_LOGINS };
  const session = async (login: string) =>
    ledger.sessions.get(login) ?? (await signIn(ledger.url, login as 'maker')).cookie;
  return sendHostile(ledger.url, campaign, count, session, progress);
}
