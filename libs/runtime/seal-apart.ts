import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PersonToSeal, SealedPerson } from '@fundflow/submissions/people/sealed-person';
import type { PeopleToSeal } from '@fundflow/submissions/people/people-to-seal';
import {
  type PlainPayments,
  type UnsealedPayments,
  withSealed,
} from '@fundflow/submissions/hand-in/plain-payments';
import type { RowToReseal } from '@fundflow/vault/row-under';
import { oneBehindTheOther, type Pieces, piecesOf } from './pieces.js';
import { type ResealingAnswer, rowsWritten, sealedArrived } from './reseal-order.js';
import { keysNow, type ThreadKeys } from './thread-keys.js';

/** What the thread is asked: four texts a person (see `personTexts`). The keys come along, since they may change. */
export interface SealingOrder {
  readonly number: number;
  readonly keys: ThreadKeys;
  readonly people: readonly (string | null)[];
}

/** What it answers (see `writtenDown`). */
export interface SealingAnswer extends WrittenDown {
  readonly number: number;
}

/** People of a block of a file, to be sealed where they lie; the bytes come back. */
export interface BlockOrder extends SealedBlock {
  readonly keys: ThreadKeys;
  readonly inPlace: PeopleToSeal;
  /** As `sealPeople` takes it. */
  readonly held: Uint8Array | null;
}

export interface SealedBlock {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** Sealed people: three commitments each, and as pieces blind index and sealed bytes of each. */
interface WrittenDown extends Pieces {
  readonly commitments: readonly (string | null)[];
}

type Answer = SealingAnswer | ResealingAnswer | SealedBlock;

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Rows sealed anew at a time: about 10 ms, so that nobody else's people wait behind a part of a file. */
const ROWS_AT_ONCE = 1_000;

interface ThreadSettings {
  /** How the thread is started. */
  start?(): Worker;
  /** How long it stays when nobody asks for anything. */
  readonly idleMs?: number;
  /** The thread could not do what it was asked: a file is refused then, all else done elsewhere, more slowly. */
  onFailure?(error: Error, people: number): void;
}

const PROGRAM = new URL('./sealing-thread.js', import.meta.url);

/** Nothing of what it makes outlives its answer: a young generation of 16 MiB, as by default, would only be memory. */
const YOUNG_MIB_MAX = 12;

/** A thread that nobody needs again so soon is memory for nothing. */
const IDLE_MS = 60_000;

const startThread = (): Worker =>
  new Worker(fileURLToPath(PROGRAM), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB_MAX },
  });

/**
 * Seals people in a thread of its own, which stands while there is something to seal now and then: the process decides
 * and answers meanwhile. Of a request a flat list of texts goes there, one of texts and all bytes as one come back: a
 * tenth of what sealing costs. Of a file its bytes go and come back. Each order carries the keys of its moment.
 */
export class SealingThread {
  #thread: Worker | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: ThreadSettings = {}) {}

  /** Starts the thread for people who are on their way. Should they not come, it goes after its time. */
  prepare(): void {
    this.#thread ??= this.#begin();
    if (this.#waiting.size === 0) this.#rest(this.#thread);
  }

  /** In their order. @throws Error when the thread fails; the next call starts another one */
  async seal(people: readonly PersonToSeal[], keys: ThreadKeys): Promise<readonly SealedPerson[]> {
    const order = { people: people.flatMap(personTexts) };
    return readBack((await this.#ask(order, keys, people.length)) as SealingAnswer);
  }

  /** As `ResealApart`: null where a row does not open with the current key. @throws Error as `seal` */
  async reseal(
    rows: readonly RowToReseal[],
    keys: ThreadKeys,
  ): Promise<readonly (Buffer | null)[]> {
    const sealed: (Buffer | null)[] = [];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const some = rows.slice(from, from + ROWS_AT_ONCE);
      const order = rowsWritten(some);
      const moved = [order.bytes.buffer as ArrayBuffer];
      const answer = (await this.#ask(order, keys, some.length, moved)) as ResealingAnswer;
      sealed.push(...sealedArrived(answer));
    }
    return sealed;
  }

  /**
   * The people of a block of a file: its bytes go there and come back.
   *
   * @param held as `sealPeople` takes it
   * @throws Error as `seal`, and the block is lost
   */
  async sealBlock(
    plain: UnsealedPayments,
    keys: ThreadKeys,
    held: Uint8Array | null,
  ): Promise<PlainPayments> {
    const { people, unsealed: bytes } = plain;
    if (!people) return withSealed(plain, bytes);
    const moved = [bytes.buffer as ArrayBuffer];
    const answer = await this.#ask({ inPlace: people, bytes, held }, keys, people.count, moved);
    return withSealed(plain, (answer as SealedBlock).bytes);
  }

  async #ask(order: object, keys: ThreadKeys, people: number, moved: ArrayBuffer[] = []) {
    const thread = (this.#thread ??= this.#begin());
    const number = (this.#asked += 1);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(number, { resolve, reject });
        thread.ref();
        thread.postMessage({ ...order, number, keys: keysNow(keys) }, moved);
      });
    } catch (error) {
      this.settings.onFailure?.(error as Error, people);
      throw error;
    }
  }

  #begin(): Worker {
    const thread = (this.settings.start ?? startThread)();
    thread.on('message', (answer: Answer) => {
      this.#waiting.get(answer.number)?.resolve(answer);
      this.#waiting.delete(answer.number);
      if (this.#waiting.size === 0) this.#rest(thread);
    });
    thread.on('error', (error) => this.#fail(thread, error));
    thread.on('exit', () => this.#fail(thread, new Error('the sealing thread ended')));
    return thread;
  }

  #rest(thread: Worker): void {
    // A process with nothing else to do may end.
    thread.unref();
    const end = (): void => {
      if (this.#waiting.size > 0) return;
      void this.#thread?.terminate();
      this.#thread = null;
    };
    this.#idleTimer ??= setTimeout(end, this.settings.idleMs ?? IDLE_MS).unref();
    this.#idleTimer.refresh();
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

/** People as they go back. */
export function writtenDown(sealed: readonly SealedPerson[]): WrittenDown {
  const commitments = sealed.flatMap(({ payee: { name, code, account } }) =>
    [name, code, account].map((field) => field?.commitment ?? null),
  );
  const secrets = sealed.flatMap(({ secret }) => [secret.subject, secret.sealed]);
  return { commitments, ...oneBehindTheOther(secrets) };
}
const COMMITMENTS = 3;

type PersonField = SealedPerson['payee']['name'];

function readBack({ commitments, ...written }: WrittenDown): SealedPerson[] {
  const pieces = piecesOf(written);
  const field = (at: number): PersonField => {
    const commitment = commitments[at] ?? null;
    return commitment === null ? null : { commitment };
  };
  return Array.from({ length: commitments.length / COMMITMENTS }, (_, nth) => {
    const at = nth * COMMITMENTS;
    const [name, code, account] = [field(at), field(at + 1), field(at + 2)];
    const secret = { subject: pieces[2 * nth] as Buffer, sealed: pieces[2 * nth + 1] as Buffer };
    return { payee: { kind: 'person', name, code, account }, secret };
  });
}
