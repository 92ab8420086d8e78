import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { coalesce } from '@fundflow/command-handling/coalesce';
import { sealEvent } from '@fundflow/command-handling/envelopes';
import type { OversightEvent, OversightEventType } from '@fundflow/domain/oversight/events';
import type { Officer } from '@fundflow/domain/submission/submission';
import { eventIdOf } from '@fundflow/event-store/event-id';
import {
  type AppendRequest,
  type AppendResult,
  type EventStore,
  EventStoreUnavailable,
} from '@fundflow/event-store/event-store';

type DataOf<T extends OversightEventType> = Extract<OversightEvent, { type: T }>['data'];

/** The reason is given in free words and committed to; what is recorded about it is the log's own matter. */
export interface OversightFact<T extends OversightEventType = OversightEventType> {
  readonly type: T;
  readonly data: Omit<DataOf<T>, 'reasonCommitment'>;
  /** For the types that keep a reason: kept beside the log, so that it can be forgotten. */
  readonly reason?: string | null;
  /** The same key again is the same event, also after a crash; without one every call is an event of its own. */
  readonly key?: string;
}

export interface Overseen {
  readonly eventId: string;
  readonly position: bigint;
}

/** The words behind a commitment: whoever has both can show that they belong together. */
export interface KeptReason {
  readonly eventId: string;
  readonly opening: Buffer;
  readonly words: string;
}

/** Where reasons are kept: durable before the event that commits to them. */
export interface ReasonKeeper {
  keep(reasons: readonly KeptReason[]): Promise<void>;
}

/** Nothing could be recorded, so nothing may be shown. */
export class OversightUnavailable extends Error {
  override readonly name = 'OversightUnavailable';
}

interface Waiting {
  readonly by: Officer;
  readonly fact: OversightFact;
  readonly key: string;
}

const BATCH_MAX = 200;
const WAITING_MAX = 10_000;
const ATTEMPTS_MAX = 5;
const REASON_LENGTH_MAX = 1_000;
const OPENING_BYTES = 32;

/** HMAC-SHA256 (hex) of the words under the opening. */
export const commitToReason = (words: string, opening: Buffer): string =>
  createHmac('sha256', opening).update(words, 'utf8').digest('hex');

/**
 * Records who looked, who was turned away and who changed what people may do, in the log of the money.
 *
 * `record` resolves when the event is durable: whoever shows personal data awaits it first (no log, no data). Calls that
 * arrive while an append is under way go into the next one together, so an answer waits for one round trip. Each process
 * writes a stream of its own a day and never conflicts with postings or with another process.
 */
