import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { IsDayText } from '@fundflow/nest-edge/query-fields';
import { NoPersonalNumber } from '@fundflow/identity/http/no-personal-number';
import { TimeQuery } from '../requests.js';

/** A lead (问题线索) or a complaint (12317 来电): known by its number, it names the records it is about. */
const CASE_KINDS = ['lead', 'complaint'] as const;
const EVIDENCE_KINDS = ['trail', 'trace', 'alert', ...CASE_KINDS] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

/** So many records a lead or a complaint may name. */
const ABOUT_MAX = 50;

const isCase = (kind: EvidenceKind): kind is (typeof CASE_KINDS)[number] =>
  CASE_KINDS.some((each) => each === kind);
const ofCase = ({ kind }: EvidenceBody): boolean => isCase(kind);

const DAY = { required: false, description: 'YYYY-MM-DD; only for a trail' } as const;

const OnlyOfCase = (): PropertyDecorator =>
  ValidateBy({
    name: 'onlyOfCase',
    validator: {
      validate: (_ids: unknown, of) => of !== undefined && ofCase(of.object as EvidenceBody),
      defaultMessage: () => '仅用于线索（lead）和来电（complaint）',
    },
  });

/** What evidence is asked for. */
export class EvidenceBody extends TimeQuery {
  @ApiProperty({ enum: EVIDENCE_KINDS })
  @IsIn(EVIDENCE_KINDS)
  kind: EvidenceKind;

  @ApiProperty({
    description: 'Region code, recorded id, id of an alert, or number of a lead or complaint',
  })
  @IsString()
  @Length(1, 200)
  @NoPersonalNumber(ofCase)
  id: string;

  @ApiProperty({
    ...{ required: false, type: [String], minItems: 1, maxItems: ABOUT_MAX },
    description: 'Only for a lead or a complaint: holdings, payments and projects it is about',
  })
  @ValidateIf((body: EvidenceBody) => ofCase(body) || body.about !== undefined)
  @OnlyOfCase()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ABOUT_MAX)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  about?: string[];

  @ApiProperty(DAY)
  @IsOptional()
  @IsDayText()
  from?: string;

  @ApiProperty(DAY)
  @IsOptional()
  @IsDayText()
  to?: string;

  @ApiProperty({ enum: ['up', 'down'], required: false, description: 'Only for a trace' })
  @IsOptional()
  @IsIn(['up', 'down'])
  direction?: 'up' | 'down';

  @ApiProperty({ description: '导出事由，写入证据包' })
  @IsString()
  @Length(1, 500)
  @NoPersonalNumber()
  reason: string;

  @ApiProperty({ required: false, description: '案件或来电编号；不得含姓名' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  @NoPersonalNumber()
  caseId?: string;
}
