import type { Cells } from '../../e2e/support/person.js';
import { residentId } from '../../e2e/support/resident-id.js';
import { payment } from '../../e2e/support/rows.js';

/** A person who does not exist, with the four values that are looked for. */
export interface Canary {
  readonly name: string;
  readonly code: string;
  readonly account: string;
  readonly phone: string;
}

export const CANARIES: readonly Canary[] = Array.from({ length: 50 }, (_, n) => ({
  name: `覃${String.fromCharCode(0x7010 + n)}${String.fromCharCode(0x8010 + n)}`,
  code: residentId(300 + n),
  account: `62284808${10_000_000 + n * 7919}${100 + n}`,
  phone: `1397718${1000 + n}`,
}));
export const VALUES = CANARIES.flatMap(({ name, code, account, phone }) => [
  ...[name, code, account, phone],
]);

const PERSON = { payee_kind: 'person', payee_region: '450124100001', amount: '1', method: 'card' };

/** A payment to the person, right in every cell. */
export const paid = (id: string, { name, code, account }: Canary, over: Cells = {}): Cells =>
  payment(id, 'fund', {
    ...{ ...PERSON, payee_name: name, payee_code: code, payee_account: account },
    ...over,
  });

/** Columns of a payment that are about no person, and take no name by their rules. */
const OTHER_COLUMNS = [
  ...['source_id', 'project_id', 'payee_kind', 'payee_region', 'amount', 'unit', 'paid_on'],
  ...['method', 'economic_code', 'already_happened'],
] as const;
/** Columns of words: what they hold is kept as it was typed, but for numbers of persons. */
const WORDS = ['purpose', 'reason', 'remark'] as const;

/** Every value of the person typed into every column it does not belong into; each of these rows is refused. */
export function mistyped(prefix: string, canary: Canary): Cells[] {
  const { name, code, account, phone } = canary;
  const rows = OTHER_COLUMNS.flatMap((column) =>
    [name, code, account, phone]
      // A figure of eleven digits is an amount.
      .filter((value) => column !== 'amount' || value !== phone)
      .map((value) => ({ [column]: value })),
  );
  const inWords = WORDS.flatMap((column) =>
    [code, account, phone].map((value) => ({ [column]: `补发给本人，${value}，请核` })),
  );
  const joined = [
    ...[{ amount: `${phone}元整` }, { payee_account: `${account}/${phone}` }],
    ...[{ payee_code: `${code}号` }, { payee_name: `${name}（${phone}）`, amount: '零' }],
    ...[{ payment_id: `${prefix} ${name}` }, { payment_id: code }],
  ];
  return [...rows, ...inWords, ...joined].map((over, n) => paid(`${prefix}-${n}`, canary, over));
}
