import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import { accountScopeOf } from '../accounts/account-scope.js';
import { regionPrefix } from '../accounts/account-values.js';
import { Administrators } from '../accounts/administrators.js';
import type { Grant } from '../accounts/grant.js';
import { Grants } from '../accounts/grants.js';
import { BearerTokens, type IssuedToken, type TokenSummary } from '../sign-in/bearer-tokens.js';
import type { Principal } from '../principal.js';
import { noSuchToken, notASystem } from '../refusals.js';
import type { Scope } from '../scope.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { IssuedTokenAnswer, ProposedAnswer, TokensAnswer } from './answers.js';
import { IssueTokenBody } from './bodies.js';
import { May } from './may.js';
import { Asker } from './asker.js';
import { assertWithin } from './users.controller.js';
import { Within } from './within.js';

/**
 * Bearer tokens of systems in one's own jurisdiction: two administrators issue one, either revokes it. Persons have
 * sessions: what they do needs their presence.
 */
@ApiTags('tokens')
@May('manage-users')
@Controller('api/v1/tokens')
export class TokensController {
  constructor(
    private readonly users: UserDirectory,
    private readonly tokens: BearerTokens,
    private readonly grants: Grants,
    private readonly administrators: Administrators,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: '有效的令牌（不含令牌本身）' })
  @ApiOkResponse({ type: TokensAnswer })
  async list(
    @Asker() asker: Principal,
    @Within() scope: Scope,
  ): Promise<{ tokens: TokenSummary[] }> {
    const within = this.tokens.within(accountScopeOf(scope, asker));
    return { tokens: await within.inForce(regionPrefix(asker.region)) };
  }

  @Post()
  @ApiOperation({
    summary: '为系统账户签发令牌，须由另一位管理员批准：批准时生成，只向批准人出示一次',
  })
  @ApiCreatedResponse({ type: IssuedTokenAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({
    ...{ 403: ['out-of-jurisdiction'], 404: ['no-such-user'], 409: ['not-a-system'] },
    503: ['not-recorded'],
  })
  async issue(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Body() body: IssueTokenBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<IssuedToken | { grant: Grant }> {
    assertWithin((await this.users.find(body.userId)).region, scope);
    const reach = accountScopeOf(scope, asker);
    const user = await this.users.within(reach).find(body.userId);
    if (!user.roles.includes('system')) throw notASystem();
    const { id: accountId, region } = user;
    const terms = { name: body.name, days: body.days };
    const proposal = { kind: 'issue-token', accountId, region, terms } as const;
    const grants = this.grants.within(reach);
    // Whoever is shown a token may do with it what the system may.
    if (!(await this.administrators.standsAlone(asker, region))) {
      const grant = await grants.propose(asker, proposal);
      void reply.code(202);
      return { grant };
    }
    const { token } = await grants.actAlone(asker, proposal);
    if (token === null) throw new Error('a token that was issued is missing');
    this.idempotency.doNotKeepAnswer(request);
    return token;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: '吊销令牌（一人即可）' })
  @ApiNoContentResponse()
  @Fails({ 403: ['out-of-jurisdiction'], 404: ['no-such-token'] })
  async revoke(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
  ): Promise<void> {
    const owner = await this.tokens.ownerOf(id);
    if (owner === null) throw noSuchToken();
    assertWithin((await this.users.find(owner)).region, scope);
    await this.tokens.within(accountScopeOf(scope, asker)).revoke(id, asker.actorId);
  }
}
