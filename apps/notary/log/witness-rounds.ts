import { proveConsistency } from '@fundflow/proof/consistency';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Malformed } from '@fundflow/proof/malformed';
import {
  addSignatures,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
} from '@fundflow/proof/note';
import { checkNote } from '@fundflow/proof/note-check';
import type { NoteKey } from '@fundflow/proof/note-key';
import { judgeCheckpoint, type Policy } from '@fundflow/proof/policy';
import type { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import type { TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles } from '@fundflow/proof/tile-reader';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import { formatAddCheckpoint, parseConflict } from '@fundflow/proof/witness';
import { cosignatureOf } from './cosignature-of.js';
import { pause } from './pause.js';
import type { SignedCheckpoint } from './signer.js';

/** How one witness stands with this log. */
export interface WitnessState {
  readonly name: string;
  /** The largest tree it is known to have cosigned; null when it was not heard of yet. */
  readonly size: number | null;
  readonly cosignedAt: string | null;
  /** Code of what went wrong at the last try. `ahead` and `disagrees` mean that there are two histories. */
  readonly failure: 'unreachable' | 'refused' | 'bad-answer' | 'ahead' | 'disagrees' | null;
}

export interface WitnessRoundsParts {
  readonly policy: Policy;
  readonly tree: TreeHash;
  readonly table: TileTable;
  readonly checkpoints: CheckpointTable;
  readonly onState: (states: readonly WitnessState[]) => void;
  readonly now: () => Date;
  /** One request to one witness. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
/** Between the beginnings of two rounds. */
const EVERY_MS = 2_000;
const RETRY_MS = 5_000;
/** A witness that has another size than we thought is told twice; then it is the next round's turn. */
const TRIES_MAX = 2;
const ANSWER_CHARS_MAX = 100_000;

class WitnessFailed extends Error {
  constructor(readonly failure: NonNullable<WitnessState['failure']>) {
    super(failure);
  }
}

interface Offered extends SignedCheckpoint {
  readonly signedAt: Date;
}

/**
 * Asks the witnesses of the policy, all at once, to cosign the newest checkpoint (C2SP tlog-witness), and publishes what
 * they sign as it comes in. A round ends when all have answered; then the checkpoint that is newest by then has its turn.
 */
export class WitnessRounds {
  readonly #states = new Map<string, WitnessState>();
  #offered: Offered | null = null;
  #arrived: AbortController | null = null;

  constructor(private readonly parts: WitnessRoundsParts) {
    for (const name of parts.policy.witnesses.keys()) {
      this.#states.set(name, { name, size: null, cosignedAt: null, failure: null });
    }
  }

  /** Puts a checkpoint up for the next round; a newer one takes the place of one that waits. */
  offer(checkpoint: SignedCheckpoint, signedAt: Date): void {
    if (checkpoint.size === 0) return;
    this.#offered = { ...checkpoint, signedAt };
    this.#arrived?.abort();
  }

  /** Runs until `signal` aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const offered = this.#offered;
      if (offered === null) {
        await this.#waitForOffer(signal);
        continue;
      }
      this.#offered = null;
      const startedMs = performance.now();
      const isDone = await this.#round(offered, signal);
      const gapMs = isDone ? EVERY_MS : RETRY_MS;
      // A witness that was away is asked again although the log stands still.
      if (!isDone && this.#offered === null) this.#offered = offered;
      await pause(gapMs - (performance.now() - startedMs), signal);
    }
  }

  async #waitForOffer(signal: AbortSignal): Promise<void> {
    const arrived = new AbortController();
    this.#arrived = arrived;
    const end = (): void => arrived.abort();
    signal.addEventListener('abort', end, { once: true });
    await pause(2 ** 31 - 1, arrived.signal);
    signal.removeEventListener('abort', end);
    this.#arrived = null;
  }

  /** @returns whether every witness with an address cosigned */
  async #round(offered: Offered, signal: AbortSignal): Promise<boolean> {
    const collected: NoteSignature[] = [];
    const asked = [...this.parts.policy.witnesses].flatMap(([name, { key, url }]) =>
      url === null ? [] : [{ name, key, url }],
    );
    const outcomes = await Promise.all(
      asked.map(async ({ name, key, url }) => {
        try {
          const line = await this.#ask({ name, key, url }, offered, signal);
          collected.push(line);
          await this.#publish(offered, collected);
          const cosignedAt = this.parts.now().toISOString();
          this.#say({ name, size: offered.size, cosignedAt, failure: null });
          return true;
        } catch (error) {
          const failure = error instanceof WitnessFailed ? error.failure : 'unreachable';
          this.#say({ ...this.#stateOf(name), failure });
          return false;
        }
      }),
    );
    return outcomes.every(Boolean);
  }

  async #ask(
    { name, key, url }: { name: string; key: NoteKey; url: string },
    { size, note }: Offered,
    signal: AbortSignal,
  ): Promise<NoteSignature> {
    let known = this.#stateOf(name).size ?? 0;
    for (let tries = 1; tries <= TRIES_MAX; tries += 1) {
      const body = formatAddCheckpoint(known, await this.#proof(known, note), note);
      const answer = await this.#send(`${url.replace(/\/+$/, '')}/add-checkpoint`, body, signal);
      if (answer.status === 200) return cosignedBy(key, note, answer.body);
      if (answer.status !== 409) throw new WitnessFailed(refusalOf(answer.status));
      const theirs = sizeIn(answer.body);
      // Somebody has shown it a longer history in our name.
      if (theirs > size) throw new WitnessFailed('ahead');
      // It has a tree of this size and does not take ours: another root.
      if (theirs === known) throw new WitnessFailed('disagrees');
      this.#say({ ...this.#stateOf(name), size: theirs });
      known = theirs;
    }
    throw new WitnessFailed('refused');
  }

  async #proof(from: number, note: string): Promise<readonly Uint8Array[]> {
    const { tree, table } = this.parts;
    const { size, root } = parseCheckpoint(parseNote(note).text);
    const reader = await openTiles(tree, { size, root }, table.fetch);
    return proveConsistency(tree, Math.min(from, size), size, reader.read);
  }

  async #send(
    url: string,
    body: string,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: string }> {
    const timeout = AbortSignal.timeout(this.parts.timeoutMs ?? TIMEOUT_MS);
    const response = await fetch(url, {
      method: 'POST',
      body: Buffer.from(body),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      signal: AbortSignal.any([timeout, signal]),
      redirect: 'error',
    });
    return { status: response.status, body: await textOf(response) };
  }

  async #publish(offered: Offered, collected: readonly NoteSignature[]): Promise<void> {
    const { policy, checkpoints } = this.parts;
    const { size, note, signedAt } = offered;
    const cosigned = addSignatures(parseNote(note), collected);
    const witnessed = judgeCheckpoint(cosigned, policy, nodeCrypto).outcome === 'accepted';
    await checkpoints.publish({ size, note, signedAt, witnessed }, collected.map(cosignatureOf));
  }

  #stateOf(name: string): WitnessState {
    const state = this.#states.get(name);
    if (state === undefined) throw new Error(`${name} is no witness of the policy`);
    return state;
  }

  #say(state: WitnessState): void {
    this.#states.set(state.name, state);
    this.parts.onState([...this.#states.values()]);
  }
}

/** 422: our proof does not hold for it, so it has another history; the rest is a matter of settings. */
const refusalOf = (status: number): 'disagrees' | 'refused' =>
  status === 422 ? 'disagrees' : 'refused';

function sizeIn(body: string): number {
  try {
    return parseConflict(body);
  } catch (error) {
    if (error instanceof Malformed) throw new WitnessFailed('bad-answer');
    throw error;
  }
}

/** The line of this witness, if it holds; lines of keys we do not know are ignored, as the specification asks. */
function cosignedBy(key: NoteKey, note: string, body: string): NoteSignature {
  try {
    const lines = body.split('\n').filter((line) => line !== '');
    const signatures = lines.slice(0, 16).map(parseSignatureLine);
    const answered: Note = { text: parseNote(note).text, signatures };
    const [valid] = checkNote(answered, [key], nodeCrypto).valid;
    if (valid !== undefined) return valid.line;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  throw new WitnessFailed('bad-answer');
}

/** Of an answer that never ends only its beginning is read. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > ANSWER_CHARS_MAX) throw new WitnessFailed('bad-answer');
  }
  return text;
}
