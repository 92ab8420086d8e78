import { DEMO_LOGINS, type RunningLedger, startLedger } from '../e2e/support/running-ledger.js';
import type { Findings } from './hostile-campaign.js';
import { besiege } from './hostile-ledger.js';

const REQUESTS = 3_000;
const SEED = 20200117;

let ledger: RunningLedger;
let findings: Findings;
beforeAll(async () => {
  ledger = await startLedger({ logLevel: 'error' }, {});
  findings = await besiege(ledger, REQUESTS, SEED);
});
afterAll(() => ledger.remove());

describe('hostile requests over everything the OpenAPI document describes', () => {
  it('are all answered, none with 5xx, every refusal as a problem with a code', () => {
    expect(findings.wrong).toEqual([]);
    expect(findings.requests).toBe(REQUESTS);
  });

  it('leave no defect behind, and the ledger ready', async () => {
    expect(ledger.logLines.filter((line) => line.includes('"incident"'))).toEqual([]);
    expect((await fetch(`${ledger.url}/health/ready`)).status).toBe(200);
  });

  it('reach far: past sign-in and policy into what the routes themselves refuse, and into answers', () => {
    const { byStatus, byCode } = findings;
    expect(DEMO_LOGINS.length).toBeGreaterThan(5);
    expect(byStatus['200']).toBeGreaterThan(REQUESTS / 20);
    expect(byStatus['201']).toBeGreaterThan(REQUESTS / 200);
    for (const code of ['bad-value', 'bad-json', 'not-allowed', 'not-authenticated']) {
      expect([code, (byCode[code] ?? 0) > REQUESTS / 300]).toEqual([code, true]);
    }
    expect(Object.keys(byCode).length).toBeGreaterThan(20);
  });
});
