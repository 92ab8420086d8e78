import {
  ArrayMaxSize,
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  validate,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { keepsEveryRule } from './kept-rules.js';

class Form {
  @IsUUID()
  id: string;

  @IsDefined()
  @IsString()
  @MaxLength(3)
  kind: string;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3)
  depth?: number;

  @ValidateIf((form: Form) => form.kind === 'ab')
  @Length(1, 2)
  @Matches(/^[a-c]/)
  why?: string;

  @IsOptional()
  @IsBoolean()
  sure?: boolean;

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(2)
  @ArrayUnique()
  @IsIn(['up', 'down'], { each: true })
  ways?: string[];
}

const ID = '0191d3c4-1111-7222-8333-444455556666';
const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'a', 'ab', 'abcd', 'up', ID, 0, 1, 3, 4, 1.5, true),
  fc.array(fc.constantFrom<unknown>('up', 'down', 'a', 1), { maxLength: 3 }),
  fc.constant({}),
);
const right = {
  id: fc.constant(ID),
  kind: fc.constantFrom('a', 'ab', ''),
  depth: fc.constantFrom(1, 2, 3),
  why: fc.constantFrom('a', 'bc'),
  sure: fc.boolean(),
  ways: fc.constantFrom(['up'], ['down', 'up']),
};
type Field = keyof typeof right | 'other';
/** Mostly in order, so that both answers come. */
const bodies = fc
  .tuple(
    fc.record<Record<string, unknown>>(right, { requiredKeys: ['id', 'kind'] }),
    fc.option(
      fc.tuple(fc.constantFrom<Field>(...(Object.keys(right) as Field[]), 'other'), anything),
    ),
  )
  .map(([body, wrong]) => (wrong === null ? body : { ...body, [wrong[0]]: wrong[1] }));

const OPTIONS = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };

describe('a body whose rules are all kept', () => {
  it('is one in which class-validator finds nothing, and no other', async () => {
    const answers = { kept: 0, broken: 0 };
    const sameAnswer = fc.asyncProperty(bodies, async (body) => {
      const form = Object.assign(new Form(), body);
      const kept = keepsEveryRule(form);
      answers[kept ? 'kept' : 'broken'] += 1;
      expect(kept).toBe((await validate(form, OPTIONS)).length === 0);
    });
    await fc.assert(sameAnswer, { numRuns: 2_000 });
    expect(answers.kept).toBeGreaterThan(200);
    expect(answers.broken).toBeGreaterThan(200);
  });
});

class Line {
  @IsString()
  note: string;
}
class Nested {
  @ValidateNested()
  line: Line;
}
class Late {
  @ValidateBy({ name: 'late', validator: { validate: () => Promise.resolve(true) } })
  id: string;
}
class WithoutRules {
  id: string;
}

describe('what rules of single values do not tell', () => {
  it.each([
    ['of a class within', Object.assign(new Nested(), { line: new Line() })],
    ['of a rule that takes its time', Object.assign(new Late(), { id: 'A' })],
    ['of a class without any', Object.assign(new WithoutRules(), { id: 'A' })],
  ])('%s is left to class-validator', (_case, given) => {
    expect(keepsEveryRule(given)).toBe(false);
  });
});
