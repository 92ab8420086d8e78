import { ApiProperty } from '@nestjs/swagger';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { IsDayText } from '@fundflow/nest-edge/query-fields';
import { NoPersonalNumber } from '@fundflow/identity/http/no-personal-number';
import { PURPOSES, type Purpose } from '@fundflow/domain/oversight/events';
import { PERSONAL_FIELDS, type PersonalFieldName } from '@fundflow/vault/commitment';

/** `masked-answer` is what an answer says of itself; a person states one of the others. */
const STATED_PURPOSES = PURPOSES.filter((purpose) => purpose !== 'masked-answer');

/** 案件、来信来电编号: never a sentence, so that nobody writes a name into the log by it. */
const CASE_ID = /^[\p{L}\p{N}〔〕()（）./_\-—第号]{1,64}$/u;

/** Why somebody looks: all three, every time. */
class WhyBody {
  @ApiProperty({ enum: STATED_PURPOSES })
  @IsIn(STATED_PURPOSES)
  purpose: Purpose;

  @ApiProperty({ description: '理由，自由文字；账本只记其承诺值', minLength: 2, maxLength: 500 })
  @IsString()
  @MinLength(2)
  @MaxLength(500)
  @NoPersonalNumber()
  reason: string;

  @ApiProperty({ description: '案件或来电编号' })
  @IsString()
  @Matches(CASE_ID, { message: '须为案件或来电编号，不含空格，最长 64 个字符' })
  @NoPersonalNumber()
  caseId: string;
}

export class UnmaskBody extends WhyBody {
  @ApiProperty({ enum: PERSONAL_FIELDS })
  @IsIn(PERSONAL_FIELDS)
  field: PersonalFieldName;

  @ApiProperty({
    required: false,
    description: '热线：来电人本人的证件号码，只能查看来电人自己的记录',
  })
  @IsOptional()
  @IsString()
  @MaxLength(32)
  callerId?: string;
}

export class SearchBody extends WhyBody {
  @ApiProperty({ required: false, description: '证件号码：全部、遮盖的（前 6 后 4）或后 6 位' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  id?: string;

  @ApiProperty({ required: false, description: '银行账号' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  account?: string;

  @ApiProperty({ required: false, description: '姓名；须同时给出 county' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  name?: string;

  @ApiProperty({ required: false, description: '区划代码，县或乡、村：资金或收款人在其中' })
  @IsOptional()
  @IsString()
  @MaxLength(12)
  county?: string;

  @ApiProperty({ required: false, minimum: 1, maximum: 100, default: 50 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;
}

/** Legal bases of erasure; the first two only when the time records must be kept is over. */
export const ERASURE_BASES = ['request', 'retention-ended', 'unlawful', 'order'] as const;
export type ErasureBasis = (typeof ERASURE_BASES)[number];

/** A person is named by an event of theirs. */
export class ErasureBody {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  eventId: string;

  @ApiProperty({
    enum: ERASURE_BASES,
    description:
      'request 本人请求、retention-ended 保存期满、unlawful 违法处理、order 法院或主管机关决定',
  })
  @IsIn(ERASURE_BASES)
  basis: ErasureBasis;

  @ApiProperty() @IsString() @MinLength(2) @MaxLength(500) @NoPersonalNumber() reason: string;
}

export class HoldBody {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  eventId: string;

  @ApiProperty()
  @IsString()
  @Matches(CASE_ID, { message: '须为案件或来电编号，不含空格，最长 64 个字符' })
  @NoPersonalNumber()
  caseId: string;

  @ApiProperty() @IsString() @MinLength(2) @MaxLength(500) @NoPersonalNumber() reason: string;

  @ApiProperty({ required: false, nullable: true, type: String, description: 'YYYY-MM-DD' })
  @IsOptional()
  @IsDayText()
  until?: string | null;
}

export class RestrictionBody {
  @ApiProperty({ format: 'uuid' })
  @IsUUID()
  eventId: string;

  @ApiProperty({ enum: ERASURE_BASES })
  @IsIn(ERASURE_BASES)
  basis: ErasureBasis;

  @ApiProperty() @IsString() @MinLength(2) @MaxLength(500) @NoPersonalNumber() reason: string;

  @ApiProperty({ required: false, nullable: true, type: String, description: 'YYYY-MM-DD' })
  @IsOptional()
  @IsDayText()
  until?: string | null;
}
