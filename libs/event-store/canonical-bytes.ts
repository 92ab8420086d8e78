import { canonicalWire } from './canonical.js';

/*
 * Canonical text as bytes, without a text in between: of a text in pieces every piece is an object, and of a row of
 * twenty members they were a third of what reading a file leaves to the collector.
 */

/** Members of an object in the order of RFC 8785; a label has its comma, or the brace, before it. */
interface Shape {
  readonly keys: readonly string[];
  readonly sorted: readonly string[];
  readonly labels: readonly Uint8Array[];
}

const SHAPES_MAX = 64;
const shapes: Shape[] = [];

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'utf8'));
const [NULL, TRUE, FALSE, EMPTY] = ['null', 'true', 'false', '{}'].map(bytesOf) as [
  ...[Uint8Array, Uint8Array, Uint8Array, Uint8Array],
];
const [QUOTE, BACKSLASH, CLOSING_BRACE] = [0x22, 0x5c, 0x7d];
/** A value that is left to `canonicalWire`, and everything around it. */
const UNUSUAL = -1;
const DEPTH_MAX = 8;

/**
 * The UTF-8 of `canonicalWire(input)` into `target`.
 *
 * @returns where it ends; beyond the end of `target` where it has no room, and then what was written is nothing
 * @throws NotCanonical as `canonicalWire`
 */
export function writeCanonicalWire(target: Uint8Array, at: number, input: object): number {
  const end = writeObject(target, at, input, 0);
  if (end !== UNUSUAL) return end;
  const bytes = Buffer.from(canonicalWire(input), 'utf8');
  if (at + bytes.length <= target.length) target.set(bytes, at);
  return at + bytes.length;
}

function writeObject(target: Uint8Array, start: number, input: object, depth: number): number {
  if (depth > DEPTH_MAX || Object.getPrototypeOf(input) !== Object.prototype) return UNUSUAL;
  const shape = shapeOf(input);
  if (!shape) return UNUSUAL;
  const { sorted, labels } = shape;
  if (sorted.length === 0) return writeBytes(target, start, EMPTY);
  let at = start;
  for (let i = 0; i < sorted.length; i += 1) {
    at = writeBytes(target, at, labels[i] as Uint8Array);
    at = writeValue(target, at, (input as Record<string, unknown>)[sorted[i] as string], depth);
    if (at === UNUSUAL) return UNUSUAL;
  }
  target[at] = CLOSING_BRACE;
  return at + 1;
}

function writeValue(target: Uint8Array, at: number, value: unknown, depth: number): number {
  switch (typeof value) {
    case 'string':
      return writeQuoted(target, at, value);
    case 'bigint':
      return writeQuoted(target, at, String(value));
    case 'boolean':
      return writeBytes(target, at, value ? TRUE : FALSE);
    case 'object':
      if (value === null) return writeBytes(target, at, NULL);
      return writeObject(target, at, value, depth + 1);
    default:
      return UNUSUAL;
  }
}

/** A text without anything to escape and without surrogates. */
function writeQuoted(target: Uint8Array, start: number, text: string): number {
  let at = start;
  target[at++] = QUOTE;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (unit < 0x20 || unit === QUOTE || unit === BACKSLASH) return UNUSUAL;
      target[at++] = unit;
    } else if (unit < 0x800) {
      target[at++] = 0xc0 | (unit >> 6);
      target[at++] = 0x80 | (unit & 0x3f);
    } else if (unit >= 0xd800 && unit <= 0xdfff) {
      return UNUSUAL;
    } else {
      target[at++] = 0xe0 | (unit >> 12);
      target[at++] = 0x80 | ((unit >> 6) & 0x3f);
      target[at++] = 0x80 | (unit & 0x3f);
    }
  }
  target[at] = QUOTE;
  return at + 1;
}

// A loop: for a few bytes a call of `set` costs more than they do.
function writeBytes(target: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i += 1) target[at + i] = bytes[i] as number;
  return at + bytes.length;
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Null when there are too many shapes to remember, or a name that cannot be written. */
function shapeOf(input: object): Shape | null {
  for (const shape of shapes) if (hasKeys(input, shape.keys)) return shape;
  if (shapes.length === SHAPES_MAX) return null;
  const keys = Object.keys(input);
  if (keys.some((key) => LONE_SURROGATE.test(key))) return null;
  // The default order of sort() is the order of RFC 8785: UTF-16 code units.
  const sorted = [...keys].sort();
  const labels = sorted.map((key, i) => bytesOf(`${i === 0 ? '{' : ','}${canonicalWire(key)}:`));
  const shape = { keys, sorted, labels };
  shapes.push(shape);
  return shape;
}

/** Without a list of them: `input` is a plain object. */
function hasKeys(input: object, keys: readonly string[]): boolean {
  let at = 0;
  for (const key in input) {
    if (key !== keys[at]) return false;
    at += 1;
  }
  return at === keys.length;
}
