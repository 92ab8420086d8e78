import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { rowFromWire } from '@fundflow/domain/event-codec';
import { partPosted } from '@fundflow/domain/submission/certify';
import type { Row } from '@fundflow/domain/rows';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import type { ReadRow } from '@fundflow/intake/batches';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import fc from 'fast-check';
import { histories } from '../../test/support/histories.js';
import { REGION, testRegions } from '../../test/support/regions.js';
import { allocation, day, disbursement, payment, project } from '../../test/support/rows.js';
import { postAsDecided } from './decided-part.js';
import { PayeeKeeper } from './payee-keeper.js';
import { StagedRow } from './staged.js';
import { readStaged, writeStaged } from './staged-text.js';
import { SubmissionValidator } from './submission-validator.js';

const context = { jurisdiction: REGION.centre, regions: testRegions() };
const maker = { id: 'u-maker', unit: '县财政局', region: REGION.mashan };

/** One ledger, and the way of a submission through it. */
function ledger() {
  const store = new InMemoryEventStore();
  const reader = new LedgerReader(store);
  const lane = new PostingLane(store, reader);
  const key = deriveVaultKey(Buffer.alloc(32, 7));
  const payees = new PayeeKeeper(inMemoryVault(key), keysOf(key));

  const partOf = (id: string, rows: number) => {
    const submission = {
      id,
      maker,
      status: 'posting',
      rows,
      acceptedRows: rows,
      errors: 0,
    } as const;
    const cause = `submission:${id}`;
    return {
      stamp: { recordedAt: '2019-01-01T00:00:00.000Z', actor: 'u-checker', unit: '局', cause },
      stream: { streamId: `submission-${id}`, expectedVersion: 0 },
      after: () => [partPosted(submission, 1, rows)],
    };
  };
  return {
    store,
    /** Validates blocks of rows; gives back what is staged, as it is read from where it was staged. */
    async validate(...blocks: readonly (readonly Row[])[]): Promise<StagedRow[]> {
      const staged: StagedRow[][] = [];
      const readBlock = (block: number) => Promise.resolve(staged[block] ?? []);
      const validator = new SubmissionValidator({ reader, payees, context, readBlock });
      for (const rows of blocks) {
        const { findings, rows: accepted } = await validator.validate(rows.map(handedIn));
        expect(findings).toEqual([]);
        staged.push(readStaged(writeStaged(accepted)));
      }
      return staged.flat();
    },
    postAsDecided(id: string, rows: readonly StagedRow[]) {
      const part = partOf(id, rows.length);
      return postAsDecided(store, { ...part, rows, before: [], after: part.after() });
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
        const [one, other] = [ledger(), ledger()];
        const files = postings.flatMap(({ rows }) => filesOf(rows));
        for (const [at, rows] of files.entries()) {
          const staged = await one.validate(rows);
          const asDecided = await one.postAsDecided(`S-${at}`, staged);
          parts += asDecided ? 1 : 0;
          const result = asDecided ?? (await one.decideAndPost(`S-${at}`, typedRows(staged)));
          expect(result).toEqual(await other.decideAndPost(`S-${at}`, rows));
        }
        expect(await one.store.readAll(0n, 9_999)).toEqual(await other.store.readAll(0n, 9_999));
      }),
      { numRuns: 50 },
    );
    expect(parts).toBeGreaterThan(15);
  });

  const payments = [payment({ id: 'P-1', amount: 60_00n }), payment({ id: 'P-2', amount: 30_00n })];
  const closing = project({ id: 'X-1', closedOn: day('2018-01-01') });
  const rule = (staged: readonly StagedRow[], rules: number) =>
    staged.map(
      ({ sheet, row, id, content, secret, decided }) =>
        new StagedRow(sheet, row, id, content, secret, decided && { ...decided, rules }),
    );

  async function funded() {
    const desk = ledger();
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

  it('posts nothing that a program with other rules decided', async () => {
    const desk = await funded();
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-2', rule(desk.staged, 0))).toBeNull();
    expect(await desk.store.head()).toBe(head);
    expect(await desk.postAsDecided('S-2', rule(desk.staged, 1))).toMatchObject({ postedRows: 2 });
  });

  it('posts nothing twice', async () => {
    const desk = await funded();
    expect(await desk.postAsDecided('S-2', desk.staged)).toMatchObject({ postedRows: 2 });
    const head = await desk.store.head();
    expect(await desk.postAsDecided('S-2', desk.staged)).toBeNull();
    expect(await desk.store.head()).toBe(head);
  });

  it('draws on holdings that an earlier part of the same submission began', async () => {
    const desk = ledger();
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
