import type { KnownRegions } from '@fundflow/domain/region';
import { type Batch, batchesOf, type Table } from './batches.js';
import { csvTableOf } from './csv-table.js';

/** Enough for the compiler; more would only take longer. */
const ROWS = 4_000;
const HEADER =
  '支付编号,资金来源编号,收款人类型,收款人,证件号码,收款账号,金额,单位,支付日期,支付方式,凭证号,用途';
const PAYEES = [
  '个人,某人,459900195001010010,9999000000001',
  '单位,某单位,,9999000000002',
  '单位,"某单位,某处",,9999000000003',
];

function sampleText(): string {
  const lines = Array.from({ length: ROWS }, (_, at) => {
    const payee = PAYEES[at % PAYEES.length];
    return `SAMPLE-${at},SAMPLE,${payee},${at + 1}.50,元,2018-01-${10 + (at % 20)},直接支付,${at},某事\n`;
  });
  return `${HEADER}\n${lines.join('')}`;
}

/**
 * Payments that nobody made, read as those of a CSV file are: for a process that waits for its first file, and is several
 * times as fast once what reads one is compiled. Nothing in them is refused or warned of.
 */
export async function* readSampleRows(regionTable: KnownRegions): AsyncGenerator<Batch> {
  yield* batchesOf(theOne(), regionTable, []);
}

async function* theOne(): AsyncGenerator<Table> {
  yield await csvTableOf(Buffer.from(sampleText()), 'payments');
}
