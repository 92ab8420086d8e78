import { Controller, Get } from '@nestjs/common';
import { Problem } from '../problem.js';
import { Public } from '../public-route.js';
import { HealthRegistry, type HealthReport } from './health-registry.js';

@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly registry: HealthRegistry) {}

  /** The process runs; says nothing about what it leans on. */
  @Get('live')
  live(): { live: true } {
    return { live: true };
  }

  /** 200 when questions can be answered, else 503 `not-ready` naming the checks (contract §5). */
  @Get('ready')
  async ready(): Promise<HealthReport> {
    const report = await this.registry.report();
    if (report.ready) return report;
    throw new Problem({
      status: 503,
      code: 'not-ready',
      title: '服务尚未就绪',
      titleEn: 'Not ready',
      extra: { checks: report.checks.map((check) => ({ ...check })) },
      headers: { 'retry-after': '1' },
    });
  }
}
