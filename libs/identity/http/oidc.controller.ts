import { Body, Controller, Delete, Get, HttpCode, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { Public } from '@fundflow/nest-edge/public-route';
import { OIDC_CALLBACK, OidcSignIn, SIGN_IN_MS_MAX } from '../sign-in/oidc-sign-in.js';
import type { Principal } from '../principal.js';
import { codeNeeded, notConnected } from '../refusals.js';
import { SecondFactors } from '../sign-in/second-factors.js';
import { Sessions } from '../sign-in/sessions.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { AskedPassword } from './asked-password.js';
import { Asker } from './asker.js';
import { OidcCallbackQuery, OwnPasswordBody } from './bodies.js';
import { IdentitySettings } from './identity-settings.js';
import { May } from './may.js';
import { sessionCookie, sessionToken } from './session-cookie.js';

const COOKIE = 'fundflow_oidc';
/** Over TLS no page that came without it can set or replace it (RFC 6265bis). */
const COOKIE_OVER_TLS = `__Secure-${COOKIE}`;
const nameOf = (overTls: boolean): string => (overTls ? COOKIE_OVER_TLS : COOKIE);

/** The token among the cookies of a request, else null. */
function keptToken(cookieHeader: string | undefined, overTls: boolean): string | null {
  const kept = new RegExp(`(?:^|;\\s*)${nameOf(overTls)}=([A-Za-z0-9_-]{43})(?:;|$)`);
  return kept.exec(cookieHeader ?? '')?.[1] ?? null;
}
const AFTERWARDS = '/';
const PASSWORD = { 401: ['bad-credentials'], 429: ['too-many-attempts'], 503: ['busy'] } as const;

class LinkAnswer {
  @ApiProperty({ format: 'uri', description: '身份认证系统的地址' }) location: string;
}

/** Sign-in by the bureau's own identity provider. */
@ApiTags('session')
@Controller('api/v1/session/oidc')
export class OidcController {
  constructor(
    private readonly signIn: OidcSignIn,
    private readonly users: UserDirectory,
    private readonly sessions: Sessions,
    private readonly factors: SecondFactors,
    private readonly settings: IdentitySettings,
    private readonly asked: AskedPassword,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @Public()
  @HttpCode(303)
  @ApiOperation({ summary: '以本单位的身份认证系统登录' })
  async begin(@Res({ passthrough: true }) reply: EdgeReply): Promise<void> {
    void reply.header('location', await this.#begun(reply, null));
  }

  @Post('link')
  @May('manage-own-account')
  @ApiOperation({
    summary: '将本单位的身份与自己的账户关联（须再次输入密码）：浏览器随后前往所给地址',
  })
  @ApiCreatedResponse({ type: LinkAnswer })
  @Fails({ ...PASSWORD, 503: [...PASSWORD[503], 'identity-provider-unavailable'] })
  async link(
    @Asker() asker: Principal,
    @Body() { password }: OwnPasswordBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<LinkAnswer> {
    this.idempotency.doNotKeepAnswer(request);
    await this.#asked(asker, password, request);
    return { location: await this.#begun(reply, asker.actorId) };
  }

  @Delete('link')
  @HttpCode(204)
  @May('manage-own-account')
  @ApiOperation({ summary: '解除关联（须再次输入密码）' })
  @ApiNoContentResponse()
  @Fails(PASSWORD)
  async unlink(
    @Asker() asker: Principal,
    @Body() { password }: OwnPasswordBody,
    @Req() request: EdgeRequest,
  ): Promise<void> {
    await this.#asked(asker, password, request);
    await this.signIn.unlink(asker.actorId);
  }

  @Get('callback')
  @Public()
  @HttpCode(303)
  @ApiOperation({ summary: '身份认证系统返回的地址' })
  async callback(
    // Looked at as a whole by the library; validated here like every query.
    @Query() _query: OidcCallbackQuery,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<void> {
    const kept = keptToken(request.headers.cookie, this.settings.overTls);
    const search = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
    const identity = await this.signIn.complete(search, kept);
    const cookies = [this.#cookie('', 0)];
    if (identity.linkUserId !== null) await this.signIn.link(identity.linkUserId, identity);
    else {
      const userId = await this.signIn.userOf(identity);
      const user = userId === null ? null : await this.users.find(userId);
      if (user === null || user.disabled) throw notConnected();
      // The own second factor is not got round by a provider that asks for none.
      if (!identity.secondFactor && (await this.factors.isEnrolled(user.id))) throw codeNeeded();
      const earlier = sessionToken(request.headers.cookie, this.settings.overTls);
      if (earlier !== null) await this.sessions.end(earlier, request.ip);
      const session = await this.sessions.open(user.id, request.ip, identity.secondFactor);
      cookies.push(sessionCookie(session.token, this.settings.overTls));
    }
    void reply.header('set-cookie', cookies).header('location', AFTERWARDS);
  }

  async #asked(asker: Principal, password: string, request: EdgeRequest): Promise<void> {
    (await this.asked.of(asker.login, password, request.ip)).succeeded();
  }

  /** Gives the address at the provider, and the browser what it comes back with. */
  async #begun(reply: EdgeReply, linkUserId: string | null): Promise<string> {
    const { url, browserToken } = await this.signIn.begin(linkUserId);
    void reply.header('set-cookie', this.#cookie(browserToken, SIGN_IN_MS_MAX / 1000));
    return url;
  }

  /** Lax: the provider sends the browser back from another site, and `Strict` would not come along. */
  #cookie(token: string, seconds: number): string {
    const secure = this.settings.overTls ? '; Secure' : '';
    const fixed = `Path=${OIDC_CALLBACK}; HttpOnly; SameSite=Lax; Max-Age=${seconds}`;
    return `${nameOf(this.settings.overTls)}=${token}; ${fixed}${secure}`;
  }
}
