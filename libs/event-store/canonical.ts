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
  return record(head, data, STRICT);
}

/** An envelope without its `data`. */
export type EnvelopeHead = Omit<Envelope, 'data'>;

/**
 * `canonicalRecord` of an envelope whose data is written as `canonicalWire` writes it.
 *
 * @throws NotCanonical as `canonicalRecord`
 */
export function canonicalRecordOf(head: EnvelopeHead, data: unknown): string {
  return record(head, data, WIRE);
}

/**
 * RFC 8785 canonical JSON of a value made of strings, safe integers, booleans, null, arrays and
 * plain objects: members sorted by UTF-16 code units, no white space.
 *
 * @throws NotCanonical as `canonicalRecord`.
 */
export function canonicalJson(input: unknown): string {
  begin();
  value(input, '$', 0, STRICT);
  return written();
}

/**
 * `canonicalJson` of the wire form of a value, without a copy of it in between: a bigint is its decimal text, a member
 * that is undefined is left out.
 *
 * @throws NotCanonical as `canonicalRecord`
 */
export function canonicalWire(input: unknown): string {
  begin();
  value(input, '$', 0, WIRE);
  return written();
}

// Nothing to escape and no surrogate: quoting is enough. JSON.stringify costs three times as much.
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a bigint is written as text and an undefined member left out, or both are refused. */
type Form = 'strict' | 'wire';
const STRICT: Form = 'strict';
const WIRE: Form = 'wire';

// What is under way is a list of pieces, joined at the end: added up, a record would be a hundred texts that each hold two
// others, for the collector to look after. Nothing waits between beginning and end, so that one list will do.
let pieces: string[] = [];
let count = 0;
/** Whether the last piece is a text whose closing quote is not written yet. */
let isOpen = false;
/** The list of a larger text is given up. */
const PIECES_KEPT_MAX = 1024;

function begin(): void {
  count = 0;
  isOpen = false;
}

/** @param bare written as it is, where no text is open */
function put(bare: string): void {
  if (isOpen) pieces[count++] = '"';
  pieces[count++] = bare;
  isOpen = false;
}

function written(): string {
  if (isOpen) pieces[count++] = '"';
  for (let i = count; i < pieces.length; i += 1) pieces[i] = '';
  const text = pieces.join('');
  if (count > PIECES_KEPT_MAX) pieces = [];
  return text;
}

/** The ways a member may begin: its comma (or brace) and name, the quote of the text before and the one of its own. */
interface Label {
  readonly bare: string;
  readonly text: string;
  readonly bareAfterText: string;
  readonly textAfterText: string;
}

function labelOf(key: string, before: '{' | ','): Label {
  const bare = `${before}${quoted(key, key)}:`;
  return { bare, text: `${bare}"`, bareAfterText: `"${bare}`, textAfterText: `"${bare}"` };
}

function member(label: Label, input: unknown, key: string, depth: number, form: Form): void {
  if (typeof input === 'string' && !NEEDS_CARE.test(input)) return putText(label, input);
  if (typeof input === 'bigint' && form === WIRE) return putText(label, input.toString());
  pieces[count++] = isOpen ? label.bareAfterText : label.bare;
  isOpen = false;
  if (input === null) pieces[count++] = 'null';
  else value(input, key, depth, form);
}

function putText(label: Label, text: string): void {
  pieces[count++] = isOpen ? label.textAfterText : label.text;
  pieces[count++] = text;
  isOpen = true;
}

const HEAD_KEYS = [
  ...(['actor', 'cause', 'eventId', 'index', 'key', 'occurredOn', 'recordedAt', 'region'] as const),
  ...(['schema', 'stream', 'type', 'unit', 'version'] as const),
];
const IN_HEAD = Object.fromEntries(HEAD_KEYS.map((key) => [key, labelOf(key, ',')])) as Readonly<
  Record<keyof EnvelopeHead, Label>
>;
const ACTOR = labelOf('actor', '{');
const DATA = labelOf('data', ',');

