import { Books } from '@fundflow/domain/books';
import type { LedgerEvent } from '@fundflow/domain/events';
import { postRow } from '@fundflow/domain/posting';
import type { Row } from '@fundflow/domain/rows';
import { decideLimit } from '@fundflow/domain/rules/decide-limit';
import { partPosted, submissionCertified } from '@fundflow/domain/submission/certify';
import type { Submission } from '@fundflow/domain/submission/submission';
import { goldenOversight } from './golden-oversight.js';
import { REGION, testRegions } from '../../support/regions.js';
import {
  allocation,
  bankReturn,
  cashReturn,
  day,
  disbursement,
  notice,
  payment,
  project,
  recall,
  reversal,
  supplement,
} from '../../support/rows.js';

const commitment = (digit: string) => ({ commitment: digit.repeat(64) });

/** Rows with every column filled that a record can hold: what is empty here would never be looked at again. */
const ROWS: readonly Row[] = [
  project({
    ...{ township: REGION.baishan, village: REGION.baishanVillage, category: '基础设施' },
    ...{ unitCode: '11450124007571234X', performanceTarget: '硬化道路2.3公里' },
    planned: { amountFen: allocation({ amount: 1_250_000_00n }).amountFen, amountText: '125 万元' },
    ...{ libraryOn: day('2017-11-01'), approvedOn: day('2017-12-15') },
    ...{ plannedStart: day('2018-03-01'), plannedEnd: day('2018-10-31') },
    ...{ acceptedOn: day('2018-11-20'), closedOn: day('2018-12-20') },
  }),
  allocation({
    ...{ id: 'A-0', amount: 7_247_124_84n, receiverName: '自治区财政厅', fundType: 'pooled' },
    ...{ issuerRegion: REGION.centre, receiverRegion: REGION.guangxi },
  }),
  allocation({
    ...{ parentId: 'A-0', amount: 2_000_000_00n, receiverName: '马山县财政局' },
    ...{ issuedOn: day('2018-01-20'), receivedOn: day('2018-01-29'), projectId: 'X-1' },
    ...{ functionCode: '2130504', purpose: '农村基础设施建设', remark: '第一批\t"提前下达"' },
  }),
  supplement({
    ...{
      parentId: 'A-0',
      amount: 300_000_50n,
      fundType: 'pooled',
      purpose: '整合',
      remark: '追加',
    },
  }),
  disbursement({
    ...{ projectId: 'X-1', amount: 900_000_00n, recipientCode: '11450124007571234X' },
    ...{ recipientAccount: '20012345678901234567', remark: '首付款' },
  }),
  payment({
    ...{ projectId: 'X-1', amount: 1_234_56n, payeeRegion: REGION.baishanVillage, method: 'card' },
    payee: {
      kind: 'person',
      ...{ name: commitment('a'), code: commitment('b'), account: commitment('c') },
    },
    ...{ economicCode: '50901', purpose: '危房改造', remark: '😀' },
    ...{ alreadyHappened: true, reason: '银行回单在先' },
  }),
  bankReturn({ amount: 234_56n, reason: '户名不符' }),
  cashReturn({ amount: 100_000_00n, receivedOn: day('2018-05-09'), reason: '结余' }),
  recall({ ofId: 'S-1', amount: 50n, receivedOn: day('2018-05-11'), reason: '收回存量' }),
  reversal({ ofId: 'R-3' }),
  notice({ place: '白山镇公示栏', removedOn: day('2018-05-15') }),
];

const OFFICE = { unit: '马山县财政局', region: REGION.mashan };
const SUBMISSION: Submission = {
  ...{ id: '5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0001', status: 'validated' },
  maker: { id: 'u-maker', ...OFFICE },
  ...{ rows: 11, acceptedRows: 11, errors: 0 },
};

/** One event of every type a program of today writes; where a type occurs more than once, the last. */
export function goldenEvents(): LedgerEvent[] {
  const regions = testRegions();
  const context = { jurisdiction: REGION.centre, regions };
  const books = new Books();
  const events = ROWS.flatMap((row): readonly LedgerEvent[] => {
    const decision = postRow(books, row, context);
    if (decision.outcome !== 'accepted') throw new Error(`${row.id}: ${JSON.stringify(decision)}`);
    return decision.events;
  });
  const limit = decideLimit(
    {
      ...{ limitId: '5d0f5e0c-6d0c-4a63-9d35-0b7a7f6f0002', rule: 'not-disbursed' },
      ...{ region: '450000', limitDays: 45, fundTypes: ['pooled'], validFrom: '2019-01-01' },
      basis: '桂财农〔2018〕123号',
    },
    context,
  );
  if (limit.outcome !== 'accepted') throw new Error(`limit: ${JSON.stringify(limit.refusal)}`);
  const certified = submissionCertified({
    ...{ submission: SUBMISSION, rows: 'all', handedInSha256: 'f'.repeat(64) },
    checker: { id: 'u-checker', ...OFFICE },
  });
  const posted = [certified, ...events, partPosted(SUBMISSION, 1, ROWS.length)];
  const attached: LedgerEvent = {
    ...{
      type: 'AttachmentAdded',
      streamId: 'attachment-Z-1',
      key: `attachment:Z-1:${'a'.repeat(64)}`,
    },
    ...{ index: 0, occurredOn: null, region: REGION.mashan },
    data: {
      ...{ subjectId: 'Z-1', sha256: 'a'.repeat(64), sm3: 'b'.repeat(64), bytes: 1_024 },
      mediaType: 'application/pdf',
    },
  };
  const all = [...posted, ...limit.events, attached, ...goldenOversight()];
  return [...new Map(all.map((event) => [event.type, event])).values()];
}
