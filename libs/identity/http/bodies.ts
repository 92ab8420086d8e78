import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { NoPersonalNumber } from './no-personal-number.js';
import { ROLES, type Role } from '../policy.js';

const PASSWORD_LENGTH_MAX = 1_024;

export class OpenSessionBody {
  @ApiProperty({ example: 'maker' })
  @IsString()
  @MaxLength(200)
  user: string;

  @ApiProperty()
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password: string;

  @ApiPropertyOptional({ description: '动态口令或一次性恢复码，已绑定者必填' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  code?: string;
}

/** What an identity provider may send a browser back with (RFC 6749 §4.1.2, RFC 9207, OpenID Connect). */
export class OidcCallbackQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  code?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(200)
  state?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(500)
  iss?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(500)
  session_state?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(100)
  error?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  error_description?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  error_uri?: string;
}

export class SecondFactorCodeBody {
  @ApiProperty({ example: '123456', description: '动态口令，或一次性恢复码' })
  @IsString()
  @MaxLength(64)
  code: string;
}

export class FactorDemandsBody {
  @ApiProperty({ example: '450000' })
  @IsString()
  @MaxLength(12)
  region: string;

  @ApiProperty({ enum: ROLES, isArray: true })
  @IsArray()
  @ArrayMaxSize(ROLES.length)
  @IsIn(ROLES, { each: true })
  roles: Role[];

  @ApiProperty({ description: '依据' })
  @IsString()
  @Length(1, 500)
  basis: string;
}

/** Whoever finds an open session does not know it. */
export class OwnPasswordBody {
  @ApiProperty({ description: '自己的密码' })
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password: string;
}

export class ChangePasswordBody {
  @ApiProperty()
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  current: string;

  @ApiProperty({ description: '12 至 256 个字符' })
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password: string;
}

export class SetUpBody {
  @ApiProperty({ example: 'admin' })
  @IsString()
  @MaxLength(200)
  user: string;

  @ApiProperty()
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password: string;

  @ApiProperty({ description: '服务首次启动时显示的一次性口令' })
  @IsString()
  @MaxLength(200)
  token: string;
}

export class CreateUserBody {
  @ApiProperty({ example: 'wei' })
  @IsString()
  @MaxLength(200)
  login: string;

  @ApiProperty({ enum: ROLES, isArray: true })
  @IsArray()
  @ArrayMaxSize(ROLES.length)
  @IsIn(ROLES, { each: true })
  roles: Role[];

  @ApiProperty({ example: '450124', description: '管辖地区，行政区划代码' })
  @IsString()
  @MaxLength(12)
  region: string;

  @ApiProperty({ example: '马山县财政局' })
  @IsString()
  @MaxLength(100)
  unit: string;

  @ApiPropertyOptional({ description: '不给则随机生成并在回答中出示一次；系统账户没有密码' })
  @IsOptional()
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password?: string;
}

export class ChangeUserBody {
  @ApiPropertyOptional({ enum: ROLES, isArray: true })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ROLES.length)
  @IsIn(ROLES, { each: true })
  roles?: Role[];

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(12)
  region?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @MaxLength(100)
  unit?: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsBoolean()
  disabled?: boolean;
}

export class SetPasswordBody {
  @ApiPropertyOptional({ description: '不给则随机生成并在回答中出示一次' })
  @IsOptional()
  @IsString()
  @MaxLength(PASSWORD_LENGTH_MAX)
  password?: string;
}

export class CaseGrantBody {
  @ApiProperty({ description: '检查人员的编号' })
  @IsUUID()
  userId: string;

  @ApiProperty({ example: '450125', description: '为该案件开放的地区' })
  @IsString()
  @MaxLength(12)
  region: string;

  @ApiProperty({ example: '桂纪查〔2019〕17号', description: '案号，不得写姓名' })
  @Matches(/^[\p{L}\p{N}〔〕()（）_-]{2,64}$/u)
  @Matches(/\d/, { message: '须含数字：案号，不是姓名' })
  @NoPersonalNumber()
  caseId: string;

  @ApiProperty({ format: 'date-time', description: '截止时刻，最长 180 天' })
  @IsISO8601({ strict: true })
  until: string;

  @ApiProperty({ description: '理由' })
  @IsString()
  @Length(2, 1000)
  @NoPersonalNumber()
  reason: string;
}

export class ListQuery {
  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  cursor?: string;
}

export class IssueTokenBody {
  @ApiProperty({ description: '系统账户的编号' })
  @IsUUID()
  userId: string;

  @ApiProperty({ example: '国库支付数据' })
  @IsString()
  @Length(1, 100)
  name: string;

  @ApiProperty({ minimum: 1, maximum: 366, description: '有效天数' })
  @IsInt()
  @Min(1)
  @Max(366)
  days: number;
}
