import { Body, Controller, Post, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Public } from '@fundflow/nest-edge/public-route';
import { FirstStart } from '../accounts/first-start.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';
import { tooManyAttempts } from '../refusals.js';
import { SetUpAnswer } from './answers.js';
import { SetUpBody } from './bodies.js';
import { IdentitySettings } from './identity-settings.js';

const THROTTLED_AS = '(setup)';

/** Creates the first administrator with the token that was printed at start. Closed as soon as a person exists. */
@ApiTags('session')
@Public()
@Controller('api/v1/setup')
export class SetupController {
  constructor(
    private readonly firstStart: FirstStart,
    private readonly throttle: LoginThrottle,
    private readonly settings: IdentitySettings,
  ) {}

  @Post()
  @ApiOperation({ summary: '首次启动：以一次性口令创建管理员' })
  @ApiCreatedResponse({ type: SetUpAnswer })
  @Fails({
    ...{ 400: ['weak-password'], 401: ['bad-setup-token'], 409: ['set-up-already'] },
    ...{ 429: ['too-many-attempts'], 503: ['busy'] },
  })
  async setUp(@Body() body: SetUpBody, @Req() request: EdgeRequest): Promise<{ user: string }> {
    const { ip } = request;
    const begunMs = this.settings.now().getTime();
    const waitSeconds = this.throttle.begin(THROTTLED_AS, ip, begunMs);
    if (waitSeconds > 0) throw tooManyAttempts(waitSeconds);
    const { user, password } = body;
    const created = await this.firstStart.setUp(body.token, { user, password });
    this.throttle.succeeded(THROTTLED_AS, ip, begunMs);
    return { user: created.login };
  }
}
