import { recordKey } from '@fundflow/domain/books';
import type { Day } from '@fundflow/domain/calendar';
import type { RegionCode } from '@fundflow/domain/region';

/*
 * The record of a staged payment, but for what its certification says: who, when, for which unit. What `canonicalRecordOf`
 * writes is cut into the pieces between those, so that the database puts them together and looks into none of them. Texts are well-formed
 * (an event id is not made of others), and then written as RFC 8785 does by what writes JSON.
 */

const EVENT_ID = ',"eventId":"';
const RECORD_KEY = recordKey('');

/**
 * The record from its data to its day: between `"data":` and `","recordedAt":`.
 *
 * @param content canonical text of the data; or its end, for who puts the beginning before it
 */
export function recordPiece(
  content: string,
  { eventId, id, occurredOn }: { eventId: string; id: string; occurredOn: Day | '' },
): string {
  const key = JSON.stringify(recordKey(id));
  return `${content}${EVENT_ID}${eventId}","index":0,"key":${key},"occurredOn":"${occurredOn}`;
}

/** What such a piece says. */
export function readRecordPiece(piece: string): {
  readonly content: string;
  readonly eventId: string;
  readonly id: string;
  readonly occurredOn: Day;
} {
  // No text within the record holds this: its quotation marks are escaped there.
  const content = piece.slice(0, piece.lastIndexOf(EVENT_ID));
  const { eventId, key, occurredOn } = JSON.parse(`{"data":${piece}"}`) as {
    readonly eventId: string;
    readonly key: string;
    readonly occurredOn: Day;
  };
  return { content, eventId, id: key.slice(RECORD_KEY.length), occurredOn };
}

export interface HoldingOfRecord {
  readonly region: RegionCode;
  /** Of the event's data. */
  readonly schema: number;
  readonly streamId: string;
}

/** The record from its region to its stream: between `"region":"` and `,"type":`. The same for all payments of a holding. */
export const holdingPiece = ({ region, schema, streamId }: HoldingOfRecord): string =>
  `${region}","schema":${schema},"stream":${JSON.stringify(streamId)}`;

export function readHoldingPiece(piece: string): HoldingOfRecord {
  const { region, schema, stream } = JSON.parse(`{"region":"${piece}}`) as {
    readonly region: RegionCode;
    readonly schema: number;
    readonly stream: string;
  };
  return { region, schema, streamId: stream };
}
