import { concat, toUtf8 } from './encoding.js';
import { Malformed } from './malformed.js';
import type { ProofCrypto } from './proof-crypto.js';

/** Fields of personal data that stand in a record as a commitment. */
const OPENING_FIELDS = ['name', 'code', 'account'] as const;
const OPENING_BYTES = 32;
const BLOCK_BYTES = 64;
const BASE64URL = /^[A-Za-z0-9_-]{43}$/;
const SCHEME = 'hmac-sha256:';

/** A value in clear with the random bytes that open its commitment. */
export interface Opening {
  readonly field: (typeof OPENING_FIELDS)[number];
  readonly value: string;
  readonly opening: Uint8Array;
}

/** Reads one opening out of parsed JSON. @throws Malformed */
export function parseOpening(input: unknown): Opening {
  const { field, value, opening } = (input ?? {}) as Readonly<Record<string, unknown>>;
  const known = OPENING_FIELDS.find((name) => name === field);
  if (known === undefined || typeof value !== 'string' || typeof opening !== 'string') {
    throw new Malformed('an opening is a field, a value and an opening');
  }
  if (!BASE64URL.test(opening)) throw new Malformed('an opening has 32 bytes in base64url');
  const base64 = opening.replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(`${base64}=`), (character) => character.charCodeAt(0));
  return { field: known, value, opening: bytes };
}

/**
 * What the record must have at `data.payee.<field>.commitment`: HMAC-SHA256(opening, field ‖ 0x00 ‖
 * canonical value) in base64url. The canonical value is NFC, trimmed; of a code in upper case, of
 * an account without white space.
 */
export function commitmentOf(
  { field, value, opening }: Opening,
  crypto: Pick<ProofCrypto, 'sha256'>,
): string {
  const message = toUtf8(`${field}\0${canonical(field, value)}`);
  const mac = hmacSha256(opening, message, crypto);
  const base64 = btoa(String.fromCharCode(...mac));
  return SCHEME + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Whether the record (its stored text) committed to this value. @throws Malformed for no record */
export function opensRecord(
  record: string,
  opening: Opening,
  crypto: Pick<ProofCrypto, 'sha256'>,
): boolean {
  if (opening.opening.length !== OPENING_BYTES) return false;
  return commitmentIn(record, opening.field) === commitmentOf(opening, crypto);
}

function commitmentIn(record: string, field: string): unknown {
  const members = parsed(record) as {
    readonly data?: { readonly payee?: Readonly<Record<string, unknown>> };
  } | null;
  const committed = members?.data?.payee?.[field] as { readonly commitment?: unknown } | undefined;
  return committed?.commitment;
}

/** @throws Malformed */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new Malformed('it is not JSON');
  }
}

function canonical(field: Opening['field'], value: string): string {
  const text = value.normalize('NFC').trim();
  switch (field) {
    case 'name':
      return text;
    case 'code':
      return text.toUpperCase();
    case 'account':
      return text.replace(/\s+/g, '');
  }
}

// RFC 2104, for keys no longer than a block: openings have 32 bytes.
function hmacSha256(
  key: Uint8Array,
  message: Uint8Array,
  { sha256 }: Pick<ProofCrypto, 'sha256'>,
): Uint8Array {
  const pad = (byte: number): Uint8Array =>
    Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ byte);
  return sha256(concat(pad(0x5c), sha256(concat(pad(0x36), message))));
}
