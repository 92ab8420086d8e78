import { Body, Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { parseRegion } from '@fundflow/domain/region';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import { FactorDemands } from '../sign-in/factor-demands.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';
import { accountScopeOf } from '../accounts/account-scope.js';
import { officerOf, type Principal } from '../principal.js';
import { recordedFirst } from '../recorded-first.js';
import { badRegion, badSecondFactor, ownAccount, tooManyAttempts } from '../refusals.js';
import { SecondFactors } from '../sign-in/second-factors.js';
import type { Scope } from '../scope.js';
import { Sessions } from '../sign-in/sessions.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { Asker } from './asker.js';
import { EnrolmentAnswer, FactorDemandsAnswer, RecoveryCodesAnswer } from './answers.js';
import { AskedPassword } from './asked-password.js';
import { FactorDemandsBody, OwnPasswordBody, SecondFactorCodeBody } from './bodies.js';
import { IdentitySettings } from './identity-settings.js';
import { May } from './may.js';
import { sessionCookie } from './session-cookie.js';
import { assertWithin } from './users.controller.js';
import { Within } from './within.js';

const PASSWORD = { 401: ['bad-credentials'], 429: ['too-many-attempts'], 503: ['busy'] } as const;
const CODE = { 401: ['bad-second-factor'], 429: ['too-many-attempts'] } as const;

/** The second factor of one's own account, who has to have one, and what helps when it is lost. */
@ApiTags('session')
@Controller('api/v1')
export class SecondFactorController {
  constructor(
    private readonly factors: SecondFactors,
    private readonly demands: FactorDemands,
    private readonly sessions: Sessions,
    private readonly users: UserDirectory,
    private readonly throttle: LoginThrottle,
    private readonly asked: AskedPassword,
    private readonly settings: IdentitySettings,
    private readonly idempotency: Idempotency,
  ) {}

  @Post('session/second-factor')
  @May('manage-own-account')
  @ApiOperation({
    summary: '绑定动态口令（须再次输入密码）：密钥只出示一次，须以第一个动态口令确认',
  })
  @ApiCreatedResponse({ type: EnrolmentAnswer })
  @Fails({ ...PASSWORD, 409: ['second-factor-enrolled'] })
  async begin(
    @Asker() asker: Principal,
    @Body() { password }: OwnPasswordBody,
    @Req() request: EdgeRequest,
  ): Promise<EnrolmentAnswer> {
    this.idempotency.doNotKeepAnswer(request);
    const { succeeded } = await this.asked.of(asker.login, password, request.ip);
    succeeded();
    return this.factors.begin(asker.actorId, asker.login);
  }

  @Post('session/second-factor/confirmation')
  @HttpCode(200)
  @May('manage-own-account')
  @ApiOperation({
    summary: '确认绑定，得到一次性恢复码（只出示一次）；其他会话随即失效，本会话换新',
  })
  @ApiOkResponse({ type: RecoveryCodesAnswer })
  @Fails({ ...CODE, 409: ['second-factor-enrolled', 'second-factor-not-begun'] })
  async confirm(
    @Asker() asker: Principal,
    @Body() body: SecondFactorCodeBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<RecoveryCodesAnswer> {
    this.idempotency.doNotKeepAnswer(request);
    const begunMs = this.#begin(asker, request);
    const recoveryCodes = await this.factors.confirm(asker.actorId, body.code, (manager) =>
      this.sessions.endAllOf(manager, asker.actorId),
    );
    this.sessions.forget(asker.actorId);
    this.throttle.succeeded(asker.login, request.ip, begunMs);
    const { token } = await this.sessions.open(asker.actorId, request.ip, true);
    void reply.header('set-cookie', sessionCookie(token, this.settings.overTls));
    return { recoveryCodes };
  }

  @Delete('session/second-factor')
  @HttpCode(204)
  @May('manage-own-account')
  @ApiOperation({ summary: '解除绑定，须再出示一次动态口令' })
  @ApiNoContentResponse()
  @Fails({ ...CODE, 409: ['second-factor-not-begun'] })
  async remove(
    @Asker() asker: Principal,
    @Body() body: SecondFactorCodeBody,
    @Req() request: EdgeRequest,
  ): Promise<void> {
    const begunMs = this.#begin(asker, request);
    if (!(await this.factors.verify(asker.actorId, body.code))) {
      await this.users.recordRefusal(asker.login, request.ip);
      throw badSecondFactor();
    }
    this.throttle.succeeded(asker.login, request.ip, begunMs);
    await this.factors.remove(asker.actorId, asker.actorId);
    await this.users.endSessionsOf(asker.actorId);
  }

  @Delete('users/:id/second-factor')
  @HttpCode(204)
  @May('manage-users')
  @ApiOperation({ summary: '为丢失设备的用户解除绑定；其会话随即失效' })
  @ApiNoContentResponse()
  @Fails({
    ...{ 403: ['out-of-jurisdiction'], 404: ['no-such-user'] },
    409: ['own-account', 'second-factor-not-begun'],
  })
  async reset(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
  ): Promise<void> {
    assertWithin((await this.users.find(id)).region, scope);
    const reach = accountScopeOf(scope, asker);
    const within = this.users.within(reach);
    const user = await within.find(id);
    // Of an administrator it is part of a new password, which another administrator approves.
    if (id === asker.actorId || user.roles.includes('admin')) throw ownAccount();
    await this.factors.within(reach).remove(id, asker.actorId);
    await within.endSessionsOf(id);
  }

  @Get('settings/second-factor')
  @May('manage-settings')
  @ApiOperation({ summary: '须使用第二因素的角色' })
  @ApiOkResponse({ type: FactorDemandsAnswer })
  async shown(@Asker() asker: Principal): Promise<FactorDemandsAnswer> {
    return { demands: await this.demands.of(asker.region) };
  }

  @Put('settings/second-factor')
  @HttpCode(204)
  @May('manage-settings')
  @ApiOperation({ summary: '设定本管辖地区内须使用第二因素的角色' })
  @ApiNoContentResponse()
  @Fails({ 403: ['out-of-jurisdiction'], 503: ['not-recorded'] })
  async demand(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Body() body: FactorDemandsBody,
  ): Promise<void> {
    const region = parseRegion(body.region);
    if (region === null) throw badRegion();
    assertWithin(region, scope);
    const data = { setting: 'second-factor-roles', appliesTo: region, value: body.roles.join(',') };
    await this.demands.within(accountScopeOf(scope, asker)).set(region, body.roles, async () => {
      await recordedFirst(
        this.settings.oversight.record(officerOf(asker), {
          type: 'SettingChanged',
          data: { ...data, validFrom: null, basis: body.basis },
        }),
      );
    });
  }

  #begin(asker: Principal, request: EdgeRequest): number {
    const nowMs = this.settings.now().getTime();
    const waitSeconds = this.throttle.begin(asker.login, request.ip, nowMs);
    if (waitSeconds > 0) throw tooManyAttempts(waitSeconds);
    return nowMs;
  }
}
