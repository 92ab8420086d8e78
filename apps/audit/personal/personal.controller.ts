import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Req,
  UseInterceptors,
} from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Asker } from '@fundflow/identity/http/asker';
import { CostlyQuestions } from '@fundflow/identity/http/costly-questions';
import { May } from '@fundflow/identity/http/may';
import { Within } from '@fundflow/identity/http/within';
import type { Principal } from '@fundflow/identity/principal';
import { Scope } from '@fundflow/identity/scope';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import {
  ErasureList,
  ErasureState,
  FoundPeople,
  HoldAnswer,
  RestrictionAnswer,
  Unmasked,
} from './answers.js';
import { approveErasure, listErasures, proposeErasure } from './erasures.js';
import { liftHold, liftRestriction, restrict, setHold } from './measures.js';
import { PersonalDesk } from './personal-desk.js';
import { ErasureBody, HoldBody, RestrictionBody, SearchBody, UnmaskBody } from './requests.js';
import { searchPeople } from './search.js';
import { unmask } from './unmask.js';

const UNKNOWN_PERSON = {
  404: ['unknown-person'],
  410: ['erased'],
  503: ['not-recorded'],
} as const;
const UNKNOWN_MEASURE = { 404: ['unknown-measure'], 503: ['not-recorded'] } as const;
const NEVER_KEPT = ['cache-control', 'no-store'] as const;

/** Personal data: one field shown, people searched for, data held, restricted and erased. Every call is an event. */
@ApiTags('personal')
@Controller('api/v1/personal')
export class PersonalController {
  constructor(
    private readonly desk: PersonalDesk,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('search')
  @HttpCode(200)
  @May('search-people')
  @UseInterceptors(CostlyQuestions)
  @Header(...NEVER_KEPT)
  @ApiOperation({ summary: '按证件号码、账号或姓名（限县内）查找个人收款记录，结果遮盖' })
  @ApiOkResponse({ type: FoundPeople })
  @Fails({
    400: ['bad-search'],
    403: ['out-of-jurisdiction'],
    404: ['unknown-region'],
    429: ['too-many-questions'],
    500: ['personal-data-altered'],
    503: ['not-up-to-date', 'not-recorded'],
  })
  search(
    @Body() body: SearchBody,
    @Asker() by: Principal,
    @Within() scope: Scope,
    @Req() request: EdgeRequest,
  ): Promise<FoundPeople> {
    this.idempotency.doNotKeepAnswer(request);
    return searchPeople(this.desk, { by, scope }, body);
  }

  @Post('erasures')
  @May('propose-erasure')
  @ApiOperation({ summary: '申请删除某人的个人信息（须由另一人批准）' })
  @ApiCreatedResponse({ type: ErasureState })
  @Fails(UNKNOWN_PERSON)
  propose(
    @Body() body: ErasureBody,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<ErasureState> {
    return proposeErasure(this.desk, { by, scope }, body);
  }

  @Get('erasures')
  @May('propose-erasure')
  @ApiOperation({ summary: '删除申请，最新的在前' })
  @ApiOkResponse({ type: ErasureList })
  async erasures(@Within() scope: Scope): Promise<ErasureList> {
    return { erasures: await listErasures(this.desk, scope) };
  }

  @Post('erasures/:id/approval')
  @HttpCode(200)
  @May('decide-erasure')
  @ApiOperation({ summary: '批准删除：销毁密钥和内容；保存期未满的改为限制处理' })
  @ApiOkResponse({ type: ErasureState })
  @Fails({
    403: ['second-person-needed', 'out-of-jurisdiction'],
    404: ['unknown-erasure'],
    409: ['already-decided', 'legal-hold', 'posting-under-way', 'too-many-entries'],
    503: ['not-recorded'],
  })
  approve(
    @Param('id', UUID_PART) id: string,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<ErasureState> {
    return approveErasure(this.desk, { by, scope }, id);
  }

  @Post('holds')
  @May('decide-erasure')
  @ApiOperation({ summary: '保全：某案期间不得删除' })
  @ApiCreatedResponse({ type: HoldAnswer })
  @Fails(UNKNOWN_PERSON)
  hold(
    @Body() body: HoldBody,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<HoldAnswer> {
    return setHold(this.desk, { by, scope }, body);
  }

  @Delete('holds/:id')
  @HttpCode(204)
  @May('decide-erasure')
  @ApiOperation({ summary: '解除保全' })
  @ApiNoContentResponse()
  @Fails({ 403: ['out-of-jurisdiction'], ...UNKNOWN_MEASURE })
  unhold(
    @Param('id', UUID_PART) id: string,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<void> {
    return liftHold(this.desk, { by, scope }, id);
  }

  @Post('restrictions')
  @May('decide-erasure')
  @ApiOperation({ summary: '限制处理：保存但不再显示' })
  @ApiCreatedResponse({ type: RestrictionAnswer })
  @Fails(UNKNOWN_PERSON)
  restrict(
    @Body() body: RestrictionBody,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<RestrictionAnswer> {
    return restrict(this.desk, { by, scope }, body);
  }

  @Delete('restrictions/:id')
  @HttpCode(204)
  @May('decide-erasure')
  @ApiOperation({ summary: '解除限制处理' })
  @ApiNoContentResponse()
  @Fails({ 403: ['out-of-jurisdiction'], ...UNKNOWN_MEASURE })
  unrestrict(
    @Param('id', UUID_PART) id: string,
    @Asker() by: Principal,
    @Within() scope: Scope,
  ): Promise<void> {
    return liftRestriction(this.desk, { by, scope }, id);
  }

  @Post(':eventId/unmask')
  @HttpCode(200)
  @May('unmask')
  @Header(...NEVER_KEPT)
  @ApiOperation({ summary: '查看一项个人信息的明文，60 秒；先留痕后显示' })
  @ApiOkResponse({ type: Unmasked })
  @Fails({
    403: ['not-the-callers', 'restricted', 'unmask-limit'],
    404: ['unknown-person', 'opening-missing'],
    410: ['erased'],
    500: ['personal-data-altered'],
    503: ['not-recorded'],
  })
  unmask(
    @Param('eventId', UUID_PART) eventId: string,
    @Body() body: UnmaskBody,
    @Asker() by: Principal,
    @Within() scope: Scope,
    @Req() request: EdgeRequest,
  ): Promise<Unmasked> {
    this.idempotency.doNotKeepAnswer(request);
    return unmask(this.desk, { by, scope }, eventId, body);
  }
}
