import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Asker } from '@fundflow/identity/http/asker';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { Scope, scopeOf } from '@fundflow/identity/scope';
import { AskAlerts } from './answers/alerts.js';
import { AskEvents } from './answers/events.js';
import { AskHolding } from './answers/holding.js';
import { AskProject } from './answers/project.js';
import { AskSummary } from './answers/summary.js';
import { AskTrace } from './answers/trace.js';
import { AskTrail } from './answers/trail.js';
import { AskTrialBalance } from './answers/trial-balance.js';
import { AlertsQuery, EventsQuery, TimeQuery, TraceQuery, TrailQuery } from './requests.js';

/** The questions of contract §4, each as of a day and as known at a moment. */
@ApiTags('answers')
@May('ask')
@Controller('api/v1')
export class AnswersController {
  constructor(private readonly queries: QueryBus) {}

  @Get('holdings/:id')
  @ApiOperation({ summary: '一笔指标或拨付：余额、状态和来源' })
  holding(
    @Param('id') id: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<unknown> {
    return this.queries.execute(new AskHolding(id, query, scope));
  }

  @Get('projects/:id')
  @ApiOperation({ summary: '一个项目及其公示' })
  project(
    @Param('id') id: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<unknown> {
    return this.queries.execute(new AskProject(id, query, scope));
  }

  @Get('counties/:code/trail')
  @ApiOperation({ summary: '一个区划的完整资金轨迹' })
  trail(
    @Param('code') code: string,
    @Query() query: TrailQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<unknown> {
    return this.queries.execute(new AskTrail(code, query, scope, officerOf(asker)));
  }

  @Get('counties/:code/summary')
  @ApiOperation({ summary: '一个区划的收支汇总' })
  summary(
    @Param('code') code: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<unknown> {
    return this.queries.execute(new AskSummary(code, query, scope));
  }

  @Get('trace/:id')
  @ApiOperation({ summary: '追踪资金的去向或来源' })
  trace(
    @Param('id') id: string,
    @Query() query: TraceQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<unknown> {
    return this.queries.execute(new AskTrace(id, query, scope, officerOf(asker)));
  }

  @Get('alerts')
  @ApiOperation({ summary: '闲置资金等预警' })
  alerts(@Query() query: AlertsQuery, @Within() scope: Scope): Promise<unknown> {
    return this.queries.execute(new AskAlerts(query, scope));
  }

  @Get('trial-balance')
  @May('ask-whole-ledger')
  @ApiOperation({ summary: '全账试算平衡' })
  trialBalance(@Query() query: TimeQuery, @Within() scope: Scope): Promise<unknown> {
    return this.queries.execute(new AskTrialBalance(query, scope));
  }

  @Get('events')
  @ApiOperation({ summary: '账本记录，按位置' })
  events(
    @Query() query: EventsQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<unknown> {
    const oversight = scopeOf(asker, 'read-oversight', Date.now());
    return this.queries.execute(new AskEvents(query, scope, oversight));
  }
}
