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
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { liesIn, parseRegion, type RegionCode } from '@fundflow/domain/region';
import { decodeCursor, encodeCursor } from '@fundflow/nest-edge/cursor';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { AccessRecords, type ShownRecord } from '../access-records.js';
import { assertStrong, randomPassword } from '../password.js';
import type { Principal } from '../principal.js';
import { badRegion, outOfJurisdiction, ownAccount } from '../refusals.js';
import { type User, UserDirectory } from '../user-directory.js';
import { ChangeUserBody, CreateUserBody, ListQuery, SetPasswordBody } from './bodies.js';
import { May } from './may.js';
import { Asker } from './asker.js';

const USERS_CURSOR = 'users/1';
const RECORDS_CURSOR = 'access-records/1';
const PAGE = 100;

/** A password nobody chose, shown this once. */
export interface WithPassword {
  readonly password?: string;
}

/** @throws Problem 403 `out-of-jurisdiction` */
export function assertWithin(region: RegionCode, asker: Principal): void {
  if (!liesIn(region, asker.region)) throw outOfJurisdiction();
}

/** Accounts of one's own jurisdiction. Nobody changes the account one acts with, so an administrator always remains. */
@ApiTags('users')
@May('manage-users')
@Controller('api/v1/users')
export class UsersController {
  constructor(
    private readonly users: UserDirectory,
    private readonly records: AccessRecords,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: '本管辖地区的用户，按用户名' })
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
  @ApiOperation({ summary: '新建用户或系统账户；人员首次登录须改密码' })
  async create(
    @Asker() asker: Principal,
    @Body() body: CreateUserBody,
    @Req() request: EdgeRequest,
  ): Promise<User & WithPassword> {
    const region = parseRegion(body.region);
    if (region === null) throw badRegion();
    assertWithin(region, asker);
    const isSystem = body.roles.includes('system');
    const generated = isSystem || body.password !== undefined ? null : randomPassword();
    if (body.password !== undefined) assertStrong(body.password, body.login);
    const user = await this.users.create({
      ...body,
      password: body.password ?? generated,
      origin: 'admin',
      mustChangePassword: !isSystem,
      by: asker.actorId,
    });
    return this.#shownOnce(request, user, generated);
  }

  @Patch(':id')
  @ApiOperation({ summary: '改角色、地区、单位，或停用、启用；其会话随即失效' })
  async change(
    @Asker() asker: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: ChangeUserBody,
  ): Promise<User> {
    await this.#assertOther(asker, id);
    if (body.region !== undefined) {
      const region = parseRegion(body.region);
      if (region === null) throw badRegion();
      assertWithin(region, asker);
    }
    return this.users.change(id, body, asker.actorId);
  }

  @Post(':id/password')
  @HttpCode(200)
  @ApiOperation({ summary: '重设密码：本人下次登录须修改' })
  async setPassword(
    @Asker() asker: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body() body: SetPasswordBody,
    @Req() request: EdgeRequest,
  ): Promise<{ id: string } & WithPassword> {
    await this.#assertOther(asker, id);
    const generated = body.password === undefined ? randomPassword() : null;
    await this.users.setPassword(id, body.password ?? generated ?? '', asker.actorId);
    return this.#shownOnce(request, { id }, generated);
  }

  @Get(':id/access-records')
  @ApiOperation({ summary: '用户的登录与变更记录，最新的在前' })
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

  async #assertOther(asker: Principal, id: string): Promise<void> {
    assertWithin((await this.users.find(id)).region, asker);
    if (id === asker.actorId) throw ownAccount();
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
