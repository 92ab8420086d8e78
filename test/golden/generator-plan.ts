import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDivisions } from '@fundflow/divisions/load-divisions';
import { Books } from '@fundflow/domain/books';
import type { Refusal } from '@fundflow/domain/decision';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import { CENTRE } from '@fundflow/domain/region';
import type { Payee, Row, RowKind } from '@fundflow/domain/rows';
import { generatePlan } from '@fundflow/generator/generate-plan';
import type { RowFinding } from '@fundflow/intake/findings';
import type { ParsedRow, UnsealedPaymentRow } from '@fundflow/intake/parsed-row';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';

const regions = loadDivisions();

/** A folder of its own, gone when the test is. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fundflow-plan-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface ReadPlan {
  readonly rows: readonly ParsedRow[];
  readonly errors: readonly RowFinding[];
  readonly warnings: readonly RowFinding[];
}

/** The files of a folder as intake reads them, in the order of their names. */
export async function readPlan(folder: string): Promise<ReadPlan> {
  const rows: ParsedRow[] = [];
  const errors: RowFinding[] = [];
  const warnings: RowFinding[] = [];
  for (const fileName of (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort()) {
    const source = { path: join(folder, fileName) };
    for await (const batch of readSubmissionFile({ source, fileName, regionTable: regions })) {
      for (const { row, error, warnings: warned } of batch.rows) {
        if (row) rows.push(row);
        if (error) errors.push(error);
        warnings.push(...warned);
      }
    }
  }
  return { rows, errors, warnings };
}

/** Personal data as the decision sees it: something opaque. */
function sealed(row: ParsedRow): Row {
  if (row.kind !== 'payments') return row;
  return { ...row, payee: sealedPayee(row.payee) };
}

function sealedPayee(payee: UnsealedPaymentRow['payee']): Payee {
  if (payee.kind === 'unit') return payee;
  const seal = (text: string | null) => (text === null ? null : { commitment: text });
  const { kind, name, code, account } = payee;
  return { kind, name: seal(name), code: seal(code), account: seal(account) };
}

export interface PostedPlan extends ReadPlan {
  readonly books: Books;
  readonly events: readonly LedgerEvent[];
  /** Rows the ledger did not take, as text. */
  readonly refused: readonly string[];
}

/** Posts rows one after the other as a maker of the centre. */
export function post(plan: ReadPlan): PostedPlan {
  const books = new Books();
  const events: LedgerEvent[] = [];
  const refused: string[] = [];
  for (const row of plan.rows) {
    const decision = postRow(books, sealed(row), { jurisdiction: CENTRE, regions });
    if (decision.outcome === 'accepted') events.push(...decision.events);
    else refused.push(`${row.kind} ${row.id}: ${whyNot(decision)}`);
  }
  return { ...plan, books, events, refused };
}

const whyNot = (decision: { outcome: string; refusal?: Refusal }): string =>
  decision.refusal ? `${decision.refusal.code} ${decision.refusal.field}` : decision.outcome;

export const generateAndPost = (seed: number, payments: number): Promise<PostedPlan> =>
  inFolder(async (outDir) => {
    await generatePlan({ seed, payments, outDir });
    return post(await readPlan(outDir));
  });

export const rowsOfKind = <K extends RowKind>(
  plan: ReadPlan,
  kind: K,
): Extract<ParsedRow, { kind: K }>[] =>
  plan.rows.filter((row): row is Extract<ParsedRow, { kind: K }> => row.kind === kind);
