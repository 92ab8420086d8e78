import pg from 'pg';
import { openReadSide, type ReadSide, writtenLog } from '../../../test/support/read-side.js';
import { allocation, disbursement } from '../../../test/support/rows.js';
import { AlertFollower, readAlertPosition } from './follower.js';

const WAIT_MS = 10_000;

let side: ReadSide;
let pool: pg.Pool;
beforeAll(async () => {
  side = await openReadSide();
  pool = new pg.Pool({ connectionString: side.url, max: 3 });
});
beforeEach(() => side.empty());
afterAll(async () => {
  await pool.end();
  await side.close();
});

const alertCount = async (): Promise<number> => {
  const { rows } = await side.client.query('SELECT FROM alert_side.alerts');
  return rows.length;
};

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}

describe('the follower of the alerts', () => {
  it('trails the read model, and whoever waits for a position finds its alerts', async () => {
    const log = writtenLog();
    const follower = new AlertFollower({ pool });
    follower.start();
    await side.fold(log.post('2018-03-01T01:00:00.000Z', allocation()));
    expect(await follower.waitFor(BigInt(log.events.length), WAIT_MS)).toBe(true);
    const before = await alertCount();
    await side.fold(log.post('2018-03-02T01:00:00.000Z', disbursement()));
    const head = BigInt(log.events.length);
    expect(await follower.waitFor(head, WAIT_MS)).toBe(true);
    expect(await alertCount()).toBeGreaterThan(before);
    expect(await readAlertPosition(pool)).toBe(head);
    expect(follower.health()).toEqual({
      name: 'alerts',
      state: 'following',
      position: head,
      failure: null,
    });
    await follower.stop();
    expect(follower.health().state).toBe('stopped');
    expect(await follower.waitFor(head + 1n, WAIT_MS)).toBe(false);
  });

  it('is woken by a hint, and stops at once although the hint is still out', async () => {
    const log = writtenLog();
    const asking = deferred<bigint>();
    const folded = deferred<boolean>();
    const never = new Promise<boolean>(() => undefined);
    const hints = [folded.promise, never];
    const readModelPassed = (position: bigint): Promise<boolean> => {
      asking.resolve(position);
      return hints.shift() ?? never;
    };
    const follower = new AlertFollower({ pool, readModelPassed });
    follower.start();
    expect(await asking.promise).toBe(1n);
    await side.fold(log.post('2018-03-01T01:00:00.000Z', allocation()));
    const reached = follower.waitFor(BigInt(log.events.length), WAIT_MS);
    folded.resolve(true);
    expect(await reached).toBe(true);
    await follower.stop();
  });

  it('says what is wrong and stops when facts contradict themselves', async () => {
    await side.client.query('DELETE FROM read_side.checkpoint');
    const follower = new AlertFollower({ pool });
    follower.start();
    expect(await follower.waitFor(1n, WAIT_MS)).toBe(false);
    expect(follower.health()).toMatchObject({ state: 'stopped' });
    expect(follower.health().failure).toMatch(/no checkpoint/);
    await follower.stop();
  });
});
