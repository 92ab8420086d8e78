import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Malformed } from '@fundflow/proof/malformed';
import { addSignatures, formatNote, type Note, parseNote } from '@fundflow/proof/note';
import { checkNote } from '@fundflow/proof/note-check';
import { judgeCheckpoint, type Policy } from '@fundflow/proof/policy';
import { openTiles, TamperedTile } from '@fundflow/proof/tile-reader';
import { cosignatureOf } from '../log/cosignature-of.js';
import type { ShownLog } from './log-shelf.js';

export type HandInRefusal =
  /** No signed note, or no checkpoint. */
  | 'bad-note'
  /** Not signed by the key of this log. */
  | 'foreign-checkpoint'
  /** A cosignature of a known witness does not hold. */
  | 'bad-cosignature'
  /** No cosignature of a witness of the policy. */
  | 'no-cosignature'
  /** Signed by our key, and not a head of this log: there are two histories. */
  | 'another-history';

export type HandInOutcome =
  | { readonly outcome: 'refused'; readonly refusal: HandInRefusal }
  | {
      readonly outcome: 'taken';
      readonly size: number;
      readonly witnesses: readonly string[];
      readonly witnessed: boolean;
    };

/**
 * Takes cosignatures that came by file (an offline witness): a whole note, as `cosign` writes it. Nothing of it is
 * believed: the log's own signature, the tree and every cosignature are checked.
 */
export async function handInCosignatures(
  log: ShownLog,
  text: string,
  policy: Policy,
): Promise<HandInOutcome> {
  const refuse = (refusal: HandInRefusal): HandInOutcome => ({ outcome: 'refused', refusal });
  const note = noteOf(text);
  if (note === null) return refuse('bad-note');
  const logKeys = policy.logs.map(({ key }) => key);
  const own = checkNote(note, logKeys, nodeCrypto);
  const { origin, size, root } = parseCheckpoint(note.text);
  const [signature] = own.valid;
  if (signature === undefined || signature.key.name !== origin) return refuse('foreign-checkpoint');
  const witnessKeys = [...policy.witnesses.values()].map(({ key }) => key);
  const { valid, invalid } = checkNote(note, witnessKeys, nodeCrypto);
  if (invalid.length > 0) return refuse('bad-cosignature');
  if (valid.length === 0) return refuse('no-cosignature');
  if (!(await isHeadOf(log, size, root))) return refuse('another-history');
  const signed = formatNote({ text: note.text, signatures: own.valid.map(({ line }) => line) });
  const cosignatures = valid.map(({ line }) => cosignatureOf(line));
  // Others may have cosigned the same checkpoint before: together they may be enough.
  const known = (await log.checkpoints.find(size))?.note ?? signed;
  const together = addSignatures(parseNote(known), note.signatures);
  const witnessed = judgeCheckpoint(together, policy, nodeCrypto).outcome === 'accepted';
  const checkpoint = { size, note: signed, signedAt: new Date(), witnessed };
  await log.checkpoints.publish(checkpoint, cosignatures);
  return { outcome: 'taken', size, witnesses: valid.map(({ key }) => key.name), witnessed };
}

function noteOf(text: string): Note | null {
  try {
    const note = parseNote(text);
    parseCheckpoint(note.text);
    return note;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

async function isHeadOf(log: ShownLog, size: number, root: Uint8Array): Promise<boolean> {
  if (size > (await log.size())) return false;
  try {
    await openTiles(log.tree, { size, root }, log.tiles.fetch);
    return true;
  } catch (error) {
    if (error instanceof TamperedTile) return false;
    throw error;
  }
}
