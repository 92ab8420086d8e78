import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type { ReportEntry } from '@fundflow/submissions/staged';

/** One line of a report. The flex columns of the file stand beside these, under their own names. */
export class ReportLineAnswer implements Omit<ReportEntry, 'flex'> {
  @ApiProperty() sheet: string;
  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'As a spreadsheet counts; null: the file',
  })
  row: number | null;
  @ApiProperty({ type: String, nullable: true }) id: string | null;
  @ApiProperty({ type: String, nullable: true }) field: string | null;
  @ApiProperty({ enum: ['error', 'warning', 'info'] }) severity: ReportEntry['severity'];
  @ApiProperty() code: string;
  @ApiProperty() message: string;
  @ApiProperty({ type: String, nullable: true }) value: string | null;
  @ApiProperty({ type: String, nullable: true }) expected: string | null;
  @ApiProperty({ type: String, nullable: true }) difference: string | null;
}

const LINE = {
  allOf: [
    { $ref: getSchemaPath(ReportLineAnswer) },
    { type: 'object', additionalProperties: true, description: 'and the flex_* columns, as text' },
  ],
};

const JSON_REPORT = {
  type: 'object',
  required: ['entries', 'next'],
  properties: {
    entries: { type: 'array', items: LINE },
    next: { type: 'string', nullable: true },
  },
};

/** JSON by default, CSV by `Accept: text/csv`. */
export const REPORT_RESPONSE = {
  description: 'A clean file has a report without a line',
  content: {
    'application/json': { schema: JSON_REPORT },
    'text/csv': { schema: { type: 'string' } },
  },
};
