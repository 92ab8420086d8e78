import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { sharedReads } from '@fundflow/command-handling/shared-reads';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import {
  openPostgresEventStore,
  type PostgresEventStore,
} from '@fundflow/event-store/postgres/postgres-event-store';
import { createEventStoreSchema } from '@fundflow/event-store/postgres/schema';
import { readJsonRows } from '@fundflow/intake/keyed-rows';
import { inMemoryVault } from '@fundflow/vault/in-memory';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import fc from 'fast-check';
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { REGION, testRegions } from '../../test/support/regions.js';
import { PayeeKeeper } from './payee-keeper.js';
import { AsStagedInPostgres } from './postgres/as-staged-in-postgres.js';
import { BY_KEY } from './postgres/by-key.js';
import { PostgresStaging } from './postgres/postgres-staging.js';
import { submissionMigrations } from './postgres/schema.js';
import { SubmissionDesk } from './submission-desk.js';
import { SubmissionPoster } from './submission-poster.js';
import { SubmissionValidator } from './submission-validator.js';
import { WholePoster } from './whole-poster.js';

/*
 * A payment alone is validated as new on what the process remembers, and stored where the log bears that out. Nobody may
 * see a difference: the answer is the one of a process that remembers nothing and looks everything up.
 */
const regions = testRegions();
const maker = { id: 'u-maker', unit: '自治区财政厅', region: REGION.centre };
const checker = { ...maker, id: 'u-checker' };
const key = deriveVaultKey(Buffer.alloc(32, 7));
const payees = new PayeeKeeper(inMemoryVault(key), keysOf(key));

let store: PostgresEventStore;
let pool: pg.Pool;
beforeAll(async () => {
  const connectionString = await (await startTestDatabase({ durable: false })).createDatabase();
  await createEventStoreSchema({ connectionString });
  store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  pool = new pg.Pool({ connectionString, max: 4, options: BY_KEY });
  const runner = { query: (sql: string) => pool.query(sql) } as unknown as QueryRunner;
  for (const Migration of submissionMigrations) await new Migration().up(runner);
});
afterAll(() => Promise.all([store.close(), pool.end()]));

/** The desk of one process; `asked` counts what validating asks of the log. */
function process() {
  const asked = { count: 0 };
  const counted = <A extends unknown[], R>(ask: (...parts: A) => R) =>
    function (...parts: A): R {
      asked.count += 1;
      return ask(...parts);
    };
  const reads = {
    findEvents: counted((ids: readonly string[]) => store.findEvents(ids)),
    readStreams: counted((after: ReadonlyMap<string, number>, limit: number) =>
      store.readStreams(after, limit),
    ),
    streamVersions: counted((ids: readonly string[]) => store.streamVersions(ids)),
  };
  const reader = new LedgerReader(sharedReads(reads));
  const lane = new PostingLane(store, new LedgerReader(store), reader);
  const staging = new PostgresStaging(pool);
  const asStaged = new AsStagedInPostgres({
    appendSelected: (group) => store.appendSelected(group),
    putSelected: () => Promise.reject(new Error('nobody keeps payees here')),
  });
  const posting = { store, lane, staging, payees, regions, asStaged };
  const desk = new SubmissionDesk({
    ...{ staging, reader, payees, regions, uploadDirectory: '', filesUnderWay: { count: 0 } },
    poster: new SubmissionPoster(posting),
    wholePoster: new WholePoster(posting),
    readFile: () => {
      throw new Error('nobody uploads files here');
    },
    now: () => Date.parse('2019-01-01T00:00:00.000Z'),
    onFailure: (_id, error) => {
      throw error;
    },
  });
  const handIn = async (row: object) => {
    const record = await desk.handInRows(kindOf(row), [row], maker);
    const entries = await desk.report(record.id, -1, 10);
    return {
      record,
      answer: answerOf(
        record,
        entries.map(({ entry }) => entry),
      ),
    };
  };
  const post = async (row: object): Promise<void> => {
    const { record } = await handIn(row);
    const result = await desk.certify(record, checker, 'valid');
    if (result.outcome === 'refused') throw new Error(result.refusal);
    await result.done;
  };
  return { asked, handIn, post };
}

