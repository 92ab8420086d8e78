import { Malformed } from './malformed.js';
import { SIZE_MAX } from './tree-nodes.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const HEX = /^(?:[0-9a-f]{2})*$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** RFC 4648, section 4, with padding. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The one spelling of `toBase64`, and no other: every text has one reading. @throws Malformed */
export function fromBase64(text: string, what: string): Uint8Array {
  if (!BASE64.test(text)) throw new Malformed(`${what} is not base64`);
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (toBase64(bytes) !== text) throw new Malformed(`${what} is not base64 in its one spelling`);
  return bytes;
}

/** Lower case. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Lower case only. @throws Malformed */
export function fromHex(text: string, what: string): Uint8Array {
  if (!HEX.test(text)) throw new Malformed(`${what} is not hexadecimal in lower case`);
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** A size or index: ASCII decimal without leading zeroes, at most 2^53 − 1. @throws Malformed */
export function fromDecimal(text: string, what: string): number {
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!(value <= SIZE_MAX)) throw new Malformed(`${what} is not a whole number up to 2^53-1`);
  return value;
}

export function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** @throws Malformed for bytes that are no UTF-8 */
export function fromUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed(`${what} is not UTF-8`);
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
