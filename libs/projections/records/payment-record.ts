import { SCHEMA_VERSIONS } from '@fundflow/domain/event-codec';
import { type Form, Label, numberAt, OTHER, RecordScan } from './record-scan.js';

const [QUOTE, ZERO, DASH] = [0x22, 0x30, 0x2d];

/** A member that is read: its value in bytes of the record, without its quotes; `from` −1: null. */
export interface Span {
  from: number;
  to: number;
}

interface Member {
  /** Everything between the value before and this one. */
  readonly label: Label;
  readonly form: Form;
}

const member = (label: string, form: Form): Member => ({ label: new Label(label), form });

/** Members in the order of canonical JSON. */
const HEAD: readonly Member[] = [
  member('{"actor":', 'text'),
  member(',"cause":', 'text'),
  member(',"data":{"holdingKind":', 'text'),
  member(',"holdingRegion":', 'text'),
  member(',"projectId":', 'text or null'),
  member(',"row":{"alreadyHappened":', 'flag'),
  member(',"amountFen":', 'text'),
  member(',"amountText":', 'text'),
  member(',"economicCode":', 'text or null'),
  member(',"id":', 'text'),
  member(',"kind":"payments","method":', 'text'),
  member(',"paidOn":', 'text'),
];
const PERSON: readonly Member[] = [
  member(',"payee":{"account":', 'personal'),
  member(',"code":', 'personal'),
  member(',"kind":"person","name":', 'personal'),
];
const UNIT: readonly Member[] = [
  member(',"payee":{"account":', 'text or null'),
  member(',"code":', 'text or null'),
  member(',"kind":"unit","name":', 'text'),
];
const TAIL: readonly Member[] = [
  member('},"payeeRegion":', 'text or null'),
  member(',"projectId":', 'text or null'),
  member(',"purpose":', 'text or null'),
  member(',"reason":', 'text or null'),
  member(',"remark":', 'text or null'),
  member(',"sourceId":', 'text'),
  member(',"voucherNo":', 'text'),
  member('}},"eventId":', 'text'),
  member(',"index":', 'digits'),
  member(',"key":', 'text'),
  member(',"occurredOn":', 'text'),
  member(',"recordedAt":', 'text'),
  member(',"region":', 'text'),
  member(',"schema":1,"stream":', 'text'),
  member(',"type":"PaymentMade","unit":', 'text'),
  member(',"version":', 'digits'),
];
const END = new Label('}');
const ALLOCATION = new Label('allocation');
const DISBURSEMENT = new Label('disbursement');
/** Where the first of TAIL stands among the spans. */
const TAIL_AT = HEAD.length + PERSON.length;

/** An older shape would have to be lifted first. */
const IS_TODAYS_SHAPE = SCHEMA_VERSIONS.PaymentMade === 1;
/** So that it is a number without loss. */
const AMOUNT_DIGITS_MAX = 15;
const DATE_LENGTH = '2018-06-01'.length;
/** Of some decades. */
const DATES_KNOWN_MAX = 20_000;

/** By their digits: one text for equal ones is hashed once. */
const datesKnown = new Map<number, string>();

function newDate(number: number, date: string): string {
  if (datesKnown.size >= DATES_KNOWN_MAX) datesKnown.clear();
  datesKnown.set(number, date);
  return date;
}

const spanOf = (): Span => ({ from: OTHER, to: OTHER });

/**
 * A payment as far as read tables need it, where it stands in its record: nine records in ten are payments, and making texts
 * and objects of them costs several times what is done with them. One is read over and over: what it says is of the record
 * read last.
 */
export class PaymentRecord {
  position = 0n;
  /** In which the record lies: spans count from its beginning. */
  bytes: Buffer = Buffer.alloc(0);
  amountFen = 0n;
  occurredOn = '';
  recordedAt = '';
  isPerson = false;
  holdingKind: 'allocation' | 'disbursement' = 'allocation';
  /** What `countyKey` gives for the region of the holding, and for that of the payee if there is one. */
  readonly county = spanOf();
  readonly #spans = Array.from({ length: TAIL_AT + TAIL.length }, spanOf);
  readonly actor = this.#spans[0] as Span;
  readonly holdingRegion = this.#spans[3] as Span;
  readonly projectId = this.#spans[4] as Span;
  readonly id = this.#spans[9] as Span;
  /** Of a unit; of a person it is no name. */
  readonly payeeName = this.#spans[TAIL_AT - 1] as Span;
  readonly payeeRegion = this.#spans[TAIL_AT] as Span;
  readonly sourceId = this.#spans[TAIL_AT + 5] as Span;
  readonly voucherNo = this.#spans[TAIL_AT + 6] as Span;
  readonly eventId = this.#spans[TAIL_AT + 7] as Span;
  #moment: Uint8Array = new Uint8Array();
  #scan = new RecordScan(this.bytes.buffer);

