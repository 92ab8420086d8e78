/** Throws, or resolves: what makes this process unable to answer questions. */
export type HealthCheck = () => Promise<void>;

/**
 * A check failed for a reason that may be told to anybody (zh-CN): no host, no value, no name of a person. What lies
 * behind it is its cause, and goes to the log alone.
 */
export class Unhealthy extends Error {
  override readonly name = 'Unhealthy';
}

export interface HealthFinding {
  readonly name: string;
  readonly ok: boolean;
  /** Of a check that fails: the moment (RFC 3339, UTC) at which it was first seen failing. */
  readonly since?: string;
  /** Of a check that fails: why, in words for whoever looks after the program (zh-CN). */
  readonly message?: string;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: readonly HealthFinding[];
}

const CHECK_MS_MAX = 2_000;
const LATE = `${CHECK_MS_MAX / 1_000} 秒内没有答复`;
const IN_THE_LOG = '原因见日志（health-check-failed）';

/** Rejects when the check does; a check that hangs has failed. */
async function withinTime(check: HealthCheck): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Unhealthy(LATE)), CHECK_MS_MAX);
  });
  try {
    await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The checks that decide whether this process is ready. Anything may add one, at any time. */
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();
  readonly #failingSince = new Map<string, string>();

  /** @param onFailure told when a check begins to fail, not at every look: probes look every second */
  constructor(
    private readonly onFailure: (name: string, error: unknown) => void,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** @param name shown to everybody, so a plain word such as `database` or `holdings` */
  add(name: string, check: HealthCheck): void {
    if (this.#checks.has(name)) throw new Error(`health check ${name} is registered twice`);
    this.#checks.set(name, check);
  }

  /** Runs all checks side by side. Of a failure, the report has what anybody may know; the log has all of it. */
  async report(): Promise<HealthReport> {
    const checks = await Promise.all(
      [...this.#checks].map(async ([name, check]): Promise<HealthFinding> => {
        try {
          await withinTime(check);
          this.#failingSince.delete(name);
          return { name, ok: true };
        } catch (error) {
          if (!this.#failingSince.has(name)) this.onFailure(name, error);
          const since = this.#failingSince.get(name) ?? this.now().toISOString();
          this.#failingSince.set(name, since);
          const message = error instanceof Unhealthy ? error.message : IN_THE_LOG;
          return { name, ok: false, since, message };
        }
      }),
    );
    return { ready: checks.every((check) => check.ok), checks };
  }
}
