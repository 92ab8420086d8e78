import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Fails } from '@fundflow/nest-edge/api-problems';
import { liesIn, parseRegion, type RegionCode } from '@fundflow/domain/region';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { checkedValues } from '../account-values.js';
import { AccessRecords, type ShownRecord } from '../access-records.js';
import type { Grant, Proposal } from '../grant.js';
import { Grants } from '../grants.js';
import { assertStrong, randomPassword } from '../password.js';
import type { Principal } from '../principal.js';
import {
  badRegion,
  notASystem,
  outOfJurisdiction,
  ownAccount,
  passwordByTwo,
} from '../refusals.js';
import { type User, UserDirectory } from '../user-directory.js';
import {
  AccessRecordsAnswer,
  PasswordAnswer,
  ProposedAnswer,
  UserAnswer,
  UsersAnswer,
} from './answers.js';
import { ChangeUserBody, CreateUserBody, ListQuery, SetPasswordBody } from './bodies.js';
import { May } from './may.js';
import { Asker } from './asker.js';

const USERS_CURSOR = 'users/1';
const RECORDS_CURSOR = 'access-records/1';
const PAGE = 100;
const OUTSIDE = ['out-of-jurisdiction'] as const;

/** A password nobody chose, shown this once. */
export interface WithPassword {
  readonly password?: string;
}

/** @throws Problem 403 `out-of-jurisdiction` */
export function assertWithin(region: RegionCode, asker: Principal): void {
  if (!liesIn(region, asker.region)) throw outOfJurisdiction(region);
}

/** A right that is given or moved, and whatever is done to an administrator; taking one away is one person's decision. */
function needsTwo(user: User, change: ChangeUserBody): boolean {
  const { roles, region, disabled } = change;
  return (
    user.roles.includes('admin') ||
    (roles !== undefined && roles.some((role) => !user.roles.includes(role))) ||
    (region !== undefined && parseRegion(region) !== user.region) ||
    disabled === false
  );
}

/** Accounts of one's own jurisdiction. Nobody changes the account one acts with, so an administrator always remains. */
@ApiTags('users')
@May('manage-users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly users: UserDirectory,
    private readonly records: AccessRecords,
    private readonly grants: Grants,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: '本管辖地区的用户，按用户名' })
  @ApiOkResponse({ type: UsersAnswer })
  @Fails({ 400: ['bad-cursor'] })
  async list(
    @Asker() asker: Principal,
    @Query() query: ListQuery,
  ): Promise<{ users: User[]; next: string | null }> {
    const afterLogin =
      query.cursor === undefined ? '' : decodeCursor<string>(USERS_CURSOR, query.cursor);
    const users = await this.users.list(asker.region, { afterLogin, limit: PAGE });
    const last = users.length === PAGE ? users.at(-1) : undefined;
    return { users, next: last === undefined ? null : encodeCursor(USERS_CURSOR, last.login) };
  }

  @Post()
  @ApiOperation({ summary: '新建用户或系统账户，须由另一位管理员批准；人员首次登录须改密码' })
  @ApiCreatedResponse({ type: UserAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({ 400: ['weak-password'], 403: OUTSIDE, 409: ['login-taken', 'not-a-system'] })
  async create(
    @Asker() asker: Principal,
    @Body() body: CreateUserBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<(User & WithPassword) | { grant: Grant }> {
    const { password: given, ...account } = body;
    const { region } = checkedValues(account);
    assertWithin(region, asker);
    if (!(await this.grants.standsAlone(asker, region))) {
      if (given !== undefined) throw passwordByTwo();
      return this.#proposed(reply, asker, {
        ...{ kind: 'create-account', accountId: null, region, terms: account },
      });
    }
    if (given !== undefined && account.roles.includes('system')) throw notASystem();
    if (given !== undefined) assertStrong(given, account);
    const proposal = { kind: 'create-account', accountId: null, region, terms: account } as const;
    const { user, password } = await this.grants.actAlone(asker, proposal, given);
    if (user === null) throw new Error('an account that was created is missing');
    return this.#shownOnce(request, user, given === undefined ? password : null);
  }

  @Patch(':id')
  @ApiOperation({ summary: '改角色、地区、单位，或停用、启用；其会话随即失效' })
  @ApiOkResponse({ type: UserAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({ 403: OUTSIDE, 404: ['no-such-user'], 409: ['own-account', 'login-taken'] })
  async change(
    @Asker() asker: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChangeUserBody,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<User | { grant: Grant }> {
    const user = await this.#other(asker, id);
    const region = body.region === undefined ? user.region : parseRegion(body.region);
    if (region === null) throw badRegion();
    assertWithin(region, asker);
    const proposal = { kind: 'change-account', accountId: id, region, terms: { ...body } } as const;
    if (!needsTwo(user, body)) return this.users.change(id, body, asker.actorId);
    if (await this.grants.standsAlone(asker, user.region)) {
      return (await this.grants.actAlone(asker, proposal)).user as User;
    }
    return this.#proposed(reply, asker, proposal);
  }

  @Post(':id/password')
  @HttpCode(200)
  @ApiOperation({ summary: '重设密码：本人下次登录须修改；管理员的密码须由另一位管理员批准' })
  @ApiOkResponse({ type: PasswordAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({
    ...{ 400: ['weak-password'], 403: OUTSIDE, 404: ['no-such-user'] },
    409: ['own-account', 'not-a-system'],
  })
  async setPassword(
    @Asker() asker: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: SetPasswordBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<({ id: string } & WithPassword) | { grant: Grant }> {
    const user = await this.#other(asker, id);
    if (user.roles.includes('admin')) {
      const { region } = user;
      const proposal = { kind: 'set-password', accountId: id, region, terms: {} } as const;
      return this.#proposed(reply, asker, proposal);
    }
    const generated = body.password === undefined ? randomPassword() : null;
    await this.users.setPassword(id, body.password ?? generated ?? '', asker.actorId);
    return this.#shownOnce(request, { id }, generated);
  }

  @Get(':id/access-records')
  @ApiOperation({ summary: '用户的登录与变更记录，最新的在前' })
  @ApiOkResponse({ type: AccessRecordsAnswer })
  @Fails({ 400: ['bad-cursor'], 403: OUTSIDE, 404: ['no-such-user'] })
  async accessRecords(
    @Asker() asker: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: ListQuery,
  ): Promise<{ records: ShownRecord[]; next: string | null }> {
    assertWithin((await this.users.find(id)).region, asker);
    const before =
      query.cursor === undefined ? null : decodeCursor<string>(RECORDS_CURSOR, query.cursor);
    const records = await this.records.about(id, { before, limit: PAGE });
    const last = records.length === PAGE ? records.at(-1) : undefined;
    const next = last === undefined ? null : encodeCursor(RECORDS_CURSOR, last.position);
    return { records, next };
  }

  async #other(asker: Principal, id: string): Promise<User> {
    const user = await this.users.find(id);
    assertWithin(user.region, asker);
    if (id === asker.actorId) throw ownAccount();
    return user;
  }

  async #proposed(
    reply: EdgeReply,
    asker: Principal,
    proposal: Proposal,
  ): Promise<{ grant: Grant }> {
    const grant = await this.grants.propose(asker, proposal);
    void reply.code(202);
    return { grant };
  }

  #shownOnce<T extends object>(
    request: EdgeRequest,
    answer: T,
    generated: string | null,
  ): T & WithPassword {
    if (generated === null) return answer;
    this.idempotency.doNotKeepAnswer(request);
    return { ...answer, password: generated };
  }
}
