import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { fen } from '@fundflow/domain/money';
import { recordKey } from '@fundflow/domain/books';
import type { Commitment, PaymentRow, Row } from '@fundflow/domain/rows';
import { partPosted } from '@fundflow/domain/submission/certify';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import type { Batch, ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import { PERSONAL_FIELDS, verifyCommitment } from '@fundflow/vault/commitment';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { subjectOf, unseal } from '@fundflow/vault/seal';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import fc from 'fast-check';
import { REGION, testRegions } from '../../../test/support/regions.js';
import { allocation, day, disbursement, payment, project } from '../../../test/support/rows.js';
import { handedIn, type HandedInBatch } from './handed-in-batch.js';
import type { HandedInRow } from './handed-in.js';
import { personOf, sealPerson } from '../people/sealed-person.js';
import { KnownPeople } from '../people/known-people.js';
import { PayeeKeeper } from '../people/payee-keeper.js';
import { inPlaces, type PlainPayments, sealed, wholeRow } from './plain-payments.js';
import { PlainPaymentsWriter } from './plain-payments-writer.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from '../staged.js';
import { rowsOfColumns, type StagedColumns } from '../staging/staged-columns.js';
import { SubmissionValidator } from '../validation/submission-validator.js';

const context = { jurisdiction: REGION.mashan, regions: testRegions() };
const key = deriveVaultKey(Buffer.alloc(32, 7));
const keys = keysOf(key);
const payees = new PayeeKeeper(inMemoryVault(key), keys);

const text = fc.string({
  unit: fc.constantFrom('a', '9', '"', '\\', '二', '😀', 'é'),
  maxLength: 9,
});
const orNull = fc.option(text.filter((it) => it.trim() !== ''));
const id = fc.constantFrom('P-1', 'P-2', 'P-3', 'P"\\4', 'P-五', 'P-6', 'P-7', 'P-8', 'P-9', 'A-1');
const person = fc.record({
  kind: fc.constant('person' as const),
  name: fc.constantFrom('', '甲例', '乙例'),
  code: fc.constantFrom(null, 'E12345678'),
  account: fc.constantFrom(null, '6222020000000000000'),
});
const unit = fc.record({
  kind: fc.constant('unit' as const),
  ...{ name: text, code: orNull, account: orNull },
});

/** Payments as they were read; some have nothing wrong, some are refused, warned of, known or twins. */
const readPayment: fc.Arbitrary<HandedInRow> = fc
  .record({
    id,
    over: fc.record({
      sourceId: fc.constantFrom('D-1', 'D-1', 'D-2', 'A-1', 'nowhere'),
      projectId: fc.constantFrom(null, null, 'X-1', 'X-2'),
      amountFen: fc.constantFrom(1n, 10_00n, 60_00n, 0n).map(fen),
      paidOn: fc.constantFrom(day('2018-04-01'), day('2018-05-01'), day('2010-01-01')),
      alreadyHappened: fc.boolean(),
      ...{ purpose: orNull, remark: orNull },
    }),
    payee: fc.oneof(person, unit),
    rowNumber: fc.integer({ min: 2, max: 2_000_000 }),
    flex: fc.dictionary(text, text, { maxKeys: 2 }),
    finding: fc.constantFrom('none', 'none', 'none', 'warning', 'error'),
  })
  .map(({ id: own, over, payee, rowNumber, flex, finding }) => {
    const row = { ...payment({ id: own }), ...over, payee } as ParsedRow;
    const head = { sheet: 'payments', row: rowNumber, id: own, field: 'x', message: 'm' } as const;
    const about = { ...head, value: null, expected: null, difference: null };
    const isError = finding === 'error';
    const error = isError ? { ...about, severity: 'error', code: 'bad-value' } : null;
    const warning = { ...about, severity: 'warning', code: 'check-digit' };
    const read = {
      ...{ kind: 'payments', rowNumber, id: own, row: isError ? null : row, flex, error },
      warnings: finding === 'warning' ? [warning] : [],
    } as unknown as HandedInRow;
    if (isError || payee.kind !== 'person') return read;
    return { ...read, sealed: sealPerson(own, payee, keys) };
  });

/** The same row again further down, its person sealed anew as reading does. */
function again(read: HandedInRow): HandedInRow {
  const payee = read.row?.kind === 'payments' ? read.row.payee : null;
  const later = { ...read, rowNumber: read.rowNumber + 1 };
  if (!read.id || payee?.kind !== 'person') return later;
  return { ...later, sealed: sealPerson(read.id, payee, keys) };
}

interface WrittenRows {
  readonly plain: PlainPayments | null;
  readonly rows: readonly HandedInRow[];
}

function written(writer: PlainPaymentsWriter, rows: readonly HandedInRow[]): WrittenRows {
  for (const { sealed = null, ...read } of rows) writer.add(read, () => sealed);
  const { plain, others } = writer.take();
  return { plain: plain && sealed(plain, keys, null), rows: others };
}

const open = payees.open.bind(payees);

const wholeAgain = ({ plain, rows }: WrittenRows): readonly HandedInRow[] =>
  plain ? inPlaces(rows, plain, (index) => wholeRow(plain, index, open)) : rows;

/** Without the people's randomness: what is sealed has to open to what was read, with the openings of the record. */
function opened(rows: readonly HandedInRow[]): unknown[] {
  return rows.map(({ sealed, ...read }) => {
    const [person, id] = [read.row && personOf(read.row), read.id ?? ''];
    expect(sealed !== undefined).toBe(person !== null);
    if (!sealed || !person) return read;
    const entry = {
      recordKey: recordKey(id),
      subject: Buffer.from(sealed.secret.subject),
      sealed: Buffer.from(sealed.secret.sealed),
    };
    const openings = unseal(entry, keys);
    expect(entry.subject).toEqual(subjectOf(person, keys.index));
    for (const field of PERSONAL_FIELDS) {
      const [opening, commitment] = [openings[field], sealed.payee[field]];
      expect(opening?.value ?? '').toBe(person[field] ?? '');
      if (!opening) expect(commitment).toBeNull();
      else {
        const { value, opening: by } = opening;
        expect(verifyCommitment(commitment as Commitment, field, value, by)).toBe(true);
      }
    }
    return read;
  });
}

const batch = fc
  .tuple(fc.array(readPayment, { maxLength: 12 }), fc.array(fc.nat(11), { maxLength: 2 }))
  .map(([rows, twice]) => [...rows, ...rows.filter((_, at) => twice.includes(at)).map(again)]);
/** Rows of a file whose batches are of one kind each. */
const blocks = fc.array(batch, { minLength: 1, maxLength: 4 });

describe('plain payments of a batch', () => {
  it('are the rows they were made of when somebody wants them whole', () => {
    const writer = new PlainPaymentsWriter(keys.index);
    fc.assert(
      fc.property(batch, (rows) => {
        expect(opened(wholeAgain(written(writer, rows)))).toEqual(opened(rows));
      }),
    );
  });

  it('leave in place all rows that have findings or are of another kind', () => {
    const { plain, rows } = written(new PlainPaymentsWriter(keys.index), [
      {
        ...{ kind: 'projects', rowNumber: 2, id: 'X-1', error: null, warnings: [], flex: {} },
        row: project(),
      },
    ]);
    expect([plain, rows.length]).toEqual([null, 1]);
  });
});

describe('batches of a file', () => {
  const about = { notes: [], progress: { bytesRead: 1, bytesTotal: 1 } };
  const read = (id: string): ReadRow => {
    const payee = { kind: 'person', name: '甲例', code: null, account: null } as const;
    const row = { ...payment({ id }), payee } as ParsedRow;
    return { kind: 'payments', rowNumber: 2, id, row, error: null, warnings: [], flex: {} };
  };

  async function handed(batches: readonly Batch[]) {
    const all: HandedInBatch[] = [];
    async function* given(): AsyncGenerator<Batch> {
      yield* batches;
    }
    const known = new KnownPeople(() => Promise.resolve(Buffer.alloc(0)));
    for await (const batch of handedIn(given(), keys, known)) all.push(batch);
    return all;
  }

  it('are sealed and written down', async () => {
    const [batch] = await handed([{ ...about, rows: [read('P-1')], flexColumns: [] }]);
    expect([batch?.plain?.ids, batch?.rows]).toEqual([['P-1'], []]);
    expect(Buffer.from(batch?.plain?.bytes ?? []).toString()).not.toContain('甲例');
  });

  it('are put together to blocks of rows of one table, with the first notes and the last progress', async () => {
    const [one, other] = [['flex_a'], ['flex_a']];
    const notes = [{ code: 'hidden-sheet', sheet: '表', message: '说明' }] as const;
    const progress = { bytesRead: 2, bytesTotal: 2 };
    const rows = (from: number) => Array.from({ length: 400 }, (_, at) => read(`P-${from + at}`));
    const batches = await handed([
      { ...about, rows: rows(0), flexColumns: one, notes },
      { ...about, rows: rows(400), flexColumns: one, progress },
      { ...about, rows: rows(800), flexColumns: one },
      { ...about, rows: rows(1200), flexColumns: one, progress },
      { ...about, rows: rows(1600), flexColumns: other },
    ]);
    const parts = batches.map((batch) => [
      ...[batch.plain?.ids.length, batch.plain?.ids[0], batch.notes, batch.progress.bytesRead],
    ]);
    expect(parts).toEqual([
      [1200, 'P-0', notes, 1],
      [400, 'P-1200', [], 2],
      [400, 'P-1600', [], 1],
    ]);
  });
});

/** A ledger with two holdings, one of a closed project, and a payment that is posted already. */
async function ledger() {
  const store = new InMemoryEventStore();
  const reader = new LedgerReader(store);
  const post = async (cause: string, rows: readonly Row[]): Promise<void> => {
    const maker = { id: 'u-maker', unit: '县财政局', region: REGION.mashan };
    const submission = { id: cause, maker } as SubmissionRecord;
    const result = await new PostingLane(store, reader).post({
      rows,
      context: { ...context, jurisdiction: REGION.centre },
      stamp: { recordedAt: '2019-01-01T00:00:00.000Z', actor: 'u', unit: '局', cause },
      stream: { streamId: `submission-${cause}`, expectedVersion: 0 },
      before: () => [],
      after: () => [partPosted(submission, 1, rows.length)],
    });
    expect(result).toMatchObject({ outcome: 'posted' });
  };
  await post('S-0', [
    ...[project({ id: 'X-1' }), project({ id: 'X-2', closedOn: day('2018-04-15') })],
    allocation({ id: 'A-1', amount: 500_00n, projectId: 'X-1' }),
    allocation({ id: 'A-2', amount: 500_00n, projectId: 'X-2' }),
    disbursement({ id: 'D-1', allocationId: 'A-1', amount: 100_00n }),
    disbursement({ id: 'D-2', allocationId: 'A-2', amount: 100_00n }),
    payment({ id: 'P-9', sourceId: 'D-1', amount: 1n }),
  ]);
  return { reader };
}

type Ledger = Awaited<ReturnType<typeof ledger>>;

/** The memory of a block is used again. */
function copyOf<T>(value: T): T {
  if (Buffer.isBuffer(value)) return Buffer.from(value) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, copyOf(of)])) as T;
}

