import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { parseRegion } from '@fundflow/domain/region';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import type { Grant } from '../accounts/grant.js';
import { accountScopeOf } from '../accounts/account-scope.js';
import { type GrantPlace, Grants, GRANTS_PAGE } from '../accounts/grants.js';
import type { IssuedToken } from '../sign-in/bearer-tokens.js';
import type { Principal } from '../principal.js';
import { badRegion, badUntil, notAnInspector } from '../refusals.js';
import type { Scope } from '../scope.js';
import type { User } from '../accounts/user.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { Asker } from './asker.js';
import { ApprovedAnswer, GrantAnswer, GrantsAnswer } from './answers.js';
import { CaseGrantBody, ListQuery } from './bodies.js';
import { IdentitySettings } from './identity-settings.js';
import { May } from './may.js';
import { assertWithin, type WithPassword } from './users.controller.js';
import { Within } from './within.js';

const CURSOR = 'grants/2';
const DAY_MS = 24 * 3_600_000;
/** A case that takes longer is granted anew: somebody then looks at it again. */
const CASE_DAYS_MAX = 180;

const UNDECIDABLE = {
  403: ['second-person-needed', 'out-of-jurisdiction'],
  404: ['no-such-grant', 'no-such-user'],
  503: ['not-recorded', 'busy'],
} as const;

/** What two persons decide: proposals, and regions opened for a case until a moment. */
@ApiTags('grants')
@Controller('api/v1/grants')
export class GrantsController {
  constructor(
    private readonly grants: Grants,
    private readonly users: UserDirectory,
    private readonly settings: IdentitySettings,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @May('decide-grants')
  @ApiOperation({ summary: '待批准和已决定的授权，最新的在前' })
  @ApiOkResponse({ type: GrantsAnswer })
  @Fails({ 400: ['bad-cursor'] })
  async list(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Query() query: ListQuery,
  ): Promise<{ grants: Grant[]; next: string | null }> {
    const after = query.cursor ? decodeCursor<GrantPlace>(CURSOR, query.cursor) : null;
    const grants = await this.#of(asker, scope).list(asker, after);
    const last = grants.length === GRANTS_PAGE ? grants.at(-1) : undefined;
    const place = last && { proposedAt: last.proposedAt.toISOString(), id: last.id };
    return { grants, next: place ? encodeCursor(CURSOR, place) : null };
  }

  @Post('cases')
  @May('manage-users')
  @ApiOperation({ summary: '申请为某案件向检查人员开放其他地区，由上级检查人员批准' })
  @ApiCreatedResponse({ type: GrantAnswer })
  @Fails({
    ...{ 403: ['out-of-jurisdiction'], 404: ['no-such-user'], 409: ['not-an-inspector'] },
    503: ['not-recorded'],
  })
  async proposeCase(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Body() body: CaseGrantBody,
  ): Promise<Grant> {
    assertWithin((await this.users.find(body.userId)).region, scope);
    const user = await this.users.within(accountScopeOf(scope, asker)).find(body.userId);
    if (!user.roles.includes('inspector') || user.roles.includes('system')) throw notAnInspector();
    const region = parseRegion(body.region);
    if (region === null) throw badRegion();
    const until = new Date(body.until);
    const aheadMs = until.getTime() - this.settings.now().getTime();
    if (!(aheadMs > 0 && aheadMs <= CASE_DAYS_MAX * DAY_MS)) throw badUntil(CASE_DAYS_MAX);
    const { caseId, reason } = body;
    const terms = { kind: 'case', accountId: user.id, region, terms: {} } as const;
    return this.#of(asker, scope).propose(asker, { ...terms, caseId, until, reason });
  }

  @Post(':id/approval')
  @HttpCode(200)
  @May('decide-grants')
  @ApiOperation({ summary: '批准（须由提出人以外的另一人）' })
  @ApiOkResponse({ type: ApprovedAnswer })
  @Fails({
    ...UNDECIDABLE,
    409: ['already-decided', 'proposal-lapsed', 'login-taken', 'not-a-system', 'own-account'],
  })
  async approve(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
    @Req() request: EdgeRequest,
  ): Promise<{ grant: Grant; user: User | null; token?: IssuedToken } & WithPassword> {
    const { grant, user, password, token } = await this.#of(asker, scope).approve(asker, id);
    if (password === null && token === null) return { grant, user };
    this.idempotency.doNotKeepAnswer(request);
    const shown = { ...(password === null ? {} : { password }), ...(token ? { token } : {}) };
    return { grant, user, ...shown };
  }

  @Delete(':id')
  @HttpCode(200)
  @May('decide-grants')
  @ApiOperation({ summary: '否决、撤回，或提前终止案件授权' })
  @ApiOkResponse({ type: GrantAnswer })
  @Fails({ ...UNDECIDABLE, 409: ['already-decided'] })
  revoke(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
  ): Promise<Grant> {
    return this.#of(asker, scope).revoke(asker, id);
  }

  #of(asker: Principal, scope: Scope): Grants {
    return this.grants.within(accountScopeOf(scope, asker));
  }
}
