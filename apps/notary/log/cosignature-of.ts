import { type NoteSignature, signatureLine } from '@fundflow/proof/note';
import { hexId } from '@fundflow/proof/note-key';
import type { Cosignature } from '@fundflow/proof/postgres/checkpoint-table';

/** A signature of a witness as the table of checkpoints keeps it. */
export const cosignatureOf = (signature: NoteSignature): Cosignature => ({
  witness: `${signature.name}+${hexId(signature)}`,
  line: signatureLine(signature),
});
