import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

const COUNT_MAX = 1_000;

/** A day in the form YYYY-MM-DD; that there is such a day is found where it is read. */
export const IsDayText = (): PropertyDecorator =>
  Matches(/^\d{4}-\d{2}-\d{2}$/, { message: '须为 YYYY-MM-DD 形式的日期' });

/** From one to a thousand: how many of a list, how deep. @param usual what counts where it is left out, for the description */
export const CountField = (usual?: number): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      ...{ required: false, minimum: 1, maximum: COUNT_MAX },
      ...(usual === undefined ? {} : { default: usual }),
    }),
    IsOptional(),
    Type(() => Number),
    IsInt(),
    Min(1),
    Max(COUNT_MAX),
  );

/** Where a list goes on: `next` of the page before. */
export const PageCursor = (): PropertyDecorator =>
  applyDecorators(ApiProperty({ required: false }), IsOptional(), IsString(), MaxLength(4096));