/** What validating blocks one after the other comes to. */
async function validated({ reader }: Ledger, batches: readonly WrittenRows[]) {
  const staged: StagedColumns[] = [];
  const readBlock = (block: number): Promise<StagedRow[]> => {
    const columns = staged[block];
    return Promise.resolve(columns ? rowsOfColumns(columns) : []);
  };
  const validator = new SubmissionValidator({ reader, payees, context, readBlock });
  const findings: ReportEntry[] = [];
  const openProjects: (readonly string[] | null)[] = [];
  for (const batch of batches) {
    const head = { flexColumns: [], notes: [], progress: { bytesRead: 0, bytesTotal: 0 } };
    const block = await validator.validateBlock({ ...head, ...batch });
    staged.push(copyOf(block.staged.columns));
    openProjects.push(block.staged.openProjects && [...block.staged.openProjects].sort());
    findings.push(...block.findings);
  }
  return { staged, findings, openProjects, counts: validator.counts };
}

/** Written down by one writer, as those of a file are. */
function blocksOf(handedIn: readonly (readonly HandedInRow[])[]): WrittenRows[] {
  const writer = new PlainPaymentsWriter(keys.index);
  return handedIn.map((rows) => written(writer, rows));
}

describe('payments validated by their columns', () => {
  it('come to the very bytes, findings and counts that whole rows come to', async () => {
    const books = await ledger();
    const seen = new Set<string>();
    let twins = 0;
    await fc.assert(
      fc.asyncProperty(blocks, async (handedIn) => {
        const written = blocksOf(handedIn);
        const rows = written.map((batch) => ({ plain: null, rows: wholeAgain(batch) }));
        const whole = await validated(books, rows);
        const columns = await validated(books, written);
        expect(columns).toEqual(whole);
        for (const { code } of whole.findings) seen.add(code);
        twins += whole.counts.alreadyPostedRows;
      }),
      { numRuns: 200 },
    );
    expect([...seen]).toEqual(
      expect.arrayContaining([
        ...['id-taken', 'unknown-source', 'source-closed', 'date-before-source'],
        ...['amount-not-positive', 'exceeds-available', 'check-digit', 'bad-value'],
      ]),
    );
    expect(twins).toBeGreaterThan(0);
  });

  it('know the same person under the same id, in one block, across blocks and in the ledger', async () => {
    const values = { kind: 'person', name: '甲例', code: null, account: null } as const;
    const row = { ...payment({ id: 'P-1', amount: 1n }), payee: values } as ParsedRow;
    const read = (rowNumber: number, payee = values): HandedInRow => ({
      ...{ kind: 'payments', rowNumber, id: 'P-1', error: null, warnings: [], flex: {} },
      row: { ...(row as PaymentRow), payee } as ParsedRow,
      sealed: sealPerson('P-1', payee, keys),
    });
    const other = { ...values, name: '乙例' } as unknown as typeof values;
    const { counts, findings } = await validated(
      await ledger(),
      blocksOf([[read(2), read(3)], [read(4)], [read(5, other)]]),
    );
    expect(counts).toMatchObject({ acceptedRows: 1, alreadyPostedRows: 2, errors: 1 });
    expect(findings.map(({ row: at, code }) => [at, code])).toEqual([
      [3, 'already-posted'],
      [4, 'already-posted'],
      [5, 'id-taken'],
    ]);
  });
});
