import { Body, Controller, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { IsString } from 'class-validator';
import { unvalidatedInputs } from './route-inputs.js';

class Ruled {
  @IsString() name: string;
}

class Bare {
  name: string;
}

@Controller('x')
class Routes {
  @Post('ruled/:id')
  ruled(
    @Param('id') _id: string,
    @Param() _all: Ruled,
    @Param('other', ParseUUIDPipe) _other: string,
    @Body() _body: Ruled,
    @Query() _query: Ruled,
  ): void {}

  @Post('bare')
  bare(@Body() _body: Bare, @Query() _query: Record<string, unknown>): void {}

  @Post('anything')
  anything(@Body() _body: unknown, @Param() _all: object): void {}

  @Post('field')
  field(@Body('name') _name: string, @Query('id', ParseUUIDPipe) _id: string): void {}
}

describe('the input of a route', () => {
  it.each([
    ['ruled', []],
    ['bare', ['body', 'query']],
    ['anything', ['body', 'param *']],
    ['field', ['body']],
  ])('%s: nothing validates %j', (method, unvalidated) => {
    expect(unvalidatedInputs(Routes, method).sort((a, b) => (a < b ? -1 : 1))).toEqual(unvalidated);
  });
});
