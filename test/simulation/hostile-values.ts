import type { Random } from '@fundflow/generator/random';

/** A JSON Schema as the OpenAPI document writes it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minimum?: number;
}
export type Schemas = Readonly<Record<string, Schema>>;

/** Texts that break what is careless: quoting, encodings, prototypes, dates, numbers, patterns, paths. */
const TEXTS: readonly string[] = [
  ...['', ' ', '0', '-1', '-0', '1e308', 'NaN', 'Infinity', '0x10', '٣', '１２', '9'.repeat(400)],
  ...['9007199254740993', '9223372036854775808', '99999999999999999999.99', '1.005', '1,000'],
  ...['2020-02-30', '0000-00-00', '9999-12-31', '+275760-09-13', '2020-13-01T25:61:61Z'],
  ...['2018-06-01T00:00:00+25:00', '1970-01-01T00:00:00Z', '294277-01-01T00:00:00Z', 'today'],
  ...[
    '-271821-04-20',
    '10000-01-01',
    '0001-01-01',
    '1582-10-10',
    '2018-06-01T00:00:00.0000000000001Z',
  ],
  ...[
    '2016-12-31T23:59:60Z',
    '2018-W01-1',
    '20180601',
    '4714-11-24 BC',
    'infinity',
    '-infinity',
    'epoch',
  ],
  ...["'", '"', '\\', "' OR 1=1 --", "'); DROP TABLE events; --", '$1', '%', '_', '%s%n', '{}'],
  ...['\0', 'a\0b', '\n', '\r\nx-y: z', '\t', '\u007f', '\u202e', '\ufeff', '\ufffe', '\ud800'],
  ...['\udc00a', '👩‍👩‍👧', 'e\u0301', '韦建国', 'İı', 'ß', 'ﬀ', '\u{10ffff}'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined'],
  ...['../../etc/passwd', '..\\..\\x', '/', '//', '.', '..', 'CON', 'file:///etc/passwd'],
  ...['<script>alert(1)</script>', '=1+1', '@SUM(A1)', '${7*7}', '{{7*7}}', '`id`', '$(id)'],
  ...[`${'a'.repeat(40)}!`, 'a'.repeat(300), '长'.repeat(1_000), '('.repeat(200), '[]', '{"a":1}'],
  ...['450000', '450124', '000000', '999999', '45012', '00000000-0000-0000-0000-000000000000'],
];

export const hostileText = (random: Random): string => random.pick(TEXTS);

const DEEP = 40;
const MANY = 2_000;

/** Any JSON value, but none that anybody expects. */
export function hostileJson(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
      return null;
    case 1:
      return random.chance(500_000);
    case 2:
      return random.pick([0, -0, -1, 1.5, 1e308, 2 ** 53, -(2 ** 63), 5e-324]);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return [[hostileText(random)]];
    case 6:
      return { [hostileText(random)]: hostileText(random) };
    case 7:
      return Array.from({ length: random.below(DEEP) }).reduce((inner) => [inner], 0 as unknown);
    case 8:
      return Array.from({ length: random.below(MANY) }, (_, n) => n);
    default:
      return hostileText(random);
  }
}

const ARRAY_MAX = 4;
const DEPTH_MAX = 8;

/** What the schema asks for, more or less: patterns are not read, so texts are those that are known to lead on. */
export function expectedJson(
  schema: Schema,
  schemas: Schemas,
  known: readonly string[],
  random: Random,
  depth = 0,
): unknown {
  const inner = (one: Schema) => expectedJson(one, schemas, known, random, depth + 1);
  if (depth > DEPTH_MAX) return null;
  if (schema.$ref) return inner(schemas[schema.$ref.split('/').pop() as string] ?? {});
  if (schema.oneOf) return inner(random.pick(schema.oneOf));
  if (schema.enum) return random.pick(schema.enum);
  if (schema.example !== undefined && random.chance(500_000)) return schema.example;
  switch (schema.type) {
    case 'object': {
      const entries = Object.entries(schema.properties ?? {}).map(([k, v]) => [k, inner(v)]);
      return Object.fromEntries(entries);
    }
    case 'array':
      return Array.from({ length: random.below(ARRAY_MAX) }, () => inner(schema.items ?? {}));
    case 'boolean':
      return random.chance(500_000);
    case 'number':
    case 'integer':
      return (schema.minimum ?? 0) + random.below(1_000);
    default:
      return random.pick(known);
  }
}

/** One place of a value changed: replaced, left out, added or doubled. */
export function spoiled(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random.chance(150_000)) {
    return hostileJson(random);
  }
  if (Array.isArray(value)) {
    if (value.length === 0 || random.chance(200_000)) return [...value, hostileJson(random)];
    const at = random.below(value.length);
    return value.with(at, spoiled(value[at], random));
  }
  const names = Object.keys(value);
  if (names.length === 0 || random.chance(150_000)) {
    return { ...value, [hostileText(random)]: hostileJson(random) };
  }
  const name = random.pick(names);
  const { [name]: old, ...rest } = value as Record<string, unknown>;
  return random.chance(150_000) ? rest : { ...rest, [name]: spoiled(old, random) };
}

/** A few bytes flipped, a piece left out, doubled, or everything after a point. */
export function spoiledBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(40));
  switch (random.below(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    case 3: {
      const piece = Buffer.from(hostileText(random), random.chance(500_000) ? 'utf8' : 'latin1');
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    }
    default: {
      const changed = Buffer.from(bytes);
      for (let n = random.between(1, 4); n > 0 && changed.length > 0; n -= 1) {
        changed[random.below(changed.length)] = random.below(256);
      }
      return changed;
    }
  }
}
