import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import { NoPersonalNumber } from '@fundflow/identity/http/no-personal-number';
import { TimeQuery } from '../requests.js';

export const EVIDENCE_KINDS = ['trail', 'trace', 'alert'] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

const DAY = { required: false, description: 'YYYY-MM-DD; only for a trail' } as const;
const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/;

/** What evidence is asked for. Leads and complaints take their place among the kinds. */
export class EvidenceBody extends TimeQuery {
  @ApiProperty({ enum: EVIDENCE_KINDS })
  @IsIn(EVIDENCE_KINDS)
  kind: EvidenceKind;

  @ApiProperty({ description: 'Region code of a trail, recorded id of a trace, id of an alert' })
  @IsString()
  @Length(1, 200)
  id: string;

  @ApiProperty(DAY)
  @IsOptional()
  @Matches(DAY_TEXT, { message: '须为 YYYY-MM-DD 形式的日期' })
  from?: string;

  @ApiProperty(DAY)
  @IsOptional()
  @Matches(DAY_TEXT, { message: '须为 YYYY-MM-DD 形式的日期' })
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