export class OversightLog {
  readonly #record: (item: Waiting) => Promise<Overseen>;
  readonly #writer = randomUUID();
  #waiting = 0;
  #stream = '';
  #version = 0;
  /** Positions of the latest records in a row that are all of this process. */
  #tail: { from: bigint; to: bigint } | null = null;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'streamVersions' | 'findEvents'>,
    private readonly reasons: ReasonKeeper,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.#record = coalesce((items: readonly Waiting[]) => this.#append(items), BATCH_MAX);
  }

  /**
   * @param by whose doing it is; pseudonymous
   * @throws OversightUnavailable when it cannot be known to be durable: show nothing
   */
  async record<T extends OversightEventType>(
    by: Officer,
    fact: OversightFact<T>,
  ): Promise<Overseen> {
    if (this.#waiting >= WAITING_MAX) throw new OversightUnavailable('too much is waiting');
    const key = fact.key ?? `oversight:${randomUUID()}`;
    this.#waiting += 1;
    try {
      return await this.#record({ by, fact, key });
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * The last position at or before `head` that is not just this process's own oversight: tables of money that have
   * reached it are as good as those that have reached `head`.
   */
  beforeOwnTail(head: bigint): bigint {
    const tail = this.#tail;
    return tail !== null && tail.from <= head && head <= tail.to ? tail.from - 1n : head;
  }

  async #append(items: readonly Waiting[]): Promise<readonly Overseen[]> {
    try {
      return await this.#appendOrFail(items);
    } catch (error) {
      if (error instanceof OversightUnavailable) throw error;
      throw new OversightUnavailable('the log does not answer', { cause: error });
    }
  }

  async #appendOrFail(items: readonly Waiting[]): Promise<readonly Overseen[]> {
    const recordedAt = this.now().toISOString();
    this.#turnDay(recordedAt.slice(0, 10));
    const merged = mergeRepeated(items);
    const reasons: KeptReason[] = [];
    const events = merged.map(({ first, times }) => {
      const event = this.#eventOf(first, times, reasons);
      return { event, by: first.by };
    });
    if (reasons.length > 0) await this.reasons.keep(reasons);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const sealed = events.map(({ event, by }, index) => {
        const stamp = { recordedAt, actor: by.id, unit: by.unit, cause: event.key };
        return sealEvent(event, this.#version + 1 + index, stamp);
      });
      const request = { streamId: this.#stream, expectedVersion: this.#version, events: sealed };
      const result = await this.#tryAppend(request);
      if (result?.outcome === 'appended') {
        this.#version = Math.max(this.#version, result.version);
        if (!result.repeated) this.#growTail(result.firstPosition, result.lastPosition);
        return answersOf(items, merged, result.firstPosition);
      }
      if (result?.outcome === 'id-reused') return this.#oneByOne(items);
      // A conflict in a stream of our own: an append whose answer was lost had arrived.
      const versions = await this.store.streamVersions([this.#stream]);
      this.#version = versions.get(this.#stream) ?? 0;
    }
    throw new OversightUnavailable('the log does not answer');
  }

  /** Some were recorded before, by a process that ended since: each is asked for by itself. */
  async #oneByOne(items: readonly Waiting[]): Promise<readonly Overseen[]> {
    const answers: Overseen[] = [];
    for (const item of items) {
      const [known] = await this.store.findEvents([eventIdOf(item.key, 0)]);
      if (known) answers.push({ eventId: known.eventId, position: known.position });
      else answers.push(...(await this.#append([item])));
    }
    return answers;
  }

  async #tryAppend(request: AppendRequest): Promise<AppendResult | null> {
    try {
      const [result] = await this.store.append([request]);
      return result ?? null;
    } catch (error) {
      // Repeating is safe: known ids answer with the first result.
      if (error instanceof EventStoreUnavailable) return null;
      throw error;
    }
  }

  #eventOf({ by, fact, key }: Waiting, times: number, reasons: KeptReason[]): OversightEvent {
    const data: Record<string, unknown> = { ...fact.data };
    if (fact.reason !== undefined) {
      const words = fact.reason?.trim().slice(0, REASON_LENGTH_MAX) ?? '';
      const opening = randomBytes(OPENING_BYTES);
      data['reasonCommitment'] = words === '' ? null : commitToReason(words, opening);
      if (words !== '') reasons.push({ eventId: eventIdOf(key, 0), opening, words });
    }
    if (fact.type === 'AccessDenied') data['times'] = times;
    return {
      ...{ type: fact.type, streamId: this.#stream, key, index: 0, occurredOn: null },
      ...{ region: by.region, data },
    } as unknown as OversightEvent;
  }

  #turnDay(day: string): void {
    const stream = `oversight-${day}-${this.#writer}`;
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#version = 0;
  }

  #growTail(from: bigint, to: bigint): void {
    if (this.#tail?.to !== from - 1n) this.#tail = { from, to };
    else this.#tail = { from: this.#tail.from, to };
  }
}

interface Merged {
  readonly first: Waiting;
  times: number;
}

const repeatKey = ({ by, fact, key }: Waiting): string => {
  if (fact.type !== 'AccessDenied') return key;
  const { question, code, about } = (fact as OversightFact<'AccessDenied'>).data;
  return JSON.stringify([by.id, by.region, question, code, about]);
};

/** Refusals of one batch that say the same become one with a count: nobody can flood the log by knocking. */
function mergeRepeated(items: readonly Waiting[]): Merged[] {
  const merged = new Map<string, Merged>();
  for (const item of items) {
    const known = merged.get(repeatKey(item));
    if (known) known.times += 1;
    else merged.set(repeatKey(item), { first: item, times: 1 });
  }
  return [...merged.values()];
}

function answersOf(
  items: readonly Waiting[],
  merged: readonly Merged[],
  firstPosition: bigint,
): readonly Overseen[] {
  const answers = new Map(
    merged.map(({ first }, index) => [
      repeatKey(first),
      { eventId: eventIdOf(first.key, 0), position: firstPosition + BigInt(index) },
    ]),
  );
  return items.map((item) => answers.get(repeatKey(item)) as Overseen);
}
