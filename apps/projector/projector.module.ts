import {
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NEVER_REACHED } from '@fundflow/event-store/event-store';
import { HealthRegistry } from '@fundflow/nest-edge/health/health-registry';
import { AlertFollower } from '@fundflow/projections/alerts/follower';
import { Follower } from '@fundflow/projections/follower';
import { withoutValues } from '@fundflow/nest-edge/json-logger';
import type { LedgerProcess } from '@fundflow/runtime/open-process';

/** Log → read tables → alerts. Turns health red, and stops, at an event it cannot fold. */
@Module({})
export class ProjectorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly readModel: Follower,
    private readonly alerts: AlertFollower,
    private readonly health: HealthRegistry,
  ) {}

  static on(
    { store, pool, filesUnderWay, logger }: LedgerProcess,
    edge: DynamicModule,
  ): DynamicModule {
    const readModel = new Follower({
      ...{ store, pool, givesWay: () => filesUnderWay.count > 0 },
      onStopped: ({ position, message }) =>
        logger.event('error', 'read-model-stopped', {
          ...{ position: position.toString(), message: withoutValues(message) },
        }),
    });
    const alerts = new AlertFollower({
      pool,
      onStopped: (message) =>
        logger.event('error', 'alerts-stopped', { message: withoutValues(message) }),
      readModelPassed: (position, timeoutMs) => readModel.waitFor(position, timeoutMs),
      wanted: (timeoutMs, signal) => store.waitForEventsAfter(NEVER_REACHED, timeoutMs, signal),
    });
    return {
      module: ProjectorModule,
      imports: [edge],
      providers: [
        { provide: Follower, useValue: readModel },
        { provide: AlertFollower, useValue: alerts },
      ],
      exports: [Follower, AlertFollower],
    };
  }

  onApplicationBootstrap(): void {
    this.readModel.start();
    this.alerts.start();
    for (const follower of [this.readModel, this.alerts]) {
      this.health.add(follower.health().name, () => {
        const { state, failure } = follower.health();
        if (state === 'following') return Promise.resolve();
        const message = typeof failure === 'string' ? failure : failure?.message;
        return Promise.reject(new Error(`${state}: ${message ?? ''}`));
      });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.readModel.stop(), this.alerts.stop()]);
  }
}
