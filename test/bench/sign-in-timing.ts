import { randomUUID } from 'node:crypto';
import { createDemoUsers } from '@fundflow/identity/accounts/demo-users';
import { FULL_COST, LIGHT_COST } from '@fundflow/identity/sign-in/password';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { identityDatabase, startIdentityLedger } from '../support/identity-ledger.js';

/** Beyond what the throttle remembers, so that no attempt of the run waits. */
const APART_MS = 3_600_000;
const WARM_UP = 40;
const COSTS = { full: FULL_COST, light: LIGHT_COST, least: { logN: 4, r: 1, p: 1 } };

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Mann and Whitney's U as a normal deviate: beyond ±1.96 the two differ at the 5 % level. */
function deviate(one: readonly number[], other: readonly number[]): number {
  const all = [
    ...one.map((ms) => ({ ms, isOne: true })),
    ...other.map((ms) => ({ ms, isOne: false })),
  ];
  all.sort((a, b) => a.ms - b.ms);
  const ranks = all.reduce((sum, { isOne }, index) => sum + (isOne ? index + 1 : 0), 0);
  const [n, m] = [one.length, other.length];
  const u = ranks - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}

/**
 * How long a wrong password takes for a login that exists and for one that does not, in turns over HTTP on loopback.
 *
 * Usage: sign-in-timing PAIRS full|light|least (what hashing costs: with the least, what is left of the path shows most)
 */
async function main(pairs: number, cost: keyof typeof COSTS): Promise<void> {
  const database = await identityDatabase();
  let nowMs = Date.UTC(2019, 5, 30, 1);
  const now = () => new Date((nowMs += APART_MS));
  const ledger = await startIdentityLedger({
    ...{ database, controllers: [], now, passwordCost: COSTS[cost] },
  });
  await createDemoUsers(ledger.app.get(UserDirectory), { password: randomUUID() });
  const timed = async (user: string): Promise<number> => {
    const from = process.hrtime.bigint();
    const { status } = await ledger.ask('/api/v1/session', { body: { user, password: 'x' } });
    if (status !== 401) throw new Error(`answered ${status}`);
    return Number(process.hrtime.bigint() - from) / 1e6;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let pair = -WARM_UP; pair < pairs; pair += 1) {
    // Who goes first changes, so that what the first leaves behind is shared.
    const order = [known, unknown];
    if (pair % 2 !== 0) order.reverse();
    for (const kind of order) {
      const ms = await timed(kind === known ? 'maker' : 'mover');
      if (pair >= 0) kind.push(ms);
    }
  }
  const line = { pairs, cost, knownMs: middle(known), unknownMs: middle(unknown) };
  process.stdout.write(`${JSON.stringify({ ...line, z: deviate(known, unknown) })}\n`);
  await ledger.close();
  await database.destroy();
}

const [, , pairs = '400', cost = 'least'] = process.argv;
await main(Number(pairs), cost as keyof typeof COSTS);