/** Rows as an office hands them in: ¥100 for 马山县, ¥60 of it disbursed. */
const allocation = (allocation_id: string) => ({
  ...{ allocation_id, parent_id: '', doc_no: '桂财农〔2018〕1号', fund_type: 'central-special' },
  ...{ fiscal_year: '2018', issuer_region: '450000', receiver_region: '450124' },
  ...{ amount: '100', unit: '元', issued_on: '2018-01-10', received_on: '2018-01-20' },
});
const disbursement = (disbursement_id: string, allocation_id: string) => ({
  ...{ disbursement_id, allocation_id, recipient_name: '马山县交通运输局' },
  ...{ amount: '60', unit: '元', disbursed_on: '2018-03-01', credited_on: '2018-03-02' },
  voucher_no: `V-${disbursement_id}`,
});
const payment = (payment_id: string, source_id: string, over: object) => ({
  ...{ payment_id, source_id, payee_kind: 'unit', payee_name: '广西路桥有限公司', unit: '元' },
  ...{ paid_on: '2018-04-01', method: 'authorised', voucher_no: `V-${payment_id}` },
  ...over,
});

const kindOf = (row: object) =>
  'payment_id' in row ? 'payments' : 'disbursement_id' in row ? 'disbursements' : 'allocations';

const answerOf = (
  { rows, acceptedRows, alreadyPostedRows, errors, warnings }: Record<Count, number>,
  findings: readonly unknown[],
) => ({ rows, acceptedRows, alreadyPostedRows, errors, warnings, findings });
type Count = 'rows' | 'acceptedRows' | 'alreadyPostedRows' | 'errors' | 'warnings';

/** What a process that remembers nothing finds. */
async function lookedUp(row: object) {
  const validator = new SubmissionValidator({
    ...{ reader: new LedgerReader(store), payees, singleRow: true },
    context: { jurisdiction: maker.region, regions },
    readBlock: () => Promise.resolve([]),
  });
  const handedIn = readJsonRows(kindOf(row), [row], { regionTable: regions });
  const { findings } = await validator.validate(handedIn);
  return answerOf(validator.counts, findings);
}

let plans = 0;
/** A holding of ¥60 of its own, posted. */
async function newHolding(by: ReturnType<typeof process>): Promise<string> {
  plans += 1;
  await by.post(allocation(`A-${plans}`));
  await by.post(disbursement(`D-${plans}`, `A-${plans}`));
  return `D-${plans}`;
}

const person = { payee_kind: 'person', payee_name: '甲例一', payee_account: '9999000000000001' };

/** Few ids and few amounts, so that equal rows, other rows of the same id and overdrafts are the rule. */
const draw = fc.record({
  ...{ id: fc.integer({ min: 1, max: 6 }), yuan: fc.constantFrom('5', '25', '61', '0', 'x') },
  ...{ toPerson: fc.boolean(), misled: fc.constantFrom(false, false, false, true) },
});

type Draw = typeof draw extends fc.Arbitrary<infer T> ? T : never;

describe('a payment handed in alone', () => {
  it('is answered as by who looks everything up, in any mix in one turn, whoever posted before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ by: fc.nat(1), posted: fc.array(draw, { maxLength: 3 }) }), {
          maxLength: 3,
        }),
        fc.array(draw, { minLength: 1, maxLength: 8 }),
        async (rounds, asked) => {
          const [here, elsewhere] = [process(), process()];
          const holding = await newHolding(here);
          const rowOf = ({ id, yuan, toPerson, misled }: Draw) =>
            payment(`P-${holding}-${id}`, misled ? 'D-nowhere' : holding, {
              ...{ amount: yuan, method: toPerson ? 'card' : 'authorised' },
              ...(toPerson ? person : {}),
            });
          for (const { by, posted } of rounds) {
            for (const row of posted) await (by === 0 ? here : elsewhere).post(rowOf(row));
          }
          const rows = asked.map(rowOf);
          const answers = await Promise.all(rows.map((row) => here.handIn(row)));
          const expected = await Promise.all(rows.map(lookedUp));
          expect(answers.map(({ answer }) => answer)).toEqual(expected);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('asks the log nothing while its holding is remembered as it stands', async () => {
    const here = process();
    const holding = await newHolding(here);
    await here.post(payment(`P-${holding}-1`, holding, { amount: '1' }));
    const before = here.asked.count;
    for (const id of [2, 3, 4]) {
      await here.post(payment(`P-${holding}-${id}`, holding, { amount: '1' }));
    }
    expect(here.asked.count).toBe(before);
  });

  it('is looked at again when another process drew on its holding meanwhile', async () => {
    const [here, elsewhere] = [process(), process()];
    const holding = await newHolding(here);
    await here.post(payment(`P-${holding}-1`, holding, { amount: '1' }));
    await elsewhere.post(payment(`P-${holding}-2`, holding, { amount: '50' }));
    const { answer } = await here.handIn(payment(`P-${holding}-3`, holding, { amount: '20' }));
    expect(answer).toMatchObject({
      ...{ acceptedRows: 0, errors: 1 },
      findings: [{ code: 'exceeds-available', value: '2000', expected: '900' }],
    });
  });
});
