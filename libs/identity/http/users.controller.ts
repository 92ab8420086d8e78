import {
  Body,
  Controller,
  Get,
  HttpCode,
  Param,
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
import { parseRegion, type RegionCode } from '@fundflow/domain/region';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { UUID_PART } from '@fundflow/nest-edge/validation';
import { accountScopeOf } from '../accounts/account-scope.js';
import { checkedValues } from '../accounts/account-values.js';
import { Administrators } from '../accounts/administrators.js';
import { AccessRecords, type ShownRecord } from '../access-records.js';
import type { Grant, Proposal } from '../accounts/grant.js';
import { Grants } from '../accounts/grants.js';
import { assertStrong, randomPassword } from '../sign-in/password.js';
import type { Principal } from '../principal.js';
import type { Scope } from '../scope.js';
import {
  badRegion,
  notASystem,
  outOfJurisdiction,
  ownAccount,
  passwordByTwo,
} from '../refusals.js';
import type { User } from '../accounts/user.js';
import { UserDirectory } from '../accounts/user-directory.js';
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
import { Within } from './within.js';

const USERS_CURSOR = 'users/1';
const RECORDS_CURSOR = 'access-records/1';
const PAGE = 100;
const OUTSIDE = ['out-of-jurisdiction'] as const;

/** A password nobody chose, shown this once. */
export interface WithPassword {
  readonly password?: string;
}

/** @throws Problem 403 `out-of-jurisdiction` */
export function assertWithin(region: RegionCode, scope: Scope): void {
  if (!scope.covers(region)) throw outOfJurisdiction(region);
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
    private readonly administrators: Administrators,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: '本管辖地区的用户，按用户名' })
  @ApiOkResponse({ type: UsersAnswer })
  @Fails({ 400: ['bad-cursor'] })
  async list(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Query() query: ListQuery,
  ): Promise<{ users: User[]; next: string | null }> {
    const afterLogin =
      query.cursor === undefined ? '' : decodeCursor<string>(USERS_CURSOR, query.cursor);
    const within = this.users.within(accountScopeOf(scope, asker));
    const users = await within.list(asker.region, { afterLogin, limit: PAGE });
    const last = users.length === PAGE ? users.at(-1) : undefined;
    return { users, next: last === undefined ? null : encodeCursor(USERS_CURSOR, last.login) };
  }

  @Post()
  @ApiOperation({ summary: '新建用户或系统账户，须由另一位管理员批准；人员首次登录须改密码' })
  @ApiCreatedResponse({ type: UserAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({
    ...{ 400: ['weak-password'], 403: OUTSIDE, 409: ['login-taken', 'not-a-system'] },
    503: ['not-recorded', 'busy'],
  })
  async create(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Body() body: CreateUserBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<(User & WithPassword) | { grant: Grant }> {
    const { password: given, ...account } = body;
    const { region } = checkedValues(account);
    assertWithin(region, scope);
    if (!(await this.administrators.standsAlone(asker, region))) {
      if (given !== undefined) throw passwordByTwo();
      return this.#proposed(reply, asker, scope, {
        ...{ kind: 'create-account', accountId: null, region, terms: account },
      });
    }
    if (given !== undefined && account.roles.includes('system')) throw notASystem();
    if (given !== undefined) assertStrong(given, account);
    const proposal = { kind: 'create-account', accountId: null, region, terms: account } as const;
    const within = this.grants.within(accountScopeOf(scope, asker));
    const { user, password } = await within.actAlone(asker, proposal, given);
    if (user === null) throw new Error('an account that was created is missing');
    return this.#shownOnce(request, user, given === undefined ? password : null);
  }

  @Patch(':id')
  @ApiOperation({ summary: '改角色、地区、单位，或停用、启用；其会话随即失效' })
  @ApiOkResponse({ type: UserAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({
    ...{ 403: OUTSIDE, 404: ['no-such-user'], 409: ['own-account', 'login-taken'] },
    503: ['not-recorded'],
  })
  async change(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
    @Body() body: ChangeUserBody,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<User | { grant: Grant }> {
    const user = await this.#other(asker, scope, id);
    const region = body.region === undefined ? user.region : parseRegion(body.region);
    if (region === null) throw badRegion();
    assertWithin(region, scope);
    const proposal = { kind: 'change-account', accountId: id, region, terms: { ...body } } as const;
    const reach = accountScopeOf(scope, asker);
    if (!needsTwo(user, body)) return this.users.within(reach).change(id, body, asker.actorId);
    if (await this.administrators.standsAlone(asker, user.region)) {
      return (await this.grants.within(reach).actAlone(asker, proposal)).user as User;
    }
    return this.#proposed(reply, asker, scope, proposal);
  }

  @Post(':id/password')
  @HttpCode(200)
  @ApiOperation({ summary: '重设密码，须由另一位管理员批准；本人下次登录须修改' })
  @ApiOkResponse({ type: PasswordAnswer })
  @ApiAcceptedResponse({ type: ProposedAnswer, description: 'Waits for a second person' })
  @Fails({
    ...{ 400: ['weak-password'], 403: OUTSIDE, 404: ['no-such-user'] },
    409: ['own-account', 'not-a-system'],
    503: ['not-recorded', 'busy'],
  })
  async setPassword(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
    @Body() body: SetPasswordBody,
    @Req() request: EdgeRequest,
    @Res({ passthrough: true }) reply: EdgeReply,
  ): Promise<({ id: string } & WithPassword) | { grant: Grant }> {
    const user = await this.#other(asker, scope, id);
    if (user.roles.includes('system')) throw notASystem();
    // Whoever is shown a password may act as its owner, be maker and checker in turn, and see what he may not.
    const { region } = user;
    const isAlone = await this.administrators.standsAlone(asker, region);
    if (user.roles.includes('admin') || !isAlone) {
      if (body.password !== undefined) throw passwordByTwo();
      const proposal = { kind: 'set-password', accountId: id, region, terms: {} } as const;
      return this.#proposed(reply, asker, scope, proposal);
    }
    const generated = body.password === undefined ? randomPassword() : null;
    const within = this.users.within(accountScopeOf(scope, asker));
    await within.setPassword(id, body.password ?? generated ?? '', asker.actorId);
    return this.#shownOnce(request, { id }, generated);
  }

  @Get(':id/access-records')
  @ApiOperation({ summary: '用户的登录与变更记录，最新的在前' })
  @ApiOkResponse({ type: AccessRecordsAnswer })
  @Fails({ 400: ['bad-cursor'], 403: OUTSIDE, 404: ['no-such-user'] })
  async accessRecords(
    @Asker() asker: Principal,
    @Within() scope: Scope,
    @Param('id', UUID_PART) id: string,
    @Query() query: ListQuery,
  ): Promise<{ records: ShownRecord[]; next: string | null }> {
    assertWithin((await this.users.find(id)).region, scope);
    const before =
      query.cursor === undefined ? null : decodeCursor<string>(RECORDS_CURSOR, query.cursor);
    const within = this.records.within(accountScopeOf(scope, asker));
    const records = await within.about(id, { before, limit: PAGE });
    const last = records.length === PAGE ? records.at(-1) : undefined;
    const next = last === undefined ? null : encodeCursor(RECORDS_CURSOR, last.position);
    return { records, next };
  }

  async #other(asker: Principal, scope: Scope, id: string): Promise<User> {
    assertWithin((await this.users.find(id)).region, scope);
    if (id === asker.actorId) throw ownAccount();
    return this.users.within(accountScopeOf(scope, asker)).find(id);
  }

  async #proposed(
    reply: EdgeReply,
    asker: Principal,
    scope: Scope,
    proposal: Proposal,
  ): Promise<{ grant: Grant }> {
    const grant = await this.grants.within(accountScopeOf(scope, asker)).propose(asker, proposal);
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
