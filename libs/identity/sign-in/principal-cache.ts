import type { Principal } from '../principal.js';

/** What the database said about a credential. */
export interface Recognised {
  readonly principal: Principal;
  readonly expiresAtMs: number;
}

export interface CacheEntry extends Recognised {
  /** When the database was asked. */
  readonly askedAtMs: number;
  /** When the credential was last used in this process. */
  lastSeenMs: number;
}

/** How long an answer is believed: how long another process's revocation may take to arrive here. */
export const BELIEVED_MS = 5_000;
const ENTRIES_MAX = 10_000;

/**
 * Spares the database a question a request. What is revoked in this process is forgotten at once: `forget` also keeps an
 * answer that was already on its way from being remembered, or shared with requests that come later.
 */
export class PrincipalCache {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #asking = new Map<string, Promise<Principal | null>>();
  #generation = 0;

  /** The entry, fresh or not; stale ones still know when the credential was last used. */
  get(key: string): CacheEntry | undefined {
    return this.#entries.get(key);
  }

  isFresh(entry: CacheEntry, nowMs: number): boolean {
    const ageMs = nowMs - entry.askedAtMs;
    // An answer from the future is one from before the clock was set back: nobody knows its age.
    return ageMs >= 0 && ageMs < BELIEVED_MS && nowMs < entry.expiresAtMs;
  }

  /** Asks once for all who want to know now; null (not recognised) is not remembered. */
  ask(
    key: string,
    nowMs: number,
    question: () => Promise<Recognised | null>,
  ): Promise<Principal | null> {
    const asked = this.#asking.get(key);
    if (asked !== undefined) return asked;
    const asking = this.#ask(key, nowMs, question).finally(() => {
      if (this.#asking.get(key) === asking) this.#asking.delete(key);
    });
    this.#asking.set(key, asking);
    return asking;
  }

  async #ask(
    key: string,
    nowMs: number,
    question: () => Promise<Recognised | null>,
  ): Promise<Principal | null> {
    const generation = this.#generation;
    const found = await question();
    if (found === null) {
      this.#entries.delete(key);
      return null;
    }
    if (generation !== this.#generation) return found.principal;
    this.#entries.delete(key);
    this.#entries.set(key, { ...found, askedAtMs: nowMs, lastSeenMs: nowMs });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
    return found.principal;
  }

  /** Something changed that may concern anybody. */
  forgetAll(): void {
    this.#forget(() => true);
  }

  forgetKey(key: string): void {
    this.#forget((entryKey) => entryKey === key);
  }

  forgetUser(userId: string): void {
    this.#forget((_key, entry) => entry.principal.actorId === userId);
  }

  #forget(which: (key: string, entry: CacheEntry) => boolean): void {
    this.#generation += 1;
    this.#asking.clear();
    for (const [key, entry] of this.#entries) if (which(key, entry)) this.#entries.delete(key);
  }
}
