import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PersonToSeal, SealedPerson } from '@fundflow/submissions/handed-in';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import type { ThreadKeys } from './thread-keys.js';

/** What the thread is asked: four texts a person (see `personTexts`). The keys come along, since they may change. */
export interface SealingOrder {
  readonly number: number;
  readonly keys: ThreadKeys;
  readonly people: readonly (string | null)[];
}

/** What it answers: five texts a person (see `sealedTexts`). */
export interface SealingAnswer {
  readonly number: number;
  readonly sealed: readonly (string | null)[];
}

interface Waiting {
  resolve(sealed: readonly SealedPerson[]): void;
  reject(error: Error): void;
}

const PROGRAM = new URL('./sealing-thread.js', import.meta.url);

/** Nothing of what it makes outlives its answer: a young generation of 16 MiB, as by default, would only be memory. */
const YOUNG_MIB_MAX = 12;

const startThread = (): Worker =>
  new Worker(fileURLToPath(PROGRAM), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB_MAX },
  });

/**
 * Seals people in a thread of its own, which stands as long as the process: the process decides and answers meanwhile. A
 * flat list of texts goes each way, which costs a tenth of what sealing does.
 */
export class SealingThread {
  #thread: Worker | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  /** @param start how the thread is started */
  constructor(
    private readonly keys: Pick<VaultKeys, 'current' | 'index'>,
    private readonly start = startThread,
  ) {}

  /** In their order. @throws Error when the thread fails; the next call starts another one */
  seal(people: readonly PersonToSeal[]): Promise<readonly SealedPerson[]> {
    const thread = (this.#thread ??= this.#begin());
    const { current, index } = this.keys;
    const number = (this.#asked += 1);
    const order: SealingOrder = {
      ...{ number, keys: { current, index } },
      people: people.flatMap(personTexts),
    };
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      thread.ref();
      thread.postMessage(order);
    });
  }

  #begin(): Worker {
    const thread = this.start();
    thread.on('message', ({ number, sealed }: SealingAnswer) => {
      this.#waiting.get(number)?.resolve(sealedOf(sealed));
      this.#waiting.delete(number);
      // A process with nothing else to do may end.
      if (this.#waiting.size === 0) thread.unref();
    });
    thread.on('error', (error) => this.#fail(thread, error));
    thread.on('exit', () => this.#fail(thread, new Error('the sealing thread ended')));
    return thread;
  }

  #fail(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

const personTexts = ({ id, values: { name, code, account } }: PersonToSeal) => [
  ...[id, name, code, account],
];
const PERSON_TEXTS = 4;

/** What `personTexts` made flat. */
export function peopleOf(texts: readonly (string | null)[]): PersonToSeal[] {
  return Array.from({ length: texts.length / PERSON_TEXTS }, (_, at) => {
    const [id, name = null, code = null, account = null] = texts.slice(
      at * PERSON_TEXTS,
      (at + 1) * PERSON_TEXTS,
    );
    return { id: id as string, values: { name, code, account } };
  });
}

/** A person as it goes back: commitments, blind index, sealed bytes. */
export const sealedTexts = ({ payee, secret }: SealedPerson): (string | null)[] => [
  ...[payee.name, payee.code, payee.account].map((field) => field?.commitment ?? null),
  ...[secret.subject, secret.sealed],
];
const SEALED_TEXTS = 5;

type PersonField = SealedPerson['payee']['name'];

function sealedOf(texts: readonly (string | null)[]): SealedPerson[] {
  const field = (at: number): PersonField => {
    const commitment = texts[at] ?? null;
    return commitment === null ? null : { commitment };
  };
  return Array.from({ length: texts.length / SEALED_TEXTS }, (_, nth) => {
    const at = nth * SEALED_TEXTS;
    const [subject, sealed] = texts.slice(at + 3, at + SEALED_TEXTS) as [string, string];
    const [name, code, account] = [field(at), field(at + 1), field(at + 2)];
    return { payee: { kind: 'person', name, code, account }, secret: { subject, sealed } };
  });
}
