import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Fails } from '../api-problems.js';
import { Problem } from '../problem.js';
import { Public } from '../public-route.js';
import { type HealthFinding, HealthRegistry, type HealthReport } from './health-registry.js';

class LiveAnswer {
  @ApiProperty({ type: Boolean }) live: true;
}

class HealthCheckAnswer implements HealthFinding {
  @ApiProperty() name: string;
  @ApiProperty() ok: boolean;
  @ApiProperty({ required: false, format: 'date-time', description: 'First seen failing' })
  since?: string;
  @ApiProperty({ required: false, description: 'Why it fails (zh-CN)' }) message?: string;
}

class HealthAnswer implements HealthReport {
  @ApiProperty() ready: boolean;
  @ApiProperty({ type: [HealthCheckAnswer] }) checks: HealthCheckAnswer[];
}

const inWords = ({ name, since, message }: HealthFinding): string =>
  `${name}：${message}（自 ${since} 起）`;

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly registry: HealthRegistry) {}

  /** The process runs; says nothing about what it leans on. */
  @Get('live')
  @ApiOperation({ summary: '进程在运行' })
  @ApiOkResponse({ type: LiveAnswer })
  live(): LiveAnswer {
    return { live: true };
  }

  /** 200 when questions can be answered, else 503 `not-ready`: which check fails, since when and why (contract §5). */
  @Get('ready')
  @ApiOperation({ summary: '可以答复查询' })
  @ApiOkResponse({ type: HealthAnswer })
  @Fails({ 503: ['not-ready'] })
  async ready(): Promise<HealthReport> {
    const report = await this.registry.report();
    if (report.ready) return report;
    throw new Problem({
      status: 503,
      code: 'not-ready',
      title: '服务尚未就绪',
      titleEn: 'Not ready',
      detail: report.checks
        .filter(({ ok }) => !ok)
        .map(inWords)
        .join('；'),
      extra: { checks: report.checks.map((check) => ({ ...check })) },
      headers: { 'retry-after': '1' },
    });
  }
}
