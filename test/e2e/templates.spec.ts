import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { zipOf } from '../support/raw-workbook.js';
import { columnsOf, csv, KINDS, type Kind, SHEET_NAMES } from './support/files.js';
import type { Cells } from './support/person.js';
import { allocation, disbursement, notice, payment, project } from './support/rows.js';
import { bankReturn, reversal, supplement } from './support/rows.js';
import { expectOk, theLedger } from './support/the-ledger.js';

const ledger = theLedger();

const bytesOf = async (path: string): Promise<Buffer> => {
  const headers = { cookie: ledger.running.sessions.get('county-maker') ?? '' };
  const response = await fetch(ledger.running.url + path, { headers });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

/** Rows of an office that filled every sheet, in the order the sheets stand in. */
const filled = (p: string): Readonly<Record<Kind, Cells>> => ({
  projects: project(`${p}X`),
  allocations: allocation(`${p}A`, { project_id: `${p}X` }),
  supplements: supplement(`${p}S`, `${p}A`),
  disbursements: disbursement(`${p}D`, `${p}A`),
  payments: payment(`${p}P`, `${p}D`),
  returns: bankReturn(`${p}R`, `${p}P`),
  reversals: reversal(`${p}Z`, `${p}R`),
  notices: notice(`${p}N`, `${p}X`),
});

type Parts = Record<string, Buffer>;

async function unzipped(bytes: Buffer): Promise<Parts> {
  const zip = await promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer)(bytes, {
    lazyEntries: true,
    autoClose: false,
  });
  const open = promisify(zip.openReadStream.bind(zip)) as (
    entry: yauzl.Entry,
  ) => Promise<NodeJS.ReadableStream>;
  const parts: Parts = {};
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: yauzl.Entry) => {
      void open(entry)
        .then((stream) => buffer(stream))
        .then((content) => {
          parts[entry.fileName] = content;
          zip.readEntry();
        }, reject);
    });
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.readEntry();
  });
  zip.close();
  return parts;
}

const letterOf = (index: number): string => String.fromCharCode(65 + index);

/** What a spreadsheet writes when somebody types a row below the header: texts, and days as numbers in the column's format. */
function typedRow(kind: Kind, row: Cells, sheet: string): string {
  const styles = [...sheet.matchAll(/<col [^>]*?style="(\d+)"[^>]*>/g)].map(([, style]) => style);
  const cells = columnsOf(kind).map(({ name }, index) => {
    const value = row[name];
    if (value === undefined || value === '') return '';
    const place = `r="${letterOf(index)}2" s="${styles[index]}"`;
    if (!/_on$/.test(name)) return `<c ${place} t="inlineStr"><is><t>${value}</t></is></c>`;
    const serial = Date.parse(`${value}T00:00:00Z`) / 86_400_000 + 25_569;
    return `<c ${place}><v>${serial}</v></c>`;
  });
  return `<row r="2">${cells.join('')}</row>`;
}

describe('§2 “the import templates are generated from the code”', () => {
  it.each(KINDS)('%s as CSV: every column of the contract, in its order', async (kind) => {
    const text = (await bytesOf(`/api/v1/templates/${kind}.csv`)).toString('utf8');
    const headers = columnsOf(kind).map(({ header }) => header);
    expect(text).toBe(`\uFEFF${headers.join(',')}\r\n`);
  });

  it('the CSV templates can be filled and handed back in', async () => {
    for (const [kind, row] of Object.entries(filled('csv-')) as [Kind, Cells][]) {
      const template = await bytesOf(`/api/v1/templates/${kind}`);
      const line = csv([columnsOf(kind).map(({ name }) => row[name] ?? '')]);
      const { postedRows } = await ledger.postFile(
        `${SHEET_NAMES[kind]}.csv`,
        Buffer.concat([template, Buffer.from(line)]),
      );
      expect([kind, postedRows]).toEqual([kind, 1]);
    }
    expect(await ledger.holding('csv-A')).toMatchObject({ amountFen: '15000', projectId: 'csv-X' });
  });

  it('the workbook has a sheet a kind, and one that explains every column', async () => {
    const parts = await unzipped(await bytesOf('/api/v1/templates/workbook.xlsx'));
    const names = [...String(parts['xl/workbook.xml']).matchAll(/<sheet [^>]*?name="([^"]+)"/g)];
    expect(names.map(([, name]) => name)).toEqual([...Object.values(SHEET_NAMES), '说明']);
    const help = (await bytesOf('/api/v1/templates/columns.csv')).toString('utf8');
    for (const kind of KINDS) {
      for (const { header } of columnsOf(kind))
        expect(help).toContain(`${SHEET_NAMES[kind]},${header}`);
    }
  });

  it('the workbook can be filled and handed back in, all sheets at once', async () => {
    const parts = await unzipped(await bytesOf('/api/v1/templates/workbook.xlsx'));
    const rows = filled('xl-');
    KINDS.forEach((kind, index) => {
      const part = `xl/worksheets/sheet${index + 1}.xml`;
      const sheet = String(parts[part]);
      const row = typedRow(kind, rows[kind], sheet);
      parts[part] = Buffer.from(sheet.replace('</sheetData>', `${row}</sheetData>`));
    });
    const posted = await ledger.postFile('填报.xlsx', await zipOf(parts));
    expect(posted).toMatchObject({ status: 'posted', rows: 8, postedRows: 8, warnings: 0 });
    expect(await ledger.holding('xl-A')).toMatchObject({
      ...{ issuedOn: '2018-01-10', receivedOn: '2018-01-20', amountFen: '15000' },
    });
  });

  it('handed back empty they say so', async () => {
    const empty = await ledger
      .as('county-maker')
      .upload('填报.xlsx', await bytesOf('/api/v1/templates/workbook.xlsx'));
    expect([empty.status, empty.body]).toMatchObject([422, { code: 'no-rows' }]);
    const unknown = await ledger.as('county-maker').get('/api/v1/templates/ledger.csv');
    expect([unknown.status, unknown.body]).toMatchObject([400, { code: 'unknown-kind' }]);
    expect(expectOk(await ledger.as('county-maker').get('/api/v1/session'))).toBeDefined();
  });
});
