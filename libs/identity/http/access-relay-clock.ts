import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { JsonLogger } from '@fundflow/nest-edge/json-logger';
import type { SecondFactors } from '../sign-in/second-factors.js';
import type { AccessRelay } from '../access-relay.js';

const EVERY_MS = 1_000;

/**
 * Lets the relay run: at start (what a crash left), every second, and a last time before the process ends. At start,
 * secrets are sealed anew that are still under an older key.
 */
export class AccessRelayClock implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly relay: AccessRelay,
    private readonly factors: SecondFactors,
    private readonly logger: JsonLogger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.factors.reseal();
    await this.#flush();
    this.#timer = setInterval(() => void this.#flush(), EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    try {
      await this.relay.flush();
    } catch (error) {
      // The records wait where they are; the next round tries again.
      this.logger.failure('access-records-wait', error);
    }
  }
}
