import { cosignedMessage, parseCosignature } from './cosignature.js';
import { signedBytes, type Note, type NoteSignature } from './note.js';
import { ED25519, ED25519_COSIGNATURE, hexId, type NoteKey } from './note-key.js';
import type { ProofCrypto } from './proof-crypto.js';

/** A signature that holds. */
export interface ValidSignature {
  readonly key: NoteKey;
  /** When a witness signed, by its own clock, in seconds since 1970; null for a plain signature. */
  readonly timeSec: bigint | null;
  readonly line: NoteSignature;
}

/** What the signatures of a note are worth to somebody who trusts these keys. */
export interface CheckedNote {
  readonly valid: readonly ValidSignature[];
  /**
   * Keys whose signature stands there and does not hold: the note was changed or the signature
   * made up, so it is to be refused as a whole.
   */
  readonly invalid: readonly NoteKey[];
}

/**
 * Checks the signatures made by known keys; all others are ignored, as C2SP signed-note asks, those
 * of unknown types among them. Of several lines of one key the first counts.
 */
export function checkNote(note: Note, keys: readonly NoteKey[], crypto: ProofCrypto): CheckedNote {
  const known = new Map(keys.map((key) => [`${key.name}+${hexId(key)}`, key]));
  const valid: ValidSignature[] = [];
  const invalid: NoteKey[] = [];
  for (const line of note.signatures) {
    const id = `${line.name}+${hexId(line)}`;
    const key = known.get(id);
    known.delete(id);
    if (key === undefined || !isChecked(key)) continue;
    const timeSec = checkLine(note.text, key, line, crypto);
    if (timeSec === undefined) invalid.push(key);
    else valid.push({ key, timeSec, line });
  }
  return { valid, invalid };
}

/** Whether signatures of this key can be checked here at all. */
function isChecked(key: NoteKey): boolean {
  return key.type === ED25519 || key.type === ED25519_COSIGNATURE;
}

function checkLine(
  text: string,
  key: NoteKey,
  line: NoteSignature,
  crypto: ProofCrypto,
): bigint | null | undefined {
  if (key.type === ED25519) {
    const holds = crypto.verifyEd25519(key.publicKey, signedBytes(text), line.signature);
    return holds ? null : undefined;
  }
  const cosignature = parseCosignature(line.signature);
  if (cosignature === null) return undefined;
  const { timeSec, signature } = cosignature;
  const message = cosignedMessage(text, timeSec);
  return crypto.verifyEd25519(key.publicKey, message, signature) ? timeSec : undefined;
}
