import type { LedgerEvent, LedgerEventType } from './events.js';
import { type Fen, fen, parseFenText } from './money.js';
import type { Row } from './rows.js';

/** The shape of `data` per type today. Older shapes are lifted by UPCASTERS when read; records are never rewritten. */
export const SCHEMA_VERSIONS: Readonly<Record<LedgerEventType, number>> = {
  AllocationIssued: 1,
  AllocationReceived: 1,
  SupplementIssued: 1,
  SupplementDrawn: 1,
  SupplementReceived: 1,
  CashDisbursed: 1,
  CashCredited: 1,
  PaymentMade: 1,
  PaymentReturned: 2,
  CashReturned: 1,
  CashReturnReceived: 1,
  AuthorityRecalled: 1,
  RecallReceived: 1,
  MovementReversed: 2,
  DrawRestored: 1,
  ProjectRegistered: 1,
  ProjectEnteredLibrary: 1,
  ProjectApproved: 1,
  ProjectAccepted: 1,
  ProjectClosed: 1,
  NoticePosted: 1,
  NoticeRemoved: 1,
  SubmissionCertified: 1,
  SubmissionPartPosted: 1,
  RuleLimitSet: 1,
  AttachmentAdded: 1,
  PersonalDataRead: 1,
  PersonalDataUnmasked: 1,
  PersonalDataSearched: 1,
  DataExported: 1,
  AccessDenied: 1,
  AccountChanged: 1,
  SignInRecorded: 1,
  SettingProposed: 1,
  SettingChanged: 1,
  PersonalSettingProposed: 1,
  PersonalSettingApproved: 1,
  SubmissionCheckedFirst: 1,
  GrantProposed: 2,
  GrantApproved: 2,
  GrantRevoked: 2,
  ErasureProposed: 1,
  SubjectErased: 1,
  LegalHoldSet: 1,
  LegalHoldLifted: 1,
  ProcessingRestricted: 1,
  RestrictionLifted: 1,
};

type WireData = Readonly<Record<string, unknown>>;

/** Lifts `data` from schema version n to n + 1. */
export type Upcaster = (data: WireData) => WireData;

/** `upcasters[type][n]` lifts version n to n + 1. */
export type Upcasters = Readonly<
  Partial<Record<LedgerEventType, Readonly<Record<number, Upcaster>>>>
>;

/** Schema 1 did not say where the payee is; the payment itself does. */
const withoutPayeeRegion: Upcaster = (data) => ({ ...data, payeeRegion: null });

/** Under schema 1 no token was granted: one administrator issued it. */
const withoutTokenDays: Upcaster = (data) => ({ ...data, tokenDays: null });

const UPCASTERS: Upcasters = {
  PaymentReturned: { 1: withoutPayeeRegion },
  MovementReversed: { 1: withoutPayeeRegion },
  GrantProposed: { 1: withoutTokenDays },
  GrantApproved: { 1: withoutTokenDays },
  GrantRevoked: { 1: withoutTokenDays },
};

/** An envelope's fields that the codec needs; the event-store library owns the whole. */
export interface WireEvent {
  readonly type: string;
  readonly schema: number;
  readonly stream: string;
  readonly key: string;
  readonly index: number;
  readonly occurredOn: string | null;
  readonly region: string;
  readonly data: WireData;
}

/** bigint fen become decimal strings; nothing else in an event needs a wire form. */
export function toWire(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toWire);
  if (value !== null && typeof value === 'object') {
    const out: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) out[key] = toWire(member);
    }
    return out;
  }
  return value;
}

const LAST_OF_FEN = 'n'.charCodeAt(0);

/** Dozens of keys a record are asked, and hardly any ends like it. */
const isAmount = (key: string): boolean =>
  key.charCodeAt(key.length - 1) === LAST_OF_FEN && key.endsWith('Fen');

/** Fields named `…Fen` are fen, at any depth. */
function fromWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromWire);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as WireData)[key];
    if (isAmount(key) && member !== null) out[key] = fenOf(key, member);
    else out[key] = typeof member === 'object' ? fromWire(member) : member;
  }
  return out;
}

/** `fromWire` in the very objects that were parsed: half the work where nobody else has them. */
function amountsInPlace(value: unknown): void {
  if (value === null || typeof value !== 'object') return;
  const members = value as Record<string, unknown>;
  for (const key of Object.keys(members)) {
    const member = members[key];
    if (isAmount(key) && member !== null) members[key] = fenOf(key, member);
    else if (typeof member === 'object') amountsInPlace(member);
  }
}

function fenOf(key: string, member: unknown): Fen {
  const amount = typeof member === 'string' ? parseFenText(member) : null;
  if (amount === null) throw new Error(`${key} is no fen amount: ${String(member)}`);
  return fen(amount);
}

/**
 * A reader of events that lifts older shapes, one version at a time.
 *
 * The reader throws an Error naming the type when the type or a newer schema is unknown, when a version has no upcaster,
 * or when an amount is none: whoever reads stops there, it never skips.
 */
export function decoderOf(
  versions: Readonly<Partial<Record<string, number>>>,
  upcasters: Upcasters,
  readData: (data: WireData) => unknown = fromWire,
): (wire: WireEvent) => LedgerEvent {
  return (wire) => {
    const current = Object.hasOwn(versions, wire.type) ? versions[wire.type] : undefined;
    if (current === undefined) throw new Error(`unknown event type ${wire.type}`);
    if (wire.schema > current || wire.schema < 1) {
      throw new Error(`${wire.type} has schema ${wire.schema}, this program knows 1 to ${current}`);
    }
    let data = wire.data;
    for (let version = wire.schema; version < current; version += 1) {
      const lift = upcasters[wire.type as LedgerEventType]?.[version];
      if (!lift) throw new Error(`${wire.type} schema ${version} has no upcaster`);
      data = lift(data);
    }
    return {
      type: wire.type,
      streamId: wire.stream,
      key: wire.key,
      index: wire.index,
      occurredOn: wire.occurredOn,
      region: wire.region,
      data: readData(data),
    } as unknown as LedgerEvent;
  };
}

/** Reads an event back as today's program knows it. @throws as `decoderOf`. */
export const decodeEvent = decoderOf(SCHEMA_VERSIONS, UPCASTERS);

/**
 * `decodeEvent` for a caller that has just parsed the record and keeps nothing of it: `data` of the wire becomes that of
 * the event.
 */
export const decodeParsed = decoderOf(SCHEMA_VERSIONS, UPCASTERS, (data) => {
  amountsInPlace(data);
  return data;
});

export function encodeData(event: LedgerEvent): WireData {
  return toWire(event.data) as WireData;
}

/** A row out of its wire form (`toWire`): staged between validation and certification. */
export const rowFromWire = (wire: unknown): Row => fromWire(wire) as Row;
