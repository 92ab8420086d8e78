interface Attempts {
  readonly count: number;
  readonly lastMs: number;
  readonly blockedUntilMs: number;
}

interface Limit {
  /** Failures that cost nothing. */
  readonly free: number;
  /** The longest wait; the first is one second, and each failure doubles it. */
  readonly waitMsMax: number;
}

const PER_LOGIN: Limit = { free: 5, waitMsMax: 300_000 };
/** Loose, since a whole office may share one address. */
const PER_ADDRESS: Limit = { free: 50, waitMsMax: 60_000 };

/** Failures longer ago are forgotten. */
const MEMORY_MS = 1_800_000;
/** Of each kind; the one touched longest ago makes room. */
const ENTRIES_MAX = 10_000;

class AttemptsBy {
  readonly #entries = new Map<string, Attempts>();

  constructor(private readonly limit: Limit) {}

  waitMs(key: string, nowMs: number): number {
    const waitMs = (this.#entries.get(key)?.blockedUntilMs ?? 0) - nowMs;
    // Nobody has to wait longer than the longest wait: the clock was set back, and would lock out for as long.
    return waitMs > this.limit.waitMsMax ? 0 : Math.max(0, waitMs);
  }

  add(key: string, nowMs: number): void {
    const known = this.#entries.get(key);
    const fresh = known !== undefined && nowMs - known.lastMs < MEMORY_MS;
    this.#entries.delete(key);
    this.#put(key, (fresh ? known.count : 0) + 1, nowMs);
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > ENTRIES_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }

  /** What others failed at since stays: else whoever has an account would guess at the others' beside it. */
  takeBack(key: string, begunMs: number): void {
    const known = this.#entries.get(key);
    if (known === undefined) return;
    if (known.lastMs > begunMs) this.#put(key, known.count - 1, known.lastMs);
    else this.#entries.set(key, { ...known, count: known.count - 1, blockedUntilMs: 0 });
  }

  /** What the other failures ask to wait stays: else a flood of unjudged attempts would wipe it out. */
  withdraw(key: string): void {
    const known = this.#entries.get(key);
    if (known !== undefined) this.#put(key, known.count - 1, known.lastMs);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  #put(key: string, count: number, lastMs: number): void {
    const over = count - this.limit.free;
    const waitMs = over < 0 ? 0 : Math.min(1_000 * 2 ** Math.min(over, 20), this.limit.waitMsMax);
    this.#entries.set(key, { count, lastMs, blockedUntilMs: waitMs === 0 ? 0 : lastMs + waitMs });
  }
}

/**
 * Slows guessing down, by login and by address, in the memory of one process: a restart forgets, and n processes allow
 * n times as much, which leaves guessing hopeless all the same. It never locks anybody out for long, so that an attacker
 * cannot either.
 */
export class LoginThrottle {
  readonly #logins = new AttemptsBy(PER_LOGIN);
  readonly #addresses = new AttemptsBy(PER_ADDRESS);

  /** @param byAddress false behind a proxy, where every caller has the proxy's address */
  constructor(private readonly byAddress: boolean) {}

  /**
   * Counts an attempt as failed before its password is looked at, so that many at once do not slip through.
   *
   * @returns 0 when it may go on, else the seconds to wait; then it was not counted
   */
  begin(login: string, address: string, nowMs: number): number {
    const network = networkOf(address);
    const waitMs = Math.max(
      this.#logins.waitMs(login, nowMs),
      this.byAddress ? this.#addresses.waitMs(network, nowMs) : 0,
    );
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    this.#logins.add(login, nowMs);
    if (this.byAddress) this.#addresses.add(network, nowMs);
    return 0;
  }

  /** Nobody looked at the password after all: the database was away, or too many were waiting. */
  unjudged(login: string, address: string): void {
    this.#logins.withdraw(login);
    this.#addresses.withdraw(networkOf(address));
  }

  /** The attempt was a good one after all. @param begunMs what `begin` was told */
  succeeded(login: string, address: string, begunMs: number): void {
    this.#logins.forget(login);
    this.#addresses.takeBack(networkOf(address), begunMs);
  }
}

const IPV6_GROUPS = 8;
const NETWORK_GROUPS = 4;

/** Whoever has one address of IPv6 has 2^64 of them: they count as one. IPv4 written as IPv6 is IPv4. */
function networkOf(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%');
  const within = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (within !== undefined || !plain.includes(':')) return within ?? plain;
  const [front = '', back] = plain.split('::');
  const groupsOf = (text: string | undefined): string[] => text?.split(':').filter(Boolean) ?? [];
  const [first, last] = [groupsOf(front), groupsOf(back)];
  const left = Math.max(0, IPV6_GROUPS - first.length - last.length);
  const groups = [...first, ...Array.from({ length: left }, () => '0'), ...last];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => parseInt(group, 16))
    .join(':');
}
