import type { Day } from '@fundflow/domain/calendar';
import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import type { PaymentMade } from '@fundflow/domain/holding/events';
import { fen } from '@fundflow/domain/money';
import type { RegionCode } from '@fundflow/domain/region';
import type { Payee, PaymentRow } from '@fundflow/domain/rows';
import type { Envelope } from '@fundflow/event-store/envelope';

/** What the read model takes out of an envelope. */
export type FoldedEnvelope = Pick<Envelope, 'eventId' | 'recordedAt' | 'actor'>;

type PayeeToFold = { readonly kind: 'person' } | Pick<Payee & { kind: 'unit' }, 'kind' | 'name'>;

/** What the read model takes out of a payment: a part of `PaymentMade`. */
export interface PaymentToFold extends Pick<PaymentMade, 'type' | 'occurredOn'> {
  readonly data: Omit<PaymentMade['data'], 'row'> & {
    readonly row: Pick<
      PaymentRow,
      'id' | 'sourceId' | 'amountFen' | 'payeeRegion' | 'voucherNo'
    > & { readonly payee: PayeeToFold };
  };
}

/** A payment to a person, cut out of its record. */
export interface CutPayment {
  readonly envelope: FoldedEnvelope;
  readonly event: PaymentToFold;
}

/** Printable ASCII without an escape: the same characters whichever encoding they are read in. */
const WORD = '"([ !#-\\[\\]-~]*)"';
const OR_NULL = (text: string): string => `(?:null|${text})`;
/** Any text without an escape, which is not read. A byte of another character is neither a quote nor a backslash. */
const TEXT = '"[^"\\\\]*"';
const COMMITMENT = OR_NULL(`\\{"commitment":${TEXT}\\}`);

/** Members in the order of canonical JSON. Groups are what is read, in the order of `cutPayment`. */
const PAYMENT = new RegExp(
  [
    `^\\{"actor":${WORD},"cause":${TEXT},"data":\\{"holdingKind":"(allocation|disbursement)"`,
    `"holdingRegion":${WORD},"projectId":${OR_NULL(WORD)}`,
    `"row":\\{"alreadyHappened":(?:true|false),"amountFen":"(-?\\d{1,18})","amountText":${TEXT}`,
    `"economicCode":${OR_NULL(TEXT)},"id":${WORD},"kind":"payments","method":${TEXT}`,
    `"paidOn":${TEXT},"payee":\\{"account":${COMMITMENT},"code":${COMMITMENT},"kind":"person"`,
    `"name":${COMMITMENT}\\},"payeeRegion":${OR_NULL(WORD)},"projectId":${OR_NULL(TEXT)}`,
    `"purpose":${OR_NULL(TEXT)},"reason":${OR_NULL(TEXT)},"remark":${OR_NULL(TEXT)}`,
    `"sourceId":${WORD},"voucherNo":${WORD}\\}\\},"eventId":${WORD},"index":\\d+,"key":${TEXT}`,
    `"occurredOn":${WORD},"recordedAt":${WORD},"region":${TEXT},"schema":1,"stream":${TEXT}`,
    `"type":"PaymentMade","unit":${TEXT},"version":\\d+\\}$`,
  ].join(','),
);

/**
 * One text for equal ones. A part of a text keeps the whole of it in memory, here a record, and is hashed anew in each table
 * it is looked up in.
 */
class EqualTexts {
  readonly #known = new Map<string, string>();

  constructor(private readonly max: number) {}

  same(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= this.max) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}

/** Of some decades; of neighbours. */
const [dates, moments, sources] = [new EqualTexts(20_000), new EqualTexts(1), new EqualTexts(1)];

/** An older shape would have to be lifted first. */
const IS_TODAYS_SHAPE = SCHEMA_VERSIONS.PaymentMade === 1;

/**
 * Cuts out of a record of a payment what is folded of it: nine records in ten are payments to persons, and of their thirty
 * fields a dozen is read. A third of the cost of parsing it.
 *
 * @param record canonical JSON, UTF-8
 * @returns null for a record of any other form (another event, a unit, an escape, more than ASCII in what is read): that
 * has to be parsed. What is returned is what parsing gives.
 */
export function cutPayment(record: Buffer): CutPayment | null {
  if (!IS_TODAYS_SHAPE) return null;
  // Byte by byte, whatever it is: making characters of everything costs as much as finding what is read.
  const found = PAYMENT.exec(record.toString('latin1'));
  if (!found) return null;
  const [, actor, holdingKind, holdingRegion, projectId, amount, id, payeeRegion] = found;
  const [, , , , , , , , sourceId, voucherNo, eventId, occurredOn, recordedAt] = found;
  return {
    envelope: { eventId, recordedAt: moments.same(recordedAt as string), actor } as FoldedEnvelope,
    event: {
      type: 'PaymentMade',
      occurredOn: dates.same(occurredOn as string) as Day,
      data: {
        row: {
          id,
          sourceId: sources.same(sourceId as string),
          amountFen: fen(BigInt(amount as string)),
          payee: PERSON,
          payeeRegion: (payeeRegion ?? null) as RegionCode | null,
          voucherNo,
        },
        holdingRegion,
        holdingKind,
        projectId: projectId ?? null,
      } as PaymentToFold['data'],
    },
  };
}

const PERSON = { kind: 'person' } as const;
