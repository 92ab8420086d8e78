import { Body, Controller, Delete, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Public } from '@fundflow/nest-edge/public-route';
import { normalisedLogin } from '../accounts/account-values.js';
import { actionsOf } from '../policy.js';
import type { Principal } from '../principal.js';
import { badCredentials, badSecondFactor, codeNeeded } from '../refusals.js';
import { SecondFactors } from '../sign-in/second-factors.js';
import { Sessions } from '../sign-in/sessions.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { AskedPassword, type Known } from './asked-password.js';
import { OpenedSessionAnswer, OwnSessionsAnswer, WhoAmIAnswer } from './answers.js';
import { ChangePasswordBody, OwnPasswordBody, OpenSessionBody } from './bodies.js';
import { IdentitySettings } from './identity-settings.js';
import { May } from './may.js';
import { Asker } from './asker.js';
import { endedSessionCookie, sessionCookie, sessionToken } from './session-cookie.js';

function whoAmI(principal: Principal): WhoAmIAnswer {
  const { login, actorId, roles, region, unit, cases, ...must } = principal;
  const { mustChangePassword, mustShowSecondFactor } = must;
  const held = mustChangePassword || mustShowSecondFactor;
  const actions = held ? (['manage-own-account'] as const) : actionsOf(principal);
  const shown = { mustChangePassword, mustShowSecondFactor, cases };
  return { user: login, id: actorId, roles, region, unit, actions, ...shown };
}

const SIGN_IN = {
  401: ['bad-credentials'],
  429: ['too-many-attempts'],
  503: ['busy'],
} as const;

/** What the browser throws away at the end of a session: what it was shown is nobody's business any more. */
const LEFT_BEHIND = '"cache", "storage"';

@ApiTags('session')
@Controller('api/v1/session')
export class SessionController {
  constructor(
    private readonly users: UserDirectory,
    private readonly sessions: Sessions,
    private readonly asked: AskedPassword,
    private readonly settings: IdentitySettings,
    private readonly factors: SecondFactors,
  ) {}

  @Post()
  @Public()
  @ApiOperation({ summary: '登录：设置会话 Cookie（闲置 15 分钟、最长 8 小时）' })
  @ApiCreatedResponse({ type: OpenedSessionAnswer })
  @Fails({
    ...SIGN_IN,
    401: [...SIGN_IN[401], 'second-factor-required', 'bad-second-factor'],
  })
  async open(
    @Body() body: OpenSessionBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<OpenedSessionAnswer> {
    const { known, secondFactor } = await this.#verified(body, request.ip);
    const earlier = sessionToken(request.headers.cookie, this.settings.overTls);
    if (earlier !== null) await this.sessions.end(earlier, request.ip);
    const session = await this.sessions.openWith(known, request.ip, secondFactor);
    if (session === null) return this.asked.refused(body.user, request.ip);
    known.succeeded();
    void reply.header('set-cookie', sessionCookie(session.token, this.settings.overTls));
    const principal = await this.sessions.recognise(session.token);
    if (principal === null) throw badCredentials();
    return { ...whoAmI(principal), expiresAt: session.expiresAt.toISOString() };
  }

  @Get()
  @May('manage-own-account')
  @ApiOperation({ summary: '当前用户' })
  @ApiOkResponse({ type: WhoAmIAnswer })
  show(@Asker() asker: Principal): WhoAmIAnswer {
    return whoAmI(asker);
  }

  /** Open to everybody: who has no session any more wants to be rid of the cookie all the same. */
  @Delete()
  @Public()
  @HttpCode(204)
  @ApiOperation({ summary: '退出登录' })
  @ApiNoContentResponse()
  async end(
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<void> {
    const token = sessionToken(request.headers.cookie, this.settings.overTls);
    if (token !== null) await this.sessions.end(token, request.ip);
    void reply
      .header('set-cookie', endedSessionCookie(this.settings.overTls))
      .header('clear-site-data', LEFT_BEHIND);
  }

  @Get('all')
  @May('manage-own-account')
  @ApiOperation({ summary: '自己当前的全部会话' })
  @ApiOkResponse({ type: OwnSessionsAnswer })
  async all(@Asker() asker: Principal, @Req() request: EdgeRequest): Promise<OwnSessionsAnswer> {
    const token = sessionToken(request.headers.cookie, this.settings.overTls);
    const sessions = await this.sessions.of(asker.actorId, token);
    return {
      sessions: sessions.map(({ openedAt, lastSeenAt, expiresAt, ...rest }) => ({
        ...rest,
        openedAt: openedAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      })),
    };
  }

  @Post('end-others')
  @May('manage-own-account')
  @HttpCode(204)
  @ApiOperation({ summary: '退出自己的其他全部会话（须再次输入密码）' })
  @ApiNoContentResponse()
  @Fails(SIGN_IN)
  async endOthers(
    @Body() { password }: OwnPasswordBody,
    @Asker() asker: Principal,
    @Req() request: EdgeRequest,
  ): Promise<void> {
    const { user, succeeded } = await this.asked.of(asker.login, password, request.ip);
    const token = sessionToken(request.headers.cookie, this.settings.overTls);
    await this.sessions.endOthersOf(user.id, token, request.ip);
    succeeded();
  }

  @Put('password')
  @May('manage-own-account')
  @HttpCode(204)
  @ApiOperation({ summary: '修改自己的密码：其他会话随即失效' })
  @ApiNoContentResponse()
  @Fails({ ...SIGN_IN, 400: ['weak-password'] })
  async changePassword(
    @Body() body: ChangePasswordBody,
    @Asker() asker: Principal,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<void> {
    const known = await this.asked.of(asker.login, body.current, request.ip);
    const { user, succeeded } = known;
    const token = sessionToken(request.headers.cookie, this.settings.overTls);
    // A new password is no second factor: what the session had shown it goes on with, and no more.
    const asking = (await this.sessions.of(user.id, token)).find(({ isThis }) => isThis);
    const passwordHash = await this.users.replacePassword(known, body.password);
    if (passwordHash === null) return this.asked.refused(asker.login, request.ip);
    const shown = asking?.secondFactor ?? false;
    const session = await this.sessions.openWith({ user, passwordHash }, request.ip, shown);
    if (session === null) return this.asked.refused(asker.login, request.ip);
    succeeded();
    void reply.header('set-cookie', sessionCookie(session.token, this.settings.overTls));
  }

  /** The password first, then the code: a stranger does not learn who has a second factor. */
  async #verified(
    { user: login, password, code }: OpenSessionBody,
    address: string,
  ): Promise<{ known: Known; secondFactor: boolean }> {
    const known = await this.asked.of(login, password, address);
    const { user } = known;
    const name = normalisedLogin(login);
    const enrolled = await this.asked.judged(name, address, this.factors.isEnrolled(user.id));
    // Counts as an attempt: else the password alone would wipe out failed codes.
    if (enrolled && code === undefined) throw codeNeeded();
    if (enrolled && !(await this.factors.verify(user.id, code ?? ''))) {
      await this.users.recordRefusal(login, address);
      throw badSecondFactor();
    }
    return { known, secondFactor: enrolled };
  }
}
