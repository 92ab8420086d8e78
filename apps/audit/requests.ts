import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const DAY = { required: false, description: 'YYYY-MM-DD', example: '2020-12-31' } as const;

/** Every answer takes these (contract §4). */
export class TimeQuery {
  @ApiProperty({ ...DAY, description: 'Business date, inclusive; default today' })
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '须为 YYYY-MM-DD 形式的日期' })
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
  @ApiProperty({ required: false })
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  cursor?: string;

  @ApiProperty({ required: false, minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;
}

export class TrailQuery extends ListQuery {
  @ApiProperty(DAY)
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '须为 YYYY-MM-DD 形式的日期' })
  from?: string;

  @ApiProperty(DAY)
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '须为 YYYY-MM-DD 形式的日期' })
  to?: string;
}

export class TraceQuery extends ListQuery {
  @ApiProperty({ enum: ['up', 'down'], required: false, default: 'down' })
  @IsOptional()
  @IsIn(['up', 'down'])
  direction?: 'up' | 'down';

  @ApiProperty({ required: false, minimum: 1, maximum: 1000 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
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

  @ApiProperty({ required: false, minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;
}
