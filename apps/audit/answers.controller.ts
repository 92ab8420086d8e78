import { Controller, Get, Param, Query, UseInterceptors } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Asker } from '@fundflow/identity/http/asker';
import { CostlyQuestions } from '@fundflow/identity/http/costly-questions';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import { officerOf, type Principal } from '@fundflow/identity/principal';
import { Scope, scopeOf } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import {
  Alerts,
  Events,
  Holding,
  Project,
  Summary,
  Trace,
  Trail,
  TrialBalance,
} from './answer-shapes.js';
import { AskAlerts } from './answers/alerts.js';
import { AskEvents } from './answers/events.js';
import { AskHolding } from './answers/holding.js';
import { AskProject } from './answers/project.js';
import { AskSummary } from './answers/summary.js';
import { AskTrace } from './answers/trace.js';
import { AskTrail } from './answers/trail.js';
import { AskTrialBalance } from './answers/trial-balance.js';
import { type Reflecting, SayPosition, SAYS_POSITION } from './reflecting.js';
import { AlertsQuery, EventsQuery, TimeQuery, TraceQuery, TrailQuery } from './requests.js';

/** The answer waits for the tables first. */
const NOT_UP_TO_DATE = { 503: ['not-up-to-date'] } as const;
/** An answer that names persons: who looks is recorded first. */
const NAMES_PERSONS = { 503: ['not-up-to-date', 'not-recorded'] } as const;
/** What may read much of the ledger: each person has so many under way at once. */
const COSTLY = { 429: ['too-many-questions'] } as const;
const OUTSIDE = { 403: ['out-of-jurisdiction'] } as const;

/** The questions of contract §4, each as of a day and as known at a moment. */
@ApiTags('answers')
@May('ask')
@Controller('api/v1')
export class AnswersController {
  constructor(private readonly queries: QueryBus) {}

  @Get('holdings/:id')
  @ApiOperation({ summary: '一笔指标或拨付：余额、状态和来源' })
  @ApiOkResponse({ type: Holding, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({ 404: ['unknown-holding'], ...NOT_UP_TO_DATE })
  holding(
    @Param('id') id: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<Reflecting<Holding>> {
    return this.queries.execute(new AskHolding(id, query, scope));
  }

  @Get('projects/:id')
  @ApiOperation({ summary: '一个项目及其公示' })
  @ApiOkResponse({ type: Project, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({ 404: ['unknown-project'], ...NOT_UP_TO_DATE })
  project(
    @Param('id') id: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<Reflecting<Project>> {
    return this.queries.execute(new AskProject(id, query, scope));
  }

  @Get('counties/:code/trail')
  @UseInterceptors(CostlyQuestions)
  @ApiOperation({ summary: '一个区划的完整资金轨迹' })
  @ApiOkResponse({ type: Trail, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({
    ...{ ...OUTSIDE, ...COSTLY, ...NAMES_PERSONS },
    ...{ 400: ['bad-cursor'], 404: ['unknown-region'] },
  })
  trail(
    @Param('code') code: string,
    @Query() query: TrailQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<Reflecting<Trail>> {
    return this.queries.execute(new AskTrail(code, query, scope, officerOf(asker)));
  }

  @Get('counties/:code/summary')
  @ApiOperation({ summary: '一个区划的收支汇总' })
  @ApiOkResponse({ type: Summary, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({ ...OUTSIDE, 404: ['unknown-region'], ...NOT_UP_TO_DATE })
  summary(
    @Param('code') code: string,
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<Reflecting<Summary>> {
    return this.queries.execute(new AskSummary(code, query, scope));
  }

  @Get('trace/:id')
  @UseInterceptors(CostlyQuestions)
  @ApiOperation({ summary: '追踪资金的去向或来源' })
  @ApiOkResponse({ type: Trace, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({ 400: ['bad-cursor'], 404: ['unknown-record'], ...COSTLY, ...NAMES_PERSONS })
  trace(
    @Param('id') id: string,
    @Query() query: TraceQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<Reflecting<Trace>> {
    return this.queries.execute(new AskTrace(id, query, scope, officerOf(asker)));
  }

  @Get('alerts')
  @ApiOperation({ summary: '闲置资金等预警' })
  @ApiOkResponse({ type: Alerts, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({
    ...OUTSIDE,
    400: ['bad-cursor', 'unknown-rule'],
    404: ['unknown-region'],
    ...NOT_UP_TO_DATE,
  })
  alerts(@Query() query: AlertsQuery, @Within() scope: Scope): Promise<Reflecting<Alerts>> {
    return this.queries.execute(new AskAlerts(query, scope));
  }

  @Get('trial-balance')
  @May('ask-whole-ledger')
  @UseInterceptors(CostlyQuestions)
  @ApiOperation({ summary: '全账试算平衡' })
  @ApiOkResponse({ type: TrialBalance, headers: SAYS_POSITION })
  @UseInterceptors(SayPosition)
  @Fails({ ...OUTSIDE, ...COSTLY, ...NOT_UP_TO_DATE })
  trialBalance(
    @Query() query: TimeQuery,
    @Within() scope: Scope,
  ): Promise<Reflecting<TrialBalance>> {
    return this.queries.execute(new AskTrialBalance(query, scope));
  }

  @Get('events')
  @ApiOperation({ summary: '账本记录，按位置' })
  @ApiOkResponse({ type: Events })
  events(
    @Query() query: EventsQuery,
    @Within() scope: Scope,
    @Asker() asker: Principal,
  ): Promise<Events> {
    const oversight = scopeOf(asker, 'read-oversight', Date.now());
    return this.queries.execute(new AskEvents(query, scope, oversight));
  }
}
