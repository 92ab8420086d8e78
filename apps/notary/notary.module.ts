import {
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HealthRegistry } from '@fundflow/nest-edge/health/health-registry';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import type { Connection } from '@fundflow/row-security/roles';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { checkNotary } from './log/failure-of.js';
import type { LogState } from './log/open-notaries.js';
import { type NotaryThread, startNotaryThread } from './log/start-thread.js';
import type { NotarySettings } from './settings.js';
import { LogShelf } from './tlog/log-shelf.js';
import { ProofController } from './tlog/proof.controller.js';
import { TlogController } from './tlog/tlog.controller.js';

/** How the notary's thread is started, where it runs in this process. */
class NotaryThreadOptions {
  constructor(
    readonly connection: Connection,
    readonly settings: NotarySettings,
    readonly execArgv: readonly string[] | undefined,
  ) {}
}

/** Serves the transparency log and its proofs; needs no key. */
@Module({})
export class TlogModule {
  static on(ledger: LedgerProcess, edge: DynamicModule, settings: NotarySettings): DynamicModule {
    const shelf = LogShelf.of({ pool: ledger.pool, source: ledger.store }, settings);
    return {
      module: TlogModule,
      imports: [edge],
      controllers: [TlogController, ProofController],
      providers: [{ provide: LogShelf, useValue: shelf }],
      exports: [LogShelf],
    };
  }
}

/** Serves the log and runs its notary as a thread. Health is red when it does not follow or a witness sees another history. */
@Module({})
export class NotaryModule implements OnApplicationBootstrap, OnApplicationShutdown {
  #thread: NotaryThread | null = null;

  constructor(
    private readonly options: NotaryThreadOptions,
    private readonly shelf: LogShelf,
    private readonly health: HealthRegistry,
    private readonly logger: JsonLogger,
  ) {}

  /** @param execArgv how Node is started for the thread; by default as this process was */
  static on(
    ledger: LedgerProcess,
    edge: DynamicModule,
    settings: NotarySettings,
    execArgv?: readonly string[],
  ): DynamicModule {
    const options = new NotaryThreadOptions(ledger.connection, settings, execArgv);
    return {
      module: NotaryModule,
      imports: [edge, TlogModule.on(ledger, edge, settings)],
      providers: [{ provide: NotaryThreadOptions, useValue: options }],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { connection, settings, execArgv } = this.options;
    const onState = (state: LogState): void => this.#hear(state);
    this.#thread = await startNotaryThread({ connection, settings }, onState, execArgv);
    this.health.add('notary', () =>
      checkNotary(this.#thread?.ended() ?? null, this.#thread?.states() ?? []),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#thread?.stop();
  }

  #hear(state: LogState): void {
    const before = this.shelf.stateOf(state.log);
    this.shelf.keepState(state);
    if (state.failure !== null && state.failure !== before?.failure) {
      this.logger.failure('notary', new Error(state.failure), { log: state.log });
    }
  }
}
