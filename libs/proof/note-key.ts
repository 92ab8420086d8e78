import { concat, fromBase64, fromHex, toBase64, toHex, toUtf8 } from './encoding.js';
import { Malformed } from './malformed.js';
import { isKeyName } from './note.js';
import type { ProofCrypto } from './proof-crypto.js';

/** Ed25519 over the text of the note (C2SP signed-note): how a log signs. */
export const ED25519 = 0x01;
/** Ed25519 with a time (C2SP tlog-cosignature): how a witness signs. */
export const ED25519_COSIGNATURE = 0x04;
/** Post-quantum, with a time, for logs and witnesses: known by name, not checked here yet. */
export const ML_DSA_44_COSIGNATURE = 0x06;

const KEY_BYTES = new Map([
  [ED25519, 32],
  [ED25519_COSIGNATURE, 32],
  [ML_DSA_44_COSIGNATURE, 1312],
]);

/** A public key by which signatures of notes are checked. Name and id together tell it apart. */
export interface NoteKey {
  readonly name: string;
  readonly keyId: number;
  /** `ED25519`, `ED25519_COSIGNATURE` or a type that is not checked here. */
  readonly type: number;
  readonly publicKey: Uint8Array;
}

/** A key with the id that the specification gives it: SHA-256(name ‖ \n ‖ type ‖ key)[:4]. */
export function noteKey(
  { name, type, publicKey }: Omit<NoteKey, 'keyId'>,
  crypto: Pick<ProofCrypto, 'sha256'>,
): NoteKey {
  if (!isKeyName(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a key`);
  const input = concat(toUtf8(`${name}\n`), Uint8Array.of(type), publicKey);
  const [a, b, c, d] = crypto.sha256(input);
  const keyId = ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
  return { name, keyId, type, publicKey };
}

/** `<name>+<key id in hex>+<base64 of type and key>`. */
export function formatVerifierKey(key: NoteKey): string {
  return `${key.name}+${hexId(key)}+${toBase64(concat(Uint8Array.of(key.type), key.publicKey))}`;
}

/** The key id as it stands in keys and messages: eight hexadecimal digits. */
export function hexId({ keyId }: Pick<NoteKey, 'keyId'>): string {
  return keyId.toString(16).padStart(8, '0');
}

/**
 * What `formatVerifierKey` writes; the id must be the one of name and key.
 *
 * A key of a type that is not checked here is taken, so that policies may name it already: its
 * signatures count for nothing.
 *
 * @throws Malformed
 */
export function parseVerifierKey(text: string, crypto: Pick<ProofCrypto, 'sha256'>): NoteKey {
  const [name, id, ...rest] = text.split('+');
  if (name === undefined || !isKeyName(name)) throw new Malformed('the key has no name');
  if (id?.length !== 8) throw new Malformed(`the key of ${name} has no id of eight digits`);
  fromHex(id, `the key id of ${name}`);
  // Base64 has plus signs of its own.
  const bytes = fromBase64(rest.join('+'), `the key of ${name}`);
  const type = bytes[0];
  if (type === undefined) throw new Malformed(`the key of ${name} is empty`);
  const publicKey = bytes.slice(1);
  const length = KEY_BYTES.get(type);
  if (length === undefined ? publicKey.length === 0 : publicKey.length !== length) {
    throw new Malformed(`the key of ${name} is not as long as its type asks`);
  }
  const key = noteKey({ name, type, publicKey }, crypto);
  if (hexId(key) !== id) throw new Malformed(`the key of ${name} does not have the id ${id}`);
  return key;
}

/** Whether two keys are the same key under whatever name: C2SP tlog-policy forbids duplicates. */
export function samePublicKey(a: NoteKey, b: NoteKey): boolean {
  return toHex(a.publicKey) === toHex(b.publicKey);
}