/** In the order of RFC 8785, so that the fourteen members need no sorting. */
function record(e: EnvelopeHead, data: unknown, form: Form): string {
  let members = 0;
  for (const _key in e) members += 1;
  if (members !== HEAD_KEYS.length) {
    throw new NotCanonical(`the envelope of ${e.eventId} has not the fourteen members`);
  }
  begin();
  textMember(ACTOR, e.actor, 'actor');
  textMember(IN_HEAD.cause, e.cause, 'cause');
  member(DATA, data, 'data', 1, form);
  textMember(IN_HEAD.eventId, e.eventId, 'eventId');
  numberMember(IN_HEAD.index, e.index, 'index');
  textMember(IN_HEAD.key, e.key, 'key');
  if (e.occurredOn === null) member(IN_HEAD.occurredOn, null, 'occurredOn', 1, form);
  else textMember(IN_HEAD.occurredOn, e.occurredOn, 'occurredOn');
  textMember(IN_HEAD.recordedAt, e.recordedAt, 'recordedAt');
  textMember(IN_HEAD.region, e.region, 'region');
  numberMember(IN_HEAD.schema, e.schema, 'schema');
  textMember(IN_HEAD.stream, e.stream, 'stream');
  textMember(IN_HEAD.type, e.type, 'type');
  textMember(IN_HEAD.unit, e.unit, 'unit');
  numberMember(IN_HEAD.version, e.version, 'version');
  put('}');
  return written();
}

function textMember(label: Label, input: unknown, key: string): void {
  if (typeof input !== 'string') throw new NotCanonical(`${key} is not a string`);
  member(label, input, key, 1, STRICT);
}

function numberMember(label: Label, input: unknown, key: string): void {
  if (typeof input !== 'number') throw new NotCanonical(`${key} is not a safe integer`);
  member(label, input, key, 1, STRICT);
}

function value(input: unknown, place: string, depth: number, form: Form): void {
  switch (typeof input) {
    case 'string':
      return put(quoted(input, place));
    case 'number':
      return put(integer(input, place));
    case 'boolean':
      return put(input ? 'true' : 'false');
    case 'object':
      if (input === null) return put('null');
      if (depth >= CANONICAL_DEPTH_MAX) throw new NotCanonical(`${place} is nested too deep`);
      if (Array.isArray(input)) return array(input, place, depth, form);
      return object(input, place, depth, form);
    case 'bigint':
      if (form === WIRE) return put(`"${input}"`);
      throw new NotCanonical(`${place} is bigint`);
    case 'undefined':
    case 'symbol':
    case 'function':
      throw new NotCanonical(`${place} is ${typeof input}`);
  }
}

function array(items: readonly unknown[], place: string, depth: number, form: Form): void {
  put('[');
  for (let i = 0; i < items.length; i += 1) {
    if (i > 0) put(',');
    value(items[i], `${place}[]`, depth + 1, form);
  }
  put(']');
}

function object(input: object, place: string, depth: number, form: Form): void {
  const prototype: unknown = Object.getPrototypeOf(input);
  // A Date, a Map or a class instance would lose what makes it one.
  if (prototype !== Object.prototype && prototype !== null && !isForeignPlain(prototype)) {
    throw new NotCanonical(`${place} is not a plain object`);
  }
  const members = input as Readonly<Record<string, unknown>>;
  const { sorted, first, further } = shapeOf(Object.keys(members));
  let isEmpty = true;
  for (let i = 0; i < sorted.length; i += 1) {
    const key = sorted[i] as string;
    const each = members[key];
    if (each === undefined && form === WIRE) continue;
    member((isEmpty ? first : further)[i] as Label, each, key, depth + 1, form);
    isEmpty = false;
  }
  put(isEmpty ? '{}' : '}');
}

/** Members of an object in the order of RFC 8785, each with its name as it is written. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  /** Each as the first member that is written, and as a further one. */
  readonly first: readonly Label[];
  readonly further: readonly Label[];
}

// A record is made of a handful of shapes, each of which would be sorted and quoted a hundred thousand times a file.
const SHAPES_MAX = 256;
const shapes = new Map<number, Shape[]>();
let shapeCount = 0;

function shapeOf(keys: readonly string[]): Shape {
  const alike = shapes.get(keys.length) ?? NO_SHAPES;
  for (let i = 0; i < alike.length; i += 1) {
    const shape = alike[i] as Shape;
    if (isSame(shape.keys, keys)) return shape;
  }
  // The default order of sort() is the order of RFC 8785: UTF-16 code units.
  const sorted = [...keys].sort();
  const first = sorted.map((key) => labelOf(key, '{'));
  const further = sorted.map((key) => labelOf(key, ','));
  const shape = { keys, sorted, first, further };
  if (shapeCount < SHAPES_MAX) {
    shapeCount += 1;
    shapes.set(keys.length, [...alike, shape]);
  }
  return shape;
}

const NO_SHAPES: readonly Shape[] = [];

function isSame(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
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

function quoted(text: unknown, place: string): string {
  if (typeof text !== 'string') throw new NotCanonical(`${place} is not a string`);
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw new NotCanonical(`${place} has a lone surrogate`);
  return JSON.stringify(text);
}
