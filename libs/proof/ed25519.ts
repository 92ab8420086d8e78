import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { cosignedMessage, formatCosignature } from './cosignature.js';
import { concat, fromBase64, fromHex, toBase64 } from './encoding.js';
import { Malformed } from './malformed.js';
import { sha256 } from './node-hash.js';
import { isKeyName, signedBytes, type NoteSignature } from './note.js';
import { ED25519, ED25519_COSIGNATURE, hexId, noteKey, type NoteKey } from './note-key.js';
import type { ProofCrypto } from './proof-crypto.js';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
// RFC 8410: the frame of a private key of which only the 32 bytes at the end differ.
const PKCS8_FRAME = fromHex('302e020100300506032b657004220420', 'the frame of a key');

/** The cryptography of Node. */
export const nodeCrypto: ProofCrypto = { sha256, verifyEd25519 };

/** A key that signs notes. Whoever holds it can sign in its name: it is never logged or recorded. */
export interface SigningKey {
  /** The public half, for those who check. */
  readonly key: NoteKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/**
 * A new key of a log (`ED25519`) or a witness (`ED25519_COSIGNATURE`).
 *
 * @param name of a log: its origin; must be a key name (no spaces, no plus)
 * @returns the text to keep secret, see `parseSigningKey`
 */
export function generateSigningKey(
  name: string,
  type: typeof ED25519 | typeof ED25519_COSIGNATURE,
): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  const key = noteKey({ name, type, publicKey: publicBytes(privateKey) }, nodeCrypto);
  return `PRIVATE+KEY+${name}+${hexId(key)}+${toBase64(concat(Uint8Array.of(type), seed))}`;
}

/**
 * Reads `PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>`, as the Go note package writes it;
 * a newline at the end is left out.
 *
 * @throws Malformed; the message never shows the key
 */
export function parseSigningKey(text: string): SigningKey {
  const [first, second, name, id, ...rest] = text.replace(/\n$/, '').split('+');
  if (first !== 'PRIVATE' || second !== 'KEY' || name === undefined || !isKeyName(name)) {
    throw new Malformed('this is no private key of a note');
  }
  const bytes = fromBase64(rest.join('+'), 'the private key');
  const type = bytes[0];
  if (bytes.length !== 1 + KEY_BYTES || (type !== ED25519 && type !== ED25519_COSIGNATURE)) {
    throw new Malformed('the private key is not an Ed25519 key of a log or a witness');
  }
  const der = concat(PKCS8_FRAME, bytes.slice(1));
  const privateKey = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  const key = noteKey({ name, type, publicKey: publicBytes(privateKey) }, nodeCrypto);
  if (hexId(key) !== id) throw new Malformed('the private key does not have the id it names');
  return { key, sign: (message) => new Uint8Array(sign(null, message, privateKey)) };
}

/** Signs the text of a note as a log does. @param text ends with a newline */
export function signText(signer: SigningKey, text: string): NoteSignature {
  if (signer.key.type !== ED25519) throw new RangeError('a witness does not sign as a log');
  return lineOf(signer, signer.sign(signedBytes(text)));
}

/** Cosigns the body of a checkpoint as a witness does. @param timeSec seconds since 1970 */
export function cosignText(signer: SigningKey, text: string, timeSec: bigint): NoteSignature {
  if (signer.key.type !== ED25519_COSIGNATURE) {
    throw new RangeError('a log does not sign as a witness');
  }
  const signature = signer.sign(cosignedMessage(text, timeSec));
  return lineOf(signer, formatCosignature({ timeSec, signature }));
}

function lineOf({ key }: SigningKey, signature: Uint8Array): NoteSignature {
  return { name: key.name, keyId: key.keyId, signature };
}

function publicBytes(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x!, 'base64url'));
}

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const x = Buffer.from(publicKey).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verify(null, message, key, signature);
}
