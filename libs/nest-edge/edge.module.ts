import { type DynamicModule, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { HealthController } from './health/health.controller.js';
import { HealthRegistry, Unhealthy } from './health/health-registry.js';
import {
  Idempotency,
  IDEMPOTENCY_DEFAULTS,
  type IdempotencySettings,
} from './idempotency/idempotency.js';
import { JsonLogger } from './json-logger.js';

export interface EdgeSettings {
  readonly database: DataSource;
  readonly logger: JsonLogger;
  readonly idempotency?: Partial<IdempotencySettings>;
}

@Module({})
class EdgeModule {}

/**
 * Health, idempotency and the logger, for one process. Give the same object to every module that imports it: Nest then
 * makes one instance. Exports `HealthRegistry`, `Idempotency`, `JsonLogger`.
 */
export function edgeModule(settings: EdgeSettings): DynamicModule {
  const { database, logger } = settings;
  return {
    module: EdgeModule,
    controllers: [HealthController],
    providers: [
      { provide: JsonLogger, useValue: logger },
      {
        provide: HealthRegistry,
        useFactory: () => {
          const registry = new HealthRegistry((name, error) =>
            logger.failure('health-check-failed', error, { check: name }),
          );
          registry.add('database', async () => {
            await database.query('SELECT 1').catch((cause: unknown) => {
              throw new Unhealthy('数据库没有答复', { cause });
            });
          });
          return registry;
        },
      },
      {
        provide: Idempotency,
        useFactory: (adapterHost: HttpAdapterHost) =>
          new Idempotency(
            database,
            logger,
            { ...IDEMPOTENCY_DEFAULTS, ...settings.idempotency },
            adapterHost,
          ),
        inject: [HttpAdapterHost],
      },
    ],
    exports: [HealthRegistry, Idempotency, JsonLogger],
  };
}
