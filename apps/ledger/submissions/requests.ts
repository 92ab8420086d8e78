import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { ArrayNotEmpty, IsArray, IsDefined, IsIn, IsString, MaxLength } from 'class-validator';
import { CountField, PageCursor } from '@fundflow/nest-edge/query-fields';
import { ROW_KINDS } from '@fundflow/domain/rows';
import type { RowsChoice } from '@fundflow/domain/submission/submission';

export class HandInBody {
  @ApiProperty({ enum: ROW_KINDS, description: 'English kind or its Chinese name' })
  @IsDefined()
  @IsString()
  @MaxLength(40)
  kind: string;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: { type: 'string' } },
    description: 'Rows by column name (English or Chinese); row numbers in the report start at 2',
  })
  @IsDefined()
  @IsArray()
  @ArrayNotEmpty()
  rows: unknown[];
}

/** Either of the two content types. */
export const HAND_IN_SCHEMA = {
  oneOf: [
    { $ref: getSchemaPath(HandInBody) },
    {
      type: 'object',
      required: ['file'],
      properties: {
        file: { type: 'string', format: 'binary', description: 'CSV or XLSX' },
        kind: { type: 'string', description: 'Only where headers and sheets do not say it' },
      },
    },
  ],
};

export class CertificationBody {
  @ApiProperty({ enum: ['all', 'valid'] })
  @IsIn(['all', 'valid'])
  rows: RowsChoice;
}

export class PageQuery {
  @PageCursor()
  cursor?: string;

  @CountField()
  limit?: number;
}
