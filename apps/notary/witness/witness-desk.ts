import { createHash } from 'node:crypto';
import { formatCheckpoint, parseCheckpoint } from '@fundflow/proof/checkpoint';
import { cosignText, nodeCrypto, type SigningKey } from '@fundflow/proof/ed25519';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import { Malformed } from '@fundflow/proof/malformed';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { addSignatures, formatNote } from '@fundflow/proof/note';
import type { NoteKey } from '@fundflow/proof/note-key';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import {
  type AddCheckpoint,
  cosignedAnswer,
  decideAddCheckpoint,
  malformedAnswer,
  parseAddCheckpoint,
  type WitnessAnswer,
  type WitnessedTree,
} from '@fundflow/proof/witness';

/** A log this witness looks after. */
export interface WatchedLog {
  readonly key: NoteKey;
  readonly tree: TreeHash;
}

export interface WitnessDeskParts {
  readonly key: SigningKey;
  readonly logs: readonly WatchedLog[];
  /** Where it keeps what it cosigned. */
  readonly directory: string;
  readonly now: () => Date;
}

/** What came of one request. */
export interface Cosigned {
  readonly answer: WitnessAnswer;
  /** The checkpoint with our cosignature, for whoever exchanges files; null unless it was cosigned. */
  readonly note: string | null;
}

/** Of several processes on one directory one wins each step; the others look again. */
const TRIES_MAX = 20;

/**
 * A witness (C2SP tlog-witness): cosigns a checkpoint only when it is the continuation of the last one it cosigned for that
 * log. Check and keeping are one step: what was decided on is compared and swapped, and durable before the cosignature
 * leaves.
 */
export class WitnessDesk {
  constructor(private readonly parts: WitnessDeskParts) {}

  /** @param body an add-checkpoint request */
  async add(body: string): Promise<Cosigned> {
    try {
      return await this.#decide(parseAddCheckpoint(body));
    } catch (error) {
      if (error instanceof Malformed) return { answer: malformedAnswer(error), note: null };
      throw error;
    }
  }

  async #decide(request: AddCheckpoint): Promise<Cosigned> {
    const { origin } = request.checkpoint;
    const watched = this.parts.logs.filter(({ key }) => key.name === origin);
    // An unknown log is refused before any tree is looked at.
    const tree = watched[0]?.tree ?? sha256Tree;
    const memory = new MemoryFile(this.parts.directory, memoryName(origin));
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const remembered = await memory.read();
      const kept = remembered && treeOf(remembered.text, origin);
      const keys = watched.map(({ key }) => key);
      const log = keys.length === 0 ? null : { keys, kept };
      const decision = decideAddCheckpoint(request, log, { tree, crypto: nodeCrypto });
      if (decision.outcome === 'refuse') return { answer: decision.answer, note: null };
      const text = formatCheckpoint({ origin, ...decision.tree });
      if (!(await memory.replace(remembered?.generation ?? 0, text))) continue;
      return this.#cosign(request, decision.text);
    }
    throw new Error('other processes keep changing the memory of this witness');
  }

  #cosign({ note }: AddCheckpoint, text: string): Cosigned {
    const timeSec = BigInt(Math.floor(this.parts.now().getTime() / 1000));
    const line = cosignText(this.parts.key, text, timeSec);
    return { answer: cosignedAnswer([line]), note: formatNote(addSignatures(note, [line])) };
  }
}

/** An origin may hold any character; a file name may not. */
const memoryName = (origin: string): string =>
  `witnessed-${createHash('sha256').update(origin).digest('hex').slice(0, 32)}`;

function treeOf(text: string, origin: string): WitnessedTree {
  const kept = parseCheckpoint(text);
  if (kept.origin !== origin) throw new Error(`the memory of ${origin} is that of ${kept.origin}`);
  return { size: kept.size, root: kept.root };
}