  /**
   * Reads the record of a payment; what is read is what parsing gives.
   *
   * @param record canonical JSON, UTF-8
   * @returns false for one of any other form (another event, an escape, a payee in another county than the holding, an amount
   * of sixteen digits): that has to be parsed
   */
  read(position: bigint, record: Buffer): boolean {
    if (!IS_TODAYS_SHAPE) return false;
    this.position = position;
    const end = this.#begin(record);
    let at = this.#members(HEAD, record.byteOffset, 0);
    if (at === OTHER) return false;
    const behind = this.#members(PERSON, at, HEAD.length);
    this.isPerson = behind !== OTHER;
    at = this.isPerson ? behind : this.#members(UNIT, at, HEAD.length);
    if (at !== OTHER) at = this.#members(TAIL, at, TAIL_AT);
    if (at !== OTHER) at = this.#scan.behindLabel(at, END);
    return (
      at === end &&
      this.#readKind() &&
      this.#readCounty() &&
      this.#readAmount() &&
      this.#readDate() &&
      this.#readMoment()
    );
  }

  text({ from, to }: Span): string {
    return this.bytes.toString('utf8', from, to);
  }

  isSame(one: Span, other: Span): boolean {
    const length = one.to - one.from;
    if (other.to - other.from !== length) return false;
    for (let i = 0; i < length; i += 1) {
      if (this.bytes[one.from + i] !== this.bytes[other.from + i]) return false;
    }
    return true;
  }

  /** @returns where the record ends */
  #begin({ buffer, byteOffset, length }: Buffer): number {
    if (buffer !== this.bytes.buffer) {
      this.bytes = Buffer.from(buffer);
      this.#scan = new RecordScan(buffer);
    }
    this.#scan.end = byteOffset + length;
    return this.#scan.end;
  }

  /** @returns where it goes on behind these members; OTHER where they are not there */
  #members(members: readonly Member[], start: number, first: number): number {
    const scan = this.#scan;
    let at = start;
    for (let i = 0; i < members.length && at !== OTHER; i += 1) {
      const { label, form } = members[i] as Member;
      at = scan.behindLabel(at, label);
      if (at === OTHER) return OTHER;
      const span = this.#spans[first + i] as Span;
      const end = scan.behindValue(at, form);
      const isText = this.bytes[at] === QUOTE;
      span.from = isText ? at + 1 : OTHER;
      span.to = isText ? end - 1 : OTHER;
      at = end;
    }
    return at;
  }

  #readKind(): boolean {
    const span = this.#spans[2] as Span;
    const isAllocation = this.#scan.behindLabel(span.from, ALLOCATION) === span.to;
    this.holdingKind = isAllocation ? 'allocation' : 'disbursement';
    return isAllocation || this.#scan.behindLabel(span.from, DISBURSEMENT) === span.to;
  }

  /** Of counties, townships and villages; cities, provinces and the centre are left to parsing. */
  #readCounty(): boolean {
    const { bytes, holdingRegion, payeeRegion, county } = this;
    county.from = holdingRegion.from;
    county.to = countyEnd(bytes, holdingRegion);
    if (county.to === OTHER) return false;
    if (payeeRegion.from === OTHER) return true;
    return this.isSame(county, { from: payeeRegion.from, to: countyEnd(bytes, payeeRegion) });
  }

  #readAmount(): boolean {
    const { from, to } = this.#spans[6] as Span;
    const length = to - from;
    if (length < 1 || length > AMOUNT_DIGITS_MAX) return false;
    if (length > 1 && this.bytes[from] === ZERO) return false;
    const amount = numberAt(this.bytes, from, to);
    if (amount === OTHER) return false;
    this.amountFen = BigInt(amount);
    return true;
  }

  #readDate(): boolean {
    const span = this.#spans[TAIL_AT + 10] as Span;
    const { from, to } = span;
    const { bytes } = this;
    if (to - from !== DATE_LENGTH || bytes[from + 4] !== DASH || bytes[from + 7] !== DASH)
      return false;
    const year = numberAt(bytes, from, from + 4);
    const month = numberAt(bytes, from + 5, from + 7);
    const day = numberAt(bytes, from + 8, to);
    if (year === OTHER || month === OTHER || day === OTHER) return false;
    const number = (year * 100 + month) * 100 + day;
    this.occurredOn = datesKnown.get(number) ?? newDate(number, this.text(span));
    return true;
  }

  /** Neighbours in the log share it. */
  #readMoment(): boolean {
    const span = this.#spans[TAIL_AT + 11] as Span;
    const length = span.to - span.from;
    let same = 0;
    if (length === this.#moment.length) {
      while (same < length && this.bytes[span.from + same] === this.#moment[same]) same += 1;
    }
    if (length > 0 && same === length) return true;
    this.#moment = Uint8Array.from(this.bytes.subarray(span.from, span.to));
    this.recordedAt = this.text(span);
    return true;
  }
}

const COUNTY_DIGITS = 6;

/** Where the six digits of a county end; OTHER for a place that is in none. */
function countyEnd(bytes: Uint8Array, { from, to }: Span): number {
  const end = from + COUNTY_DIGITS;
  if (end > to || numberAt(bytes, from, end) === OTHER) return OTHER;
  return bytes[end - 1] === ZERO && bytes[end - 2] === ZERO ? OTHER : end;
}
