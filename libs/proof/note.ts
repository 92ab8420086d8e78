import { concat, fromBase64, toBase64, toUtf8 } from './encoding.js';
import { Malformed } from './malformed.js';

/** Signature lines of one note; the specification asks for at least 16. */
export const SIGNATURES_MAX = 100;
/** Characters of one note; a post-quantum signature line has about 3,300. */
export const NOTE_LENGTH_MAX = 500_000;

/** One signature line of a note. Of which type it is, only the key of this name and id says. */
export interface NoteSignature {
  readonly name: string;
  /** The uint32 in front of the signature. */
  readonly keyId: number;
  readonly signature: Uint8Array;
}

/** A signed note (C2SP signed-note), taken apart and not yet believed. */
export interface Note {
  /** What is signed, the last newline included. */
  readonly text: string;
  /** Of every type, known or not, in the order of the note. */
  readonly signatures: readonly NoteSignature[];
}

// What Unicode calls a space, of which ECMAScript's \s leaves out U+0085.
const KEY_NAME = /^[^\s\u0085+]+$/u;
// Tabs and carriage returns are control characters too; only the newline may stand in a note.
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** A key's name: not empty, without spaces and without a plus. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name) && !CONTROL.test(name);
}

/**
 * Takes a note apart, strictly: every text has one reading or none.
 *
 * @throws Malformed
 */
export function parseNote(note: string): Note {
  if (note.length > NOTE_LENGTH_MAX) throw new Malformed('the note is too long');
  if (CONTROL.test(note)) throw new Malformed('the note has control characters');
  const end = note.lastIndexOf('\n\n');
  if (end < 0) throw new Malformed('the note has no empty line before its signatures');
  const lines = note.slice(end + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0) {
    throw new Malformed('the note does not end with a signature line');
  }
  if (lines.length > SIGNATURES_MAX) throw new Malformed('the note has too many signatures');
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignatureLine) };
}

/** One line without its newline: `— <name> <base64>`. @throws Malformed */
export function parseSignatureLine(line: string): NoteSignature {
  const [dash, name, base64, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || base64 === undefined || rest.length > 0) {
    throw new Malformed('a signature line is not a dash, a name and a signature');
  }
  if (!isKeyName(name)) throw new Malformed('a signature line has no name of a key');
  const bytes = fromBase64(base64, `the signature of ${name}`);
  if (bytes.length < 5) throw new Malformed(`the signature of ${name} is too short`);
  const keyId = new DataView(bytes.buffer).getUint32(0);
  return { name, keyId, signature: bytes.slice(4) };
}

/** `— <name> <base64>` with its newline. */
export function signatureLine({ name, keyId, signature }: NoteSignature): string {
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, keyId);
  return `— ${name} ${toBase64(concat(id, signature))}\n`;
}

/**
 * The note as it is sent and kept.
 *
 * @throws RangeError for a text that does not end with a newline or has control characters
 */
export function formatNote({ text, signatures }: Note): string {
  if (!text.endsWith('\n') || CONTROL.test(text)) {
    throw new RangeError('what is signed ends with a newline and has no other control characters');
  }
  return `${text}\n${signatures.map(signatureLine).join('')}`;
}

/** Adds signatures to a note, each at most once, after those that are there. */
export function addSignatures(note: Note, added: readonly NoteSignature[]): Note {
  const lines = new Map(
    [...note.signatures, ...added].map((signature) => [signatureLine(signature), signature]),
  );
  return { text: note.text, signatures: [...lines.values()] };
}

/** UTF-8 of what is signed. */
export function signedBytes(text: string): Uint8Array {
  return toUtf8(text);
}
