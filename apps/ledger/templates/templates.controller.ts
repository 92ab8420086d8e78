import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { KIND_NAMES, kindOf } from '@fundflow/intake/enumerations';
import { helpCsv, templateCsv, templateWorkbook } from '@fundflow/intake/templates';
import { May } from '@fundflow/identity/http/may';
import { Fails } from '@fundflow/nest-edge/api-problems';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import { badKind } from '../submissions/hand-in.js';

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const CSV = 'text/csv; charset=utf-8';

const FILE = { type: 'string', format: 'binary' } as const;
const XLSX_FILE = { description: 'A workbook', content: { [XLSX]: { schema: FILE } } } as const;
const CSV_FILE = { description: 'A table', content: { 'text/csv': { schema: FILE } } } as const;

/** Empty tables to fill in, made from the same table of columns that reads them. */
@ApiTags('templates')
@Controller('api/v1/templates')
export class TemplatesController {
  @Get('workbook.xlsx')
  @May('ask')
  @ApiOperation({ summary: '各类表格的填报模板（XLSX，含填写说明）' })
  @ApiOkResponse(XLSX_FILE)
  async workbook(@Res() reply: EdgeReply): Promise<void> {
    await attachment(reply, XLSX, '填报模板.xlsx').send(templateWorkbook());
  }

  @Get('columns.csv')
  @May('ask')
  @ApiOperation({ summary: '各列的填写说明（CSV）' })
  @ApiOkResponse(CSV_FILE)
  async columns(@Res() reply: EdgeReply): Promise<void> {
    await attachment(reply, CSV, '填写说明.csv').send(helpCsv());
  }

  @Get(':kind')
  @May('ask')
  @ApiOperation({ summary: '一类表格的填报模板（CSV）' })
  @ApiOkResponse(CSV_FILE)
  @Fails({ 400: ['unknown-kind'] })
  async table(@Param('kind') given: string, @Res() reply: EdgeReply): Promise<void> {
    const kind = kindOf(given.replace(/\.csv$/, ''));
    if (kind === null) throw badKind();
    await attachment(reply, CSV, `${KIND_NAMES[kind]}.csv`).send(templateCsv(kind));
  }
}

function attachment(reply: EdgeReply, type: string, fileName: string): EdgeReply {
  return reply
    .header('content-type', type)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`);
}
