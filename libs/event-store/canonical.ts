import type { Envelope } from './envelope.js';

/** The value has no exact RFC 8785 form and cannot stand in a record; the message says where. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

/** Nesting of `data`; records are flat in practice, and a cycle must end in an error. */
export const CANONICAL_DEPTH_MAX = 64;

/**
 * The record of an envelope: its RFC 8785 (JCS) canonical JSON. The proof hashes the UTF-8 bytes of
 * this text, so equal envelopes give equal bytes on every machine and in every version.
 *
 * Money and everything else that is not a safe integer stands in a record as a string: RFC 8785
 * writes numbers as IEEE doubles, which cannot carry every fen.
 *
 * @throws NotCanonical for a missing or additional member, `undefined`, a float, an integer beyond
 * 2^53-1, a bigint, a function, a symbol, an object that is not plain, a lone surrogate, a cycle.
 */
export function canonicalRecord(envelope: Envelope): string {
  const { data, ...head } = envelope;
  return canonicalRecordOf(head, value(data, 'data', 1, STRICT));
}

/** An envelope whose `data` is written already. */
export type EnvelopeHead = Omit<Envelope, 'data'>;

/**
 * `canonicalRecord` of an envelope whose data is canonical text, as `canonicalJson` or `canonicalWire` wrote it.
 *
 * @throws NotCanonical as `canonicalRecord`, but for what `data` holds
 */
export function canonicalRecordOf(head: EnvelopeHead, data: string): string {
  const e = head;
  if (Object.keys(e).length !== HEAD_MEMBERS) {
    throw new NotCanonical(`the envelope of ${e.eventId} has not the fourteen members`);
  }
  // In the order of RFC 8785, so that the fourteen members need no sorting. Joined, not added up: thousands of records
  // of a part kept as ropes of small pieces cost the collector more than writing them.
  return [
    `{"actor":${quoted(e.actor, 'actor')},"cause":${quoted(e.cause, 'cause')},"data":`,
    data,
    `,"eventId":${quoted(e.eventId, 'eventId')},"index":${integer(e.index, 'index')}`,
    `,"key":${quoted(e.key, 'key')},"occurredOn":`,
    e.occurredOn === null ? 'null' : quoted(e.occurredOn, 'occurredOn'),
    `,"recordedAt":${quoted(e.recordedAt, 'recordedAt')},"region":${quoted(e.region, 'region')}`,
    `,"schema":${integer(e.schema, 'schema')},"stream":${quoted(e.stream, 'stream')}`,
    `,"type":${quoted(e.type, 'type')},"unit":${quoted(e.unit, 'unit')}`,
    `,"version":${integer(e.version, 'version')}}`,
  ].join('');
}

/**
 * RFC 8785 canonical JSON of a value made of strings, safe integers, booleans, null, arrays and
 * plain objects: members sorted by UTF-16 code units, no white space.
 *
 * @throws NotCanonical as `canonicalRecord`.
 */
export function canonicalJson(input: unknown): string {
  return value(input, '$', 0, STRICT);
}

/**
 * `canonicalJson` of the wire form of a value, without a copy of it in between: a bigint is its decimal text, a member
 * that is undefined is left out.
 *
 * @throws NotCanonical as `canonicalRecord`
 */
export function canonicalWire(input: unknown): string {
  return value(input, '$', 0, WIRE);
}

const HEAD_MEMBERS = 13;

/** Whether a bigint is written as text and an undefined member left out, or both are refused. */
type Form = 'strict' | 'wire';
const STRICT: Form = 'strict';
const WIRE: Form = 'wire';

function value(input: unknown, place: string, depth: number, form: Form): string {
  switch (typeof input) {
    case 'string':
      return quoted(input, place);
    case 'number':
      return integer(input, place);
    case 'boolean':
      return input ? 'true' : 'false';
    case 'object':
      if (input === null) return 'null';
      if (depth >= CANONICAL_DEPTH_MAX) throw new NotCanonical(`${place} is nested too deep`);
      if (Array.isArray(input)) return array(input, place, depth, form);
      return object(input, place, depth, form);
    case 'bigint':
      if (form === WIRE) return `"${input}"`;
      throw new NotCanonical(`${place} is bigint`);
    case 'undefined':
    case 'symbol':
    case 'function':
      throw new NotCanonical(`${place} is ${typeof input}`);
  }
}

function array(items: readonly unknown[], place: string, depth: number, form: Form): string {
  let text = '';
  for (let i = 0; i < items.length; i += 1) {
    text += (i === 0 ? '' : ',') + value(items[i], `${place}[]`, depth + 1, form);
  }
  return `[${text}]`;
}

function object(input: object, place: string, depth: number, form: Form): string {
  const prototype: unknown = Object.getPrototypeOf(input);
  // A Date, a Map or a class instance would lose what makes it one.
  if (prototype !== Object.prototype && prototype !== null && !isForeignPlain(prototype)) {
    throw new NotCanonical(`${place} is not a plain object`);
  }
  const members = input as Readonly<Record<string, unknown>>;
  const { sorted, labels } = shapeOf(Object.keys(members), place);
  let text = '{';
  for (let i = 0; i < sorted.length; i += 1) {
    const key = sorted[i] as string;
    const member = members[key];
    if (member === undefined && form === WIRE) continue;
    text += (text.length === 1 ? '' : ',') + labels[i] + value(member, key, depth + 1, form);
  }
  return `${text}}`;
}

/** Members of an object in the order of RFC 8785, each with its name as it is written. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly labels: readonly string[];
}

// A record is made of a handful of shapes, each of which would be sorted and quoted a hundred thousand times a file.
const SHAPES_MAX = 256;
const shapes = new Map<number, Shape[]>();
let shapeCount = 0;

function shapeOf(keys: readonly string[], place: string): Shape {
  const alike = shapes.get(keys.length) ?? [];
  for (const shape of alike) if (shape.keys.every((key, i) => key === keys[i])) return shape;
  // The default order of sort() is the order of RFC 8785: UTF-16 code units.
  const sorted = [...keys].sort();
  const shape = { keys, sorted, labels: sorted.map((key) => `${quoted(key, place)}:`) };
  if (shapeCount < SHAPES_MAX) {
    shapeCount += 1;
    shapes.set(keys.length, [...alike, shape]);
  }
  return shape;
}

/** Object.prototype of another realm (a vm context, a worker): it has no prototype of its own. */
function isForeignPlain(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(Object(prototype), 'toString');
}

function integer(input: unknown, place: string): string {
  if (!Number.isSafeInteger(input)) throw new NotCanonical(`${place} is not a safe integer`);
  // "-0" has no place in a record; ECMAScript writes it as 0.
  return String(input);
}

// Nothing to escape and no surrogate: quoting is enough. JSON.stringify costs three times as much.
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

function quoted(text: unknown, place: string): string {
  if (typeof text !== 'string') throw new NotCanonical(`${place} is not a string`);
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw new NotCanonical(`${place} has a lone surrogate`);
  return JSON.stringify(text);
}
