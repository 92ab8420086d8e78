import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { rowFromWire } from '@fundflow/domain/event-codec';
import { partPosted } from '@fundflow/domain/submission/certify';
import type { Row } from '@fundflow/domain/rows';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import type { ReadRow } from '@fundflow/intake/batches';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import { randomUUID } from 'node:crypto';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { EventStore } from '@fundflow/event-store/event-store';
import {
  openPostgresEventStore,
  PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import fc from 'fast-check';
import pg from 'pg';
import { createSubmissionTables } from '../../../test/support/submission-tables.js';
import { histories } from '../../../test/support/histories.js';
import { REGION, testRegions } from '../../../test/support/regions.js';
import { allocation, day, disbursement, payment, project } from '../../../test/support/rows.js';
import { postAsDecided } from './decided-part.js';
import { PayeeKeeper } from '../people/payee-keeper.js';
import { AsStagedInPostgres } from '../postgres/as-staged-in-postgres.js';
import { PostgresStaging } from '../postgres/postgres-staging.js';
import { type DecidedPayment, PAYMENT_RULES, StagedRow, type SubmissionRecord } from '../staged.js';
import { partsOfBlocks, type StagedPart } from '../staging/staged-parts.js';
import { StagedBlock } from '../staging/staged-block.js';
import { rowsOfColumns } from '../staging/staged-columns.js';
import { readStaged, writeStaged } from '../staging/staged-text.js';
import { SubmissionValidator } from '../validation/submission-validator.js';

const context = { jurisdiction: REGION.centre, regions: testRegions() };
const maker = { id: 'u-maker', unit: '县财政局', region: REGION.mashan };

/** A store to post to, and where rows wait for it in the same database. */
interface Place {
  readonly store: PostgresEventStore;
  readonly pool: pg.Pool;
}

const opened: Place[] = [];
afterEach(async () => {
  for (const { store, pool } of opened.splice(0)) await Promise.all([store.close(), pool.end()]);
});

async function newPlace(): Promise<Place> {
  const connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
  await createEventStoreSchema({ connectionString });
  const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  const pool = new pg.Pool({ connectionString, max: 2 });
  opened.push({ store, pool });
  await createSubmissionTables(pool);
  return { store, pool };
}

const record = (rows: number): SubmissionRecord => ({
  ...{ id: randomUUID(), createdAt: '2019-01-01T00:00:00.000Z', status: 'posting', kind: null },
  ...{ fileName: null, maker, handedInSha256: null, bytesTotal: 0, bytesRead: 0, rows },
  ...{ acceptedRows: rows, alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null },
  ...{ checker: null, certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
  ...{ firstPosition: null, lastPosition: null },
});

/** One ledger, and the way of a submission through it. */
function ledger(store: EventStore, pool: pg.Pool | null = null) {
  const reader = new LedgerReader(store);
  const lane = new PostingLane(store, reader);
  const key = deriveVaultKey(Buffer.alloc(32, 7));
  const payees = new PayeeKeeper(inMemoryVault(key), keysOf(key));
  const partOf = (id: string, rows: number) => {
    const submission = { ...record(rows), id };
    const cause = `submission:${id}`;
    return {
      stamp: { recordedAt: '2019-01-01T00:00:00.000Z', actor: 'u-"checker"', unit: '局\\', cause },
      stream: { streamId: `submission-${id}`, expectedVersion: 0 },
      after: () => [partPosted(submission, 1, rows)],
    };
  };
  return {
    store,
    /** Validates blocks of rows; gives back what is staged, which is read back as it was. */
    async validate(...blocks: readonly (readonly Row[])[]): Promise<StagedRow[]> {
      const staged: StagedRow[][] = [];
      const readBlock = (block: number) => Promise.resolve(staged[block] ?? []);
      const validator = new SubmissionValidator({ reader, payees, context, readBlock });
      for (const rows of blocks) {
        const { findings, rows: accepted } = await validator.validate(rows.map(handedIn));
        expect(findings).toEqual([]);
        expect(readStaged(writeStaged(accepted))).toEqual(accepted);
        expect(rowsOfColumns(StagedBlock.of(accepted).columns)).toEqual(accepted.map(readBack));
        staged.push([...accepted]);
      }
      return staged.flat();
    },
    /** Stages the rows in blocks of three, and posts them where they lie. */
    async postAsDecided(id: string, rows: readonly StagedRow[]) {
      const staging = new PostgresStaging(pool as pg.Pool);
      const { appendSelected } = PostgresEventStore.prototype;
      const asStaged = new AsStagedInPostgres({
        appendSelected: (group) => appendSelected.call(store, group),
        beginPutSelected: () => {
          throw new Error('nobody keeps payees here');
        },
        pieceRows: 6,
      });
      const submission = record(rows.length);
      await staging.insertValidating(submission);
      for (let block = 0; block * 3 < rows.length; block += 1) {
        const some = rows.slice(block * 3, block * 3 + 3);
        const counts = { ...submission, bytesRead: 0 };
        const staged = StagedBlock.of(some);
        const findings = { firstSeq: 0, entries: [] };
        await staging.writeBlock(submission.id, block, staged, findings, counts);
      }
      const { after, ...part } = partOf(id, rows.length);
      const [all] = partsOfBlocks(await staging.blocks(submission.id));
      const head = { ...part, before: [], after: after() };
      const posted = await postAsDecided(
        { store, asStaged },
        submission.id,
        all as StagedPart,
        head,
      );
      return posted && { outcome: 'posted', ...posted, postedRows: rows.length };
    },
    decideAndPost(id: string, rows: readonly Row[]) {
      const part = partOf(id, rows.length);
      return lane.post({ ...part, rows, context, before: () => [] });
    },
    async posted(id: string, ...rows: readonly Row[]) {
      expect(await this.decideAndPost(id, rows)).toMatchObject({ outcome: 'posted' });
    },
  };
}

/** The open project stands with the block. */
const readBack = ({ sheet, row, id, content, secret, decided }: StagedRow) =>
  new StagedRow(sheet, row, id, content, secret, decided && { ...decided, openProjectId: null });

const handedIn = (row: Row, index: number): ReadRow => ({
  ...{ kind: row.kind, rowNumber: index + 2, id: row.id, row: row as ReadRow['row'] },
  ...{ error: null, warnings: [], flex: {} },
});

const typedRows = (staged: readonly StagedRow[]) => staged.map(({ wire }) => rowFromWire(wire));

/** Payments apart from everything else, as a bureau hands in a large file of them. */
function filesOf(rows: readonly Row[]): Row[][] {
  const files: Row[][] = [];
  rows.forEach((row, at) => {
    const before = rows[at - 1];
    const alike = before && (before.kind === 'payments') === (row.kind === 'payments');
    if (alike) files.at(-1)?.push(row);
    else files.push([row]);
  });
  return files;
}

describe('a part of payments posted as validation decided it', () => {
  it('leaves the very log that deciding it again would leave', async () => {
    let parts = 0;
    await fc.assert(
      fc.asyncProperty(histories({ rowsMax: 40 }), async ({ postings }) => {
        const { store, pool } = await newPlace();
        const [one, other] = [ledger(store, pool), ledger(new InMemoryEventStore())];
        const files = postings.flatMap(({ rows }) => filesOf(rows));
        for (const [at, rows] of files.entries()) {
          const staged = await one.validate(rows);
          const asDecided = await one.postAsDecided(`S-${at}`, staged);
          parts += asDecided ? 1 : 0;
          const result = asDecided ?? (await one.decideAndPost(`S-${at}`, typedRows(staged)));
          expect(await other.decideAndPost(`S-${at}`, rows)).toMatchObject(result);
        }
        expect(await one.store.readAll(0n, 9_999)).toEqual(await other.store.readAll(0n, 9_999));
      }),
      { numRuns: 20 },
    );
    expect(parts).toBeGreaterThan(6);
  });

  const payments = [payment({ id: 'P-1', amount: 60_00n }), payment({ id: 'P-2', amount: 30_00n })];
  const closing = project({ id: 'X-1', closedOn: day('2018-01-01') });
  const rule = (staged: readonly StagedRow[], rules: number) =>
    staged.map(
      ({ sheet, row, id, content, secret, decided }) =>
        new StagedRow(sheet, row, id, content, secret, decided && { ...decided, rules }),
    );

  async function funded() {
    const { store, pool } = await newPlace();
    const desk = ledger(store, pool);
    await desk.posted(
      'S-0',
      project({ id: 'X-1' }),
      allocation({ id: 'A-1', amount: 100_00n, projectId: 'X-1' }),
      disbursement({ id: 'D-1', allocationId: 'A-1', amount: 100_00n }),
    );
    return { ...desk, staged: await desk.validate(payments) };
  }

  it.each<[string, readonly Row[]]>([
    ['its holding was drawn on since', [payment({ id: 'P-3', amount: 1n })]],
    ['one of its ids was posted since', [payment({ id: 'P-2', amount: 30_00n })]],
    ['the project of its holding was closed since', [closing]],
  ])('posts nothing when %s', async (_, since) => {
    const desk = await funded();
    await desk.posted('S-1', ...since);
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-2', desk.staged)).toBeNull();
    expect(await desk.store.head()).toBe(head);
  });

  it('takes back the pieces before the one that something stands against', async () => {
    const desk = await funded();
    const rows = Array.from({ length: 20 }, (_, at) => payment({ id: `P-${at + 9}`, amount: 1n }));
    const staged = await desk.validate(rows);
    await desk.posted('S-1', allocation({ id: 'A-2', amount: 1_00n }));
    await desk.posted('S-2', disbursement({ id: 'P-27', allocationId: 'A-2', amount: 1n }));
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-3', staged)).toBeNull();
    expect(await desk.store.head()).toBe(head);
    expect(await desk.postAsDecided('S-4', staged.slice(0, 18))).toMatchObject({ postedRows: 18 });
  });

  it('posts nothing that a program with other rules decided', async () => {
    const desk = await funded();
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-2', rule(desk.staged, 0))).toBeNull();
    expect(await desk.store.head()).toBe(head);
    expect(await desk.postAsDecided('S-2', rule(desk.staged, PAYMENT_RULES))).toMatchObject({
      postedRows: 2,
    });
  });

  it('posts nothing of rows whose versions have a gap, or that are fewer than the part has', async () => {
    const desk = await funded();
    const head = await desk.store.head();
    const [first, last] = desk.staged as [StagedRow, StagedRow];
    const { sheet, row, id, content, secret, decided } = last;
    const later = {
      ...(decided as DecidedPayment),
      version: (decided as DecidedPayment).version + 1,
    };
    const gap = new StagedRow(sheet, row, id, content, secret, later);
    expect(await desk.postAsDecided('S-2', [first, gap])).toBeNull();
    const undecided = new StagedRow(sheet, row, id, content, secret, null);
    expect(await desk.postAsDecided('S-3', [first, undecided])).toBeNull();
    expect(await desk.store.head()).toBe(head);
  });

  it('writes ids as a record has them, whatever characters they have', async () => {
    const ids = ['P"\\/1', 'P-\u4e8c\ud83d\ude00', "P'3", 'P-\u007f4'];
    const rows = ids.map((id) => payment({ id, amount: 1_00n }));
    const [{ store, pool }, other] = [await newPlace(), ledger(new InMemoryEventStore())];
    const one = ledger(store, pool);
    const sources = [
      allocation({ id: 'A"1', amount: 100_00n }),
      disbursement({ id: 'D"\\1', allocationId: 'A"1', amount: 100_00n }),
    ];
    const paid = rows.map((row) => ({ ...row, sourceId: 'D"\\1' }));
    for (const desk of [one, other]) await desk.posted('S-0', ...sources);
    expect(await one.postAsDecided('S-1', await one.validate(paid))).toMatchObject({
      postedRows: 4,
    });
    await other.posted('S-1', ...paid);
    expect(await one.store.readAll(0n, 99)).toEqual(await other.store.readAll(0n, 99));
  });

  it('posts nothing twice', async () => {
    const desk = await funded();
    expect(await desk.postAsDecided('S-2', desk.staged)).toMatchObject({ postedRows: 2 });
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-2', desk.staged)).toBeNull();
    expect(await desk.store.head()).toBe(head);
  });

  it('draws on holdings that an earlier part of the same submission began', async () => {
    const { store, pool } = await newPlace();
    const desk = ledger(store, pool);
    await desk.posted('S-0', allocation({ id: 'A-1', amount: 100_00n }));
    const begun = [disbursement({ id: 'D-1', allocationId: 'A-1', amount: 100_00n })];
    const staged = await desk.validate(begun, payments);
    await desk.posted('S-1', ...typedRows(staged.slice(0, 1)));
    expect(await desk.postAsDecided('S-2', staged.slice(1))).toMatchObject({ postedRows: 2 });
    // What the validation knew of a holding before it was posted counts once.
    await desk.posted('S-3', payment({ id: 'P-3', amount: 10_00n }));
    const more = await desk.decideAndPost('S-4', [payment({ id: 'P-4', amount: 1n })]);
    expect(more).toMatchObject({ refusals: [{ refusal: { code: 'exceeds-available' } }] });
  });
});
