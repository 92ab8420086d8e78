import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { CountField, IsDayText, PageCursor } from '@fundflow/nest-edge/query-fields';

const DAY = { required: false, description: 'YYYY-MM-DD', example: '2020-12-31' } as const;

/** Every answer takes these (contract §4). */
export class TimeQuery {
  @ApiProperty({ ...DAY, description: 'Business date, inclusive; default today' })
  @IsOptional()
  @IsDayText()
  asOf?: string;

  @ApiProperty({
    required: false,
    description: 'Moment of record, RFC 3339, inclusive; default now',
  })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  knownAt?: string;
}

class ListQuery extends TimeQuery {
  @PageCursor()
  cursor?: string;

  @CountField(100)
  limit?: number;
}

export class TrailQuery extends ListQuery {
  @ApiProperty(DAY)
  @IsOptional()
  @IsDayText()
  from?: string;

  @ApiProperty(DAY)
  @IsOptional()
  @IsDayText()
  to?: string;
}

export class TraceQuery extends ListQuery {
  @ApiProperty({ enum: ['up', 'down'], required: false, default: 'down' })
  @IsOptional()
  @IsIn(['up', 'down'])
  direction?: 'up' | 'down';

  @CountField()
  depth?: number;
}

export class AlertsQuery extends ListQuery {
  @ApiProperty({ required: false, description: 'Region prefix' })
  @IsOptional()
  @IsString()
  @MaxLength(12)
  county?: string;

  @ApiProperty({ required: false })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  rule?: string;

  @ApiProperty({ enum: ['open', 'closed', 'all'], required: false })
  @IsOptional()
  @IsIn(['open', 'closed', 'all'])
  status?: 'open' | 'closed' | 'all';

  @ApiProperty({ required: false, description: 'Holding, supplement or project id' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  subject?: string;
}

export class EventsQuery extends TimeQuery {
  @ApiProperty({ required: false, description: 'Position to go on after' })
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: '须为位置（非负整数）' })
  after?: string;

  @CountField(100)
  limit?: number;
}
