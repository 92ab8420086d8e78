import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { verifyConsistency } from './consistency.js';
import { fromDecimal, toBase64 } from './encoding.js';
import { Malformed } from './malformed.js';
import {
  NOTE_LENGTH_MAX,
  parseNote,
  signatureLine,
  type Note,
  type NoteSignature,
} from './note.js';
import { checkNote } from './note-check.js';
import type { NoteKey } from './note-key.js';
import type { ProofCrypto } from './proof-crypto.js';
import { hashOf } from './tlog-proof.js';
import type { Hash, TreeHash } from './tree-hash.js';

/** Proof lines of one request, by C2SP tlog-witness. */
const PROOF_LINES_MAX = 63;
const BODY_MAX = NOTE_LENGTH_MAX + 10_000;
const TEXT_TYPE = 'text/plain; charset=utf-8';
const SIZE_TYPE = 'text/x.tlog.size';

/** `POST /add-checkpoint`, taken apart. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

/** The latest tree of one log that a witness cosigned. */
export interface WitnessedTree {
  readonly size: number;
  readonly root: Hash;
}

/** What a witness answers over HTTP, and what it must have kept before it answers. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Decided, not yet answered. `cosign`: keep `tree` in place of the tree the decision was made on
 * (compare and swap, then fsync), sign `text`, answer with `cosignedAnswer`. When the swap fails,
 * decide again.
 */
export type WitnessDecision =
  | { readonly outcome: 'cosign'; readonly tree: WitnessedTree; readonly text: string }
  | { readonly outcome: 'refuse'; readonly answer: WitnessAnswer };

/** The body of a request. @param oldSize the size the witness is known to have; 0 for none */
export function formatAddCheckpoint(
  oldSize: number,
  proof: readonly Hash[],
  signedCheckpoint: string,
): string {
  const lines = proof.map((hash) => `${toBase64(hash)}\n`).join('');
  return `old ${oldSize}\n${lines}\n${signedCheckpoint}`;
}

/**
 * Takes the body of a request apart, strictly, so that the state of its log can be looked up.
 *
 * @throws Malformed, to be answered with `malformedAnswer`
 */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  if (body.length > BODY_MAX) throw new Malformed('the request is too long');
  const end = body.indexOf('\n\n');
  if (end < 0) throw new Malformed('the request has no checkpoint');
  const [old, ...lines] = body.slice(0, end).split('\n');
  if (!old?.startsWith('old ')) throw new Malformed('the request names no old size');
  if (lines.length > PROOF_LINES_MAX) throw new Malformed('the request has too many proof lines');
  const note = parseNote(body.slice(end + 2));
  return {
    oldSize: fromDecimal(old.slice('old '.length), 'the old size'),
    proof: lines.map(hashOf),
    note,
    checkpoint: parseCheckpoint(note.text),
  };
}

/** 400 for a body that is none. */
export function malformedAnswer(error: Malformed): WitnessAnswer {
  return { status: 400, contentType: TEXT_TYPE, body: `${error.message}\n` };
}

/**
 * Decides as C2SP tlog-witness says. Refuses, first match wins: 404 unknown origin, 403 no
 * signature of a trusted key holds, 400 old size above the new one, 409 old size is not the one
 * kept (with that size), 409 same size and another root, 422 the proof does not hold.
 *
 * @param log the keys trusted for this origin, null when the origin is unknown; and the tree kept
 * for it, null when it was never cosigned
 */
export function decideAddCheckpoint(
  request: AddCheckpoint,
  log: { readonly keys: readonly NoteKey[]; readonly kept: WitnessedTree | null } | null,
  { tree, crypto }: { readonly tree: TreeHash; readonly crypto: ProofCrypto },
): WitnessDecision {
  const { oldSize, proof, note, checkpoint } = request;
  const { size, root } = checkpoint;
  if (log === null) return refuse(404, 'the log is unknown');
  const { valid, invalid } = checkNote(note, log.keys, crypto);
  if (valid.length === 0 || invalid.length > 0) return refuse(403, 'no signature of the log holds');
  if (oldSize > size) return refuse(400, 'the old size is above the new one');
  const kept = log.kept ?? { size: 0, root: tree.empty() };
  if (oldSize !== kept.size) return conflict(kept);
  const claim = { oldSize, size, oldRoot: kept.root, root };
  if (!verifyConsistency(tree, claim, proof)) {
    const isOtherRoot = oldSize === size && proof.length === 0;
    return isOtherRoot ? conflict(kept) : refuse(422, 'the consistency proof does not hold');
  }
  return { outcome: 'cosign', tree: { size, root }, text: note.text };
}

/** 200 with the cosignatures. */
export function cosignedAnswer(signatures: readonly NoteSignature[]): WitnessAnswer {
  const body = signatures.map(signatureLine).join('');
  return { status: 200, contentType: TEXT_TYPE, body };
}

/** What a 409 tells the log: the size the witness has. @throws Malformed */
export function parseConflict(body: string): number {
  if (!body.endsWith('\n'))
    throw new Malformed('the size of a witness does not end with a newline');
  return fromDecimal(body.slice(0, -1), 'the size of a witness');
}

function conflict(kept: WitnessedTree): WitnessDecision {
  const answer = { status: 409, contentType: SIZE_TYPE, body: `${kept.size}\n` } as const;
  return { outcome: 'refuse', answer };
}

function refuse(status: 400 | 403 | 404 | 422, why: string): WitnessDecision {
  return { outcome: 'refuse', answer: { status, contentType: TEXT_TYPE, body: `${why}\n` } };
}
