import { decodeParsed } from '@fundflow/domain/event-codec';
import { fen } from '@fundflow/domain/money';
import type { PaymentRow } from '@fundflow/domain/rows';
import { canonicalRecord } from '@fundflow/event-store/canonical';
import type { Envelope } from '@fundflow/event-store/envelope';
import fc from 'fast-check';
import { envelopesOf, newEventOf } from '../../test/support/envelopes.js';
import { histories } from '../../test/support/histories.js';
import { day, payment } from '../../test/support/rows.js';
import { cutPayment } from './payment-record.js';

const COMMITMENT = { commitment: 'ab'.repeat(32) };
const PERSON = { kind: 'person', name: COMMITMENT, code: COMMITMENT, account: null } as const;

/** The record of a payment with these fields, as the ledger writes it. */
function recordOf(row: Partial<PaymentRow> = {}, head: Partial<Envelope> = {}): Buffer {
  const data = {
    ...{ holdingRegion: '450124', holdingKind: 'disbursement', projectId: null },
    row: { ...payment({ payee: PERSON }), ...row },
  };
  const { amountFen } = data.row;
  const envelope: Envelope = {
    ...{ eventId: 'f47ac10b-58cc-4372-a567-0e02b2c3d479', stream: 'holding-D-1', version: 7 },
    ...{ type: 'PaymentMade', schema: 1, occurredOn: '2018-06-01', index: 0 },
    ...{ recordedAt: '2019-01-01T00:00:00.000Z', actor: 'u-1', unit: '450124' },
    ...{ region: '450124', cause: 'submission:1', key: 'record:P-1' },
    ...head,
    data: { ...data, row: { ...data.row, amountFen: amountFen.toString() } },
  };
  return Buffer.from(canonicalRecord(envelope));
}

/** What is taken out of a record, by parsing all of it. */
function parsed(record: Buffer): unknown {
  const envelope = JSON.parse(record.toString()) as Envelope;
  const { eventId, recordedAt, actor } = envelope;
  const event = decodeParsed(envelope);
  if (event.type !== 'PaymentMade') return null;
  const { type, occurredOn, data } = event;
  const { id, sourceId, amountFen, payeeRegion, voucherNo, payee } = data.row;
  const row = { id, sourceId, amountFen, payeeRegion, voucherNo, payee: { kind: payee.kind } };
  return {
    envelope: { eventId, recordedAt, actor },
    event: { type, occurredOn, data: { ...data, row } },
  };
}

const word = fc.stringMatching(/^[ !#-[\]-~]{1,24}$/);
const anyText = fc.oneof(
  word,
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('扶贫', '"', '\\', '}'),
);

describe('a payment cut out of its record', () => {
  it('is what parsing the record gives, in any history', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        for (const envelope of envelopesOf(history)) {
          const record = Buffer.from(newEventOf(envelope).record);
          const cut = cutPayment(record);
          if (cut) expect(cut).toEqual(parsed(record));
        }
      }),
    );
  });

  it('is the same or is left to parsing, whatever its texts hold', () => {
    const texts = fc.record({
      ...{ id: anyText, sourceId: anyText, voucherNo: anyText },
      ...{ purpose: fc.option(anyText), remark: fc.option(anyText), projectId: fc.option(anyText) },
    });
    fc.assert(
      fc.property(texts, word, fc.bigInt(-(10n ** 19n), 10n ** 19n), (row, actor, amount) => {
        const record = recordOf({ ...row, amountFen: fen(amount % 2n ** 63n) }, { actor });
        const cut = cutPayment(record);
        if (cut) expect(cut).toEqual(parsed(record));
      }),
      { numRuns: 500 },
    );
  });

  it('is cut as it comes in a file: Chinese in what is not read, fields left empty', () => {
    const [purpose, remark] = ['产业发展以奖代补', '补登'];
    for (const row of [
      { purpose, remark },
      { payeeRegion: null, economicCode: null },
    ]) {
      const record = recordOf(row);
      expect(cutPayment(record)).toEqual(parsed(record));
    }
  });

  it.each<[string, Buffer]>([
    ['an escape in what is read', recordOf({ voucherNo: '凭"1"' })],
    ['an escape in what is not', recordOf({ remark: 'a\nb' })],
    ['Chinese in what is read', recordOf({ voucherNo: '凭证一' })],
    ['a unit', recordOf({ payee: { kind: 'unit', name: 'U', code: null, account: null } })],
    ['an amount that fills 64 bits', recordOf({ amountFen: fen(2n ** 63n - 1n) })],
    ['another shape', recordOf({}, { schema: 2 })],
    ['another event', recordOf({}, { type: 'PaymentReturned' })],
    ['a field more', recordOf({ later: day('2018-06-01') } as Partial<PaymentRow>)],
    ['text behind it', Buffer.concat([recordOf(), Buffer.from(' ')])],
  ])('is none for %s: that is parsed', (_, record) => {
    expect(cutPayment(record)).toBeNull();
  });
});
