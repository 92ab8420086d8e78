import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

type Described = { readonly description?: string };

/** Whole fen as decimal text (contract §1). */
export const Fen = (options: Described = {}) =>
  ApiProperty({ type: String, pattern: '^-?\\d+$', example: '1250000', ...options });

export const FenOrNull = (options: Described = {}) =>
  ApiProperty({ type: String, pattern: '^-?\\d+$', nullable: true, ...options });

/** A business date. */
export const On = (options: Described = {}) =>
  ApiProperty({ type: String, format: 'date', example: '2020-12-31', ...options });

export const OnOrNull = (options: Described = {}) =>
  ApiProperty({ type: String, format: 'date', nullable: true, ...options });

export const Text = (options: ApiPropertyOptions = {}) =>
  ApiProperty({ type: String, ...options } as ApiPropertyOptions);

export const TextOrNull = (options: Described = {}) =>
  ApiProperty({ type: String, nullable: true, ...options });

export const Whole = (options: Described = {}) => ApiProperty({ type: 'integer', ...options });

export const OneOf = (values: readonly string[], options: Described = {}) =>
  ApiProperty({ type: String, enum: [...values], ...options });

/** The place of the next page; null at the end. */
export const Next = () =>
  ApiProperty({
    type: String,
    nullable: true,
    description:
      'Opaque; give it as `cursor` for the next page of the same snapshot. null: the end',
  });
