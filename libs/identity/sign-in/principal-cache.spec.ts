import type { RegionCode } from '@fundflow/domain/region';
import { BELIEVED_MS, PrincipalCache, type Recognised } from './principal-cache.js';

const found: Recognised = {
  principal: {
    actorId: 'u',
    login: 'wei',
    roles: ['inspector'],
    region: '45' as RegionCode,
    unit: '纪委监委',
    mustChangePassword: false,
    mustShowSecondFactor: false,
    cases: [],
  },
  expiresAtMs: 100_000,
};

function gate<T>(): { readonly opened: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => undefined;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open: (value) => open(value) };
}

describe('a recognised credential', () => {
  it.each([
    [0, true],
    [BELIEVED_MS - 1, true],
    [BELIEVED_MS, false],
    // The clock was set back: for as long it would be believed.
    [-1, false],
    [-3_600_000, false],
  ])('after %d ms is believed: %s', async (laterMs, believed) => {
    const cache = new PrincipalCache();
    await cache.ask('k', 0, async () => found);
    const entry = cache.get('k');
    expect(entry !== undefined && cache.isFresh(entry, laterMs)).toBe(believed);
  });

  it('is not believed past its own end', async () => {
    const cache = new PrincipalCache();
    await cache.ask('k', 98_000, async () => found);
    const entry = cache.get('k');
    expect(entry !== undefined && cache.isFresh(entry, 99_999)).toBe(true);
    expect(entry !== undefined && cache.isFresh(entry, 100_000)).toBe(false);
  });

  it('is asked for once by all who ask at the same time', async () => {
    const cache = new PrincipalCache();
    const answer = gate<Recognised | null>();
    let asked = 0;
    const question = () => {
      asked += 1;
      return answer.opened;
    };
    const all = Promise.all([1, 2, 3].map(() => cache.ask('k', 0, question)));
    answer.open(found);
    expect(await all).toEqual([found.principal, found.principal, found.principal]);
    expect(asked).toBe(1);
  });

  it('revoked while the answer is on its way is not remembered, nor shared with later askers', async () => {
    const cache = new PrincipalCache();
    const before = gate<Recognised | null>();
    const early = cache.ask('k', 0, () => before.opened);
    cache.forgetUser('u');
    const late = cache.ask('k', 0, async () => null);
    before.open(found);
    expect([await early, await late]).toEqual([found.principal, null]);
    expect(cache.get('k')).toBeUndefined();
  });

  it.each([
    ['its user', (cache: PrincipalCache) => cache.forgetUser('u'), true],
    ['another user', (cache: PrincipalCache) => cache.forgetUser('v'), false],
    ['its key', (cache: PrincipalCache) => cache.forgetKey('k'), true],
    ['another key', (cache: PrincipalCache) => cache.forgetKey('l'), false],
  ])('is forgotten with %s', async (_what, forget, forgotten) => {
    const cache = new PrincipalCache();
    await cache.ask('k', 0, async () => found);
    forget(cache);
    expect(cache.get('k') === undefined).toBe(forgotten);
  });

  it('is one of at most ten thousand', async () => {
    const cache = new PrincipalCache();
    for (let n = 0; n <= 10_000; n += 1) await cache.ask(`k${n}`, 0, async () => found);
    expect([cache.get('k0'), cache.get('k1')]).toEqual([undefined, expect.anything()]);
  });
});
