import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MoneyUnit, parseMoney } from '@fundflow/domain/money';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import type { Cells } from './support/person.js';
import { type RunningLedger, startLedger } from './support/running-ledger.js';
import { expectOk, languageOf, type TheLedger } from './support/the-ledger.js';

/*
 * Allocations as governments printed them, every set in a ledger of its own: the files are handed in, certified and posted,
 * and the API answers what is printed. Figures come from the files by plain addition, not from code of the ledger.
 */
const ROOT = 'test/real';
const SETS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const contentOf = (set: string, file: string): Buffer => readFileSync(join(ROOT, set, file));

/** In the order of import: projects, then allocations, then notices; where files are numbered, by number. */
function filesOf(set: string): string[] {
  const rank = (name: string): string =>
    name.startsWith('projects') ? '0' : name.startsWith('notices') ? 'z' : name;
  return readdirSync(join(ROOT, set))
    .filter((name) => name.endsWith('.csv'))
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function rowsOf(set: string, kind: string): Cells[] {
  return filesOf(set)
    .filter((name) => name.includes(kind))
    .flatMap((name) => {
      const bytes = contentOf(set, name);
      const utf8 = bytes.toString('utf8');
      const text = utf8.includes('\uFFFD') ? iconv.decode(bytes, 'gb18030') : utf8;
      return parse(text, { columns: true, bom: true }) as Cells[];
    });
}

/** Some sets have English headers, some Chinese ones; the unit may stand in the header. */
const ENGLISH: Readonly<Record<string, string>> = {
  ...{ 指标编号: 'allocation_id', 上级指标编号: 'parent_id', 下达地区: 'issuer_region' },
  ...{ 接收地区: 'receiver_region', 收文日期: 'received_on', 金额: 'amount', 单位: 'unit' },
  资金来源编号: 'source_id',
};

const cell = (row: Cells, header: string): string =>
  row[header] ?? row[ENGLISH[header] ?? ''] ?? '';

const AMOUNT = /^(?:金额|amount)[(（](.+)[)）]$/;

function fenOf(row: Cells): bigint {
  const header = Object.keys(row).find((name) => AMOUNT.test(name));
  const unit = header === undefined ? cell(row, '单位') : AMOUNT.exec(header)?.[1];
  const parsed = parseMoney(
    header === undefined ? cell(row, '金额') : (row[header] ?? ''),
    unit as MoneyUnit,
  );
  if (!parsed.ok) throw new Error(`${JSON.stringify(row)} has no amount`);
  return parsed.amountFen;
}

interface Issued {
  readonly id: string;
  readonly parent: string;
  readonly from: string;
  readonly to: string;
  readonly received: boolean;
  readonly fen: bigint;
}

const short = (code: string): string => code.replace(/^(..|....)(00)+$/, '$1');

const issuedOf = (set: string): Issued[] =>
  rowsOf(set, 'allocations').map((row) => ({
    id: cell(row, '指标编号'),
    parent: cell(row, '上级指标编号'),
    from: short(cell(row, '下达地区')),
    to: short(cell(row, '接收地区')),
    received: cell(row, '收文日期') !== '',
    fen: fenOf(row),
  }));

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

interface Check {
  readonly set: string;
  readonly selection: string;
  readonly rows: string;
  readonly total: string;
  readonly unit: MoneyUnit;
}
const CHECKS = parse(readFileSync(join(ROOT, 'totals.csv')), { columns: true }) as Check[];

/** `roots`, `children:ID…`, `ids:…`, `prefix:…`. */
function selected(issued: readonly Issued[], selection: string): Issued[] {
  const [how, list = ''] = selection.split(':');
  const names = list.split(' ');
  return issued.filter(({ id, parent }) => {
    if (how === 'roots') return parent === '';
    if (how === 'children') return names.includes(parent);
    if (how === 'ids') return names.includes(id);
    return names.some((name) => id.startsWith(name));
  });
}

/** Hands every file in and has it certified; answers what was refused, as `file row id code`. */
async function handIn(set: string): Promise<string[]> {
  const refused: string[] = [];
  for (const file of filesOf(set)) {
    const { id } = expectOk(await ledger.as('centre-maker').upload(file, contentOf(set, file)));
    const lines = await ledger.as('centre-maker').report(id);
    const errors = lines.filter(({ severity }) => severity === 'error');
    refused.push(...errors.map((line) => `${file} ${line.row} ${line.id} ${line.code}`));
    const posted = expectOk(await ledger.as('centre-checker').certify(id, 'valid'));
    expect(posted).toMatchObject({ status: 'posted' });
  }
  return refused;
}

let running: RunningLedger | null = null;
let ledger: TheLedger;

async function newLedger(): Promise<void> {
  const started = await startLedger();
  running = started;
  ledger = languageOf(() => started);
}

afterEach(async () => {
  await running?.remove();
  running = null;
});

/** Contract §4, for a region that holds no other money. */
async function expectRegion(region: string, issued: readonly Issued[], paidFen: bigint) {
  const inside = (code: string): boolean => code.startsWith(region);
  const entering = issued.filter(
    ({ to, from, parent }) => inside(to) && (parent === '' || !inside(from)),
  );
  const [received, onTheWay] = [true, false].map((acknowledged) =>
    sum(entering.filter((one) => one.received === acknowledged).map(({ fen }) => fen)),
  );
  const found = await ledger.summary(region);
  const { receivedFen, inTransitFen } = found;
  expect({ region, receivedFen, inTransitFen, paidFen: found.paidFen }).toEqual({
    ...{ region, receivedFen: `${received}`, inTransitFen: `${onTheWay}`, paidFen: `${paidFen}` },
  });
}

/** What the API says of the selected rows: each by itself, in the trails of their regions, in traces from both sides. */
async function totalsOf(rows: readonly Issued[]): Promise<Readonly<Record<string, bigint>>> {
  const ids = new Set(rows.map(({ id }) => id));
  const holdings = await Promise.all([...ids].map((id) => ledger.holding(id)));
  const trails = await Promise.all(
    [...new Set(rows.map(({ to }) => to))].map((region) => ledger.trail(region)),
  );
  const named = new Map(
    trails
      .flat()
      .filter(({ type, recordId }) => type === 'AllocationIssued' && ids.has(recordId))
      .map(({ recordId, amountFen }) => [recordId, BigInt(amountFen ?? '')]),
  );
  const upward = await Promise.all([...ids].map((id) => ledger.up(id, { depth: 1 })));
  const givers = [...new Set(rows.flatMap(({ parent }) => (parent === '' ? [] : [parent])))];
  const downward = await Promise.all(givers.map((id) => ledger.down(id, { depth: 1 })));
  const issues = (traces: typeof upward): bigint =>
    sum(
      traces
        .flatMap(({ edges }) => edges)
        .filter(({ to, documentNo }) => ids.has(to) && documentNo !== null)
        .map(({ amountFen }) => BigInt(amountFen ?? '')),
    );
  const entered = sum(rows.filter(({ parent }) => parent === '').map(({ fen }) => fen));
  return {
    holdings: sum(holdings.map(({ amountFen }) => BigInt(amountFen))),
    trails: sum([...named.values()]),
    upward: issues(upward),
    downward: issues(downward) + entered,
  };
}

/** What must be refused: the printed figures of one project do not add up. */
const EXPECTED_REFUSALS: Readonly<Record<string, readonly string[]>> = {
  'mishan-2025': ['3-returns.csv 2 MS25-R1 exceeds-available'],
};

describe('the public notices, handed in, certified and asked about', () => {
  it.each(SETS)('%s', async (set) => {
    await newLedger();
    expect(await handIn(set)).toEqual(EXPECTED_REFUSALS[set] ?? []);
    const issued = issuedOf(set);
    const paid = rowsOf(set, 'payments').map((row) => ({
      of: cell(row, '资金来源编号'),
      fen: fenOf(row),
    }));
    const regions = new Set(
      issued.flatMap(({ to }) => [to, to.slice(0, 4), to.slice(0, 2), '000000']),
    );
    for (const region of regions) {
      const within = region === '000000' ? '' : region;
      const drawn = paid.filter(({ of }) =>
        issued.find(({ id }) => id === of)?.to.startsWith(within),
      );
      if (within !== '') await expectRegion(region, issued, sum(drawn.map(({ fen }) => fen)));
    }
    const checks = CHECKS.filter((check) => check.set === set);
    expect(checks.length).toBeGreaterThan(0);
    for (const { selection, rows, total, unit } of checks) {
      const chosen = selected(issued, selection);
      expect(chosen).toHaveLength(Number(rows));
      const printed = parseMoney(total, unit);
      const totalFen = printed.ok ? printed.amountFen : -1n;
      expect([selection, await totalsOf(chosen)]).toEqual([
        selection,
        { holdings: totalFen, trails: totalFen, upward: totalFen, downward: totalFen },
      ]);
    }
  });

  it('are 33 sets with 66 totals', () => {
    expect([SETS.length, CHECKS.length]).toEqual([33, 66]);
    expect(new Set(CHECKS.map(({ set }) => set))).toEqual(new Set(SETS));
  });

  it('xianggelila-2022: allocated again before it was taken back, it is refused', async () => {
    await newLedger();
    const [first = '', , again = ''] = filesOf('xianggelila-2022');
    await ledger.postFile(first, contentOf('xianggelila-2022', first));
    const { body } = await ledger
      .as('centre-maker')
      .upload(again, contentOf('xianggelila-2022', again));
    const lines = await ledger.as('centre-maker').report(body.id);
    const codes = lines.filter(({ severity }) => severity === 'error').map(({ code }) => code);
    expect(codes).toEqual(Array(11).fill('exceeds-available'));
  });

  it('shanglin-2015: 820 万元 paid in three years, and what the county had left after each', async () => {
    await newLedger();
    await handIn('shanglin-2015');
    const at = async (asOf: string) => {
      const { paidFen, accountableFen } = await ledger.summary('450125', { asOf });
      return [paidFen, accountableFen];
    };
    expect([await at('2013-12-31'), await at('2014-12-31'), await at('2015-08-19')]).toEqual([
      ...[
        ['376000000', '642000000'],
        ['656000000', '362000000'],
        ['820000000', '198000000'],
      ],
    ]);
  });

  it('mishan-2025: the project that balances is spent to the fen, the other is 100 yuan out', async () => {
    await newLedger();
    await handIn('mishan-2025');
    expect(await ledger.holding('MS25-11')).toMatchObject({
      ...{ paidFen: '28530000', returnedUpFen: '7830000', availableFen: '0', status: 'spent' },
    });
    expect(await ledger.holding('MS25-01')).toMatchObject({
      ...{ paidFen: '113920000', returnedUpFen: '0', availableFen: '4060000' },
    });
  });
});
