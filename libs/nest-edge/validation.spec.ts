import { Type } from 'class-transformer';
import {
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { bodyValidation, UUID_PART, validateFields } from './validation.js';

class Line {
  @IsString()
  note: string;
}
class Order {
  @IsString()
  id: string;

  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Line)
  lines?: Line[];
}

const validated = (value: unknown) =>
  bodyValidation().transform(value, { type: 'body', metatype: Order });

describe('null in a body', () => {
  it('is as good as left out where a field is optional, and missed where it is not', async () => {
    expect(await validated({ id: 'A', lines: null })).toEqual({ id: 'A' });
    await expect(validated({ id: null })).rejects.toMatchObject({
      details: { extra: { fields: [{ field: 'id', rule: 'isDefined', message: '必填' }] } },
    });
    await expect(validated(null)).rejects.toMatchObject({ details: { code: 'bad-value' } });
  });
});

describe('a field that every object has', () => {
  it.each(['constructor', 'toString', 'hasOwnProperty'])('is unknown: %s', async (field) => {
    const body = { id: 'A', [field]: null };
    const fields = [{ field, rule: 'whitelistValidation', message: '不认识的字段' }];
    const refusal = { details: { status: 400, code: 'bad-value', extra: { fields } } };
    await expect(async () => validated(body)).rejects.toMatchObject(refusal);
    await expect(validateFields(Order, body)).rejects.toMatchObject(refusal);
  });
});

describe('NUL, which no text column can hold,', () => {
  it.each([
    ['in a value', { id: 'A\0' }, 'id'],
    ['far inside', { id: 'A', lines: [{ note: 'b' }, { note: '\0' }] }, 'lines.1.note'],
    ['in a name', { id: 'A', 'x\0': 1 }, '?'],
  ])('%s is refused with its place and without the value', async (_case, value, field) => {
    const fields = [{ field, rule: 'noNul', message: '不得含有空字符' }];
    await expect(async () => validated(value)).rejects.toMatchObject({
      details: { status: 400, code: 'bad-value', extra: { fields } },
    });
  });

  it('in a part of an address is refused by its name', async () => {
    const given = { type: 'param', metatype: String, data: 'id' } as const;
    await expect(async () => bodyValidation().transform('\0', given)).rejects.toMatchObject({
      details: { extra: { fields: [{ field: 'id', rule: 'noNul' }] } },
    });
  });

  it('is the only character that is: the rules of the route say the rest', async () => {
    await expect(validated({ id: '\u0001\ud800' })).resolves.toBeInstanceOf(Order);
  });
});

class Search {
  @IsDefined()
  @IsString()
  @MaxLength(5)
  kind: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(9)
  depth?: number;

  @IsOptional()
  @Length(2, 9)
  reason?: string;

  @IsOptional()
  @IsIn(['up', 'down'])
  order?: string;
}

describe('what is said first of a wrong value', () => {
  it.each([
    ['a field that is not there', {}, 'kind：必填'],
    ['a field of another type', { kind: 5 }, 'kind：须为文本'],
    ['a text that is too long', { kind: '123456' }, 'kind：过长，至多 5'],
    ['a text where a number belongs', { kind: 'a', depth: 'x' }, 'depth：须为整数'],
    ['a number out of range', { kind: 'a', depth: 10 }, 'depth：大于上限，至多 9'],
    ['a number below its range', { kind: 'a', depth: 0 }, 'depth：小于下限，至少 1'],
    ['a text that is too short', { kind: 'a', reason: '' }, 'reason：长度超出范围，至少 2'],
    [
      'a word that is no choice',
      { kind: 'a', order: 'x' },
      'order：不在允许的取值之内，须为 up、down 之一',
    ],
  ])(
    'of %s is that, and not its length or range, with what is allowed',
    async (_case, value, detail) => {
      const asked = bodyValidation().transform(value, { type: 'body', metatype: Search });
      await expect(asked).rejects.toMatchObject({ details: { detail } });
    },
  );
});

class Account {
  @Length(2, 40)
  login: string;

  @IsString()
  @MinLength(12)
  @MaxLength(200)
  @Matches(/^\S+$/, { message: '不得有空格' })
  password: string;
}

describe('a field that is not there', () => {
  const missing = [
    { field: 'login', rule: 'isDefined', message: '必填' },
    { field: 'password', rule: 'isDefined', message: '必填' },
  ];
  it('is missed once, whatever else would be asked of it', async () => {
    const refusal = { details: { detail: 'login：必填', extra: { fields: missing } } };
    const asked = bodyValidation().transform({}, { type: 'body', metatype: Account });
    await expect(asked).rejects.toMatchObject(refusal);
    await expect(validateFields(Account, {})).rejects.toMatchObject(refusal);
  });

  it('is another thing than an empty one', async () => {
    const body = { login: 'ab', password: '' };
    await expect(validateFields(Account, body)).rejects.toMatchObject({
      details: { detail: 'password：不得有空格' },
    });
  });
});

describe('a field of another type', () => {
  it('is told so once, and not how long it would have to be', async () => {
    const fields = [{ field: 'password', rule: 'isString', message: '须为文本' }];
    await expect(validateFields(Account, { login: 'ab', password: 5 })).rejects.toMatchObject({
      details: { detail: 'password：须为文本', extra: { fields } },
    });
  });
});

describe('a part of an address that is no UUID', () => {
  it('is refused by its name', async () => {
    const given = { type: 'param', data: 'eventId' } as const;
    await expect(async () => UUID_PART.transform('nope', given)).rejects.toMatchObject({
      details: { status: 400, code: 'bad-value', detail: 'eventId：须为 UUID' },
    });
  });
});
