import { dayInShanghai } from '@fundflow/domain/calendar';
import { allocation, project } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

/* What stands beside the figures of an answer: how far into the log it reaches, and what a total counts. */

const ledger = theLedger();

async function ask(path: string): Promise<{ position: number; body: Record<string, unknown> }> {
  const { url, sessions } = ledger.running;
  const headers = { cookie: sessions.get('centre-checker') ?? '' };
  const response = await fetch(`${url}/api/v1/${path}`, { headers });
  expect([path, response.status]).toEqual([path, 200]);
  const position = Number(response.headers.get('fundflow-position') ?? Number.NaN);
  return { position, body: (await response.json()) as Record<string, unknown> };
}

let lastPosition = 0;
beforeAll(async () => {
  await ledger.post('projects', project('X'));
  const posted = await ledger.post('allocations', allocation('A', { project_id: 'X' }));
  lastPosition = posted.lastPosition ?? Number.NaN;
});

describe('an answer', () => {
  it.each([
    'holdings/A',
    'projects/X',
    'counties/45/trail',
    'counties/45/summary',
    'trace/A?direction=up',
    'alerts',
    'trial-balance',
  ])('to %s says the position it reflects, the asker’s own posting among it', async (path) => {
    expect((await ask(path)).position).toBeGreaterThanOrEqual(lastPosition);
  });

  it('to the next page reflects the position of the first', async () => {
    const first = await ask('counties/45/trail?limit=1');
    const more = await ledger.post('allocations', allocation('B'));
    const cursor = encodeURIComponent(String(first.body['next']));
    const second = await ask(`counties/45/trail?limit=1&cursor=${cursor}`);
    expect(second.position).toBe(first.position);
    expect(second.position).toBeLessThan(more.lastPosition ?? 0);
  });
});

describe('the times of an answer', () => {
  const heard = async (path: string): Promise<readonly (string | null)[]> => {
    const { url, sessions } = ledger.running;
    const headers = { cookie: sessions.get('centre-checker') ?? '' };
    const response = await fetch(`${url}/api/v1/${path}`, { headers });
    return ['as-of', 'known-at'].map((name) => response.headers.get(`fundflow-${name}`));
  };

  it.each(['holdings/A', 'projects/X', 'counties/45/trail', 'trace/A?direction=up', 'alerts'])(
    'of %s stand beside it: the day, and the moment where one was named',
    async (path) => {
      const mark = path.includes('?') ? '&' : '?';
      const before = dayInShanghai(Date.now());
      const [asOf] = await heard(path);
      expect([before, dayInShanghai(Date.now())]).toContain(asOf);
      const times = 'asOf=2018-12-31&knownAt=2999-01-01T08:00:00%2B08:00';
      expect(await heard(`${path}${mark}${times}`)).toEqual([
        ...['2018-12-31', '2999-01-01T00:00:00.000Z'],
      ]);
    },
  );
});

describe('a total', () => {
  it.each([
    ['counties/450000/summary?asOf=2018-12-31', '广西壮族自治区（45）及其所辖；截至 2018-12-31'],
    ['trial-balance?asOf=2018-12-31', '000000'],
    ['public/regions/450000', '广西壮族自治区（45）及其所辖'],
  ])('of %s carries its scope', async (path, said) => {
    const { body } = await ask(path);
    expect(body['scope']).toContain(said);
    expect(body['scope']).toMatch(/^口径：.*未入账的不在其内。$/);
  });

  it('as known at a moment says so', async () => {
    const { body } = await ask('counties/45/summary?knownAt=2020-01-01T00:00:00Z');
    expect(body['scope']).toContain('以 2020-01-01T00:00:00.000Z 前入账的记录为准');
  });
});
