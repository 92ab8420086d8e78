import {
  type DynamicModule,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { NEVER_REACHED } from '@fundflow/event-store/event-store';
import { HealthRegistry, Unhealthy } from '@fundflow/nest-edge/health/health-registry';
import { AlertFollower, type AlertFollowerHealth } from '@fundflow/projections/alerts/follower';
import { Follower, type FollowerHealth } from '@fundflow/projections/follow/follower';
import { withoutValues } from '@fundflow/nest-edge/json-logger';
import type { LedgerProcess } from '@fundflow/runtime/open-process';

const WORDS: Readonly<Record<FollowerHealth['state'], string>> = {
  following: '',
  starting: '正在启动',
  retrying: '暂时跟不上账本，正在重试',
  stopped: '已停止更新',
};

function standing({ state, failure }: FollowerHealth | AlertFollowerHealth): Promise<void> {
  if (state === 'following') return Promise.resolve();
  if (failure === null) return Promise.reject(new Unhealthy(WORDS[state]));
  const isText = typeof failure === 'string';
  const words =
    state === 'stopped' && !isText
      ? `停在账本第 ${failure.position} 条记录之前：本程序不能处理这条记录`
      : WORDS[state];
  const cause = new Error(isText ? failure : failure.message);
  return Promise.reject(new Unhealthy(words, { cause }));
}

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
      this.health.add(follower.health().name, () => standing(follower.health()));
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.readModel.stop(), this.alerts.stop()]);
  }
}
