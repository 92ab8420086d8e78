/** Throws, or resolves: what makes this process unable to answer questions. */
export type HealthCheck = () => Promise<void>;

export interface HealthFinding {
  readonly name: string;
  readonly ok: boolean;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly checks: readonly HealthFinding[];
}

const CHECK_MS_MAX = 2_000;

/** Rejects when the check does; a check that hangs has failed. */
async function withinTime(check: HealthCheck): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the health check took too long')), CHECK_MS_MAX);
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
  readonly #failing = new Set<string>();

  /** @param onFailure told when a check begins to fail, not at every look: probes look every second */
  constructor(private readonly onFailure: (name: string, error: unknown) => void) {}

  /** @param name shown to everybody, so a plain word such as `database` or `holdings` */
  add(name: string, check: HealthCheck): void {
    if (this.#checks.has(name)) throw new Error(`health check ${name} is registered twice`);
    this.#checks.set(name, check);
  }

  /** Runs all checks side by side; why one failed goes to the log, not into the report. */
  async report(): Promise<HealthReport> {
    const checks = await Promise.all(
      [...this.#checks].map(async ([name, check]): Promise<HealthFinding> => {
        try {
          await withinTime(check);
          this.#failing.delete(name);
          return { name, ok: true };
        } catch (error) {
          if (!this.#failing.has(name)) this.onFailure(name, error);
          this.#failing.add(name);
          return { name, ok: false };
        }
      }),
    );
    return { ready: checks.every((check) => check.ok), checks };
  }
}
