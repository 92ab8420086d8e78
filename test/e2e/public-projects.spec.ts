import { notice, project } from './support/rows.js';
import { theLedger } from './support/the-ledger.js';

const ledger = theLedger();

interface Told {
  readonly projects: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
}
const stranger = (code: string, query = ''): Promise<Response> =>
  fetch(`${ledger.running.url}/api/v1/public/regions/${code}/projects${query}`);
const told = async (code: string, query = ''): Promise<Told> =>
  (await (await stranger(code, query)).json()) as Told;
const idsIn = async (code: string) => (await told(code)).projects.map(({ id }) => id);

beforeAll(async () => {
  const at = { township: '450124102', planned_amount: '100' };
  await ledger.post(
    'projects',
    project('P-1', { ...at, unit: '万元', approved_on: '2018-03-01' }),
    project('P-2', { name: '韦某危房改造' }),
    project('P-3', { county: '450125' }),
  );
  await ledger.post(
    'notices',
    notice('N-1', 'P-1'),
    notice('N-1b', 'P-1', { posted_on: '2018-04-01', removed_on: '2018-04-11' }),
    notice('N-3', 'P-3'),
  );
});

describe('what a stranger is told of projects', () => {
  it('is what was put up about them, with nothing below the township and nobody who was paid', async () => {
    expect(await told('450124')).toEqual({
      projects: [
        {
          ...{ id: 'P-1', name: '通屯道路硬化', county: '450124', township: '450124102' },
          ...{ category: null, unitName: '马山县交通运输局', plannedFen: '100000000' },
          ...{ approvedOn: '2018-03-01', acceptedOn: null, postedOn: '2018-04-01' },
        },
      ],
      ...{ next: null, position: expect.any(Number) },
    });
  });

  it('is nothing of a project that nobody put up, whose name may be that of a household', async () => {
    expect(await idsIn('45')).toEqual(['P-1', 'P-3']);
    expect(await idsIn('000000')).toEqual(['P-1', 'P-3']);
    expect(await idsIn('52')).toEqual([]);
  });

  it('is asked for from the county upward, and page by page', async () => {
    expect((await stranger('450124102')).status).toBe(404);
    expect((await stranger('450124', '?cursor=x')).status).toBe(400);
    expect((await stranger('450124')).headers.get('cache-control')).toBe('public, max-age=60');
  });
});
