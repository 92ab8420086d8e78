import { type ArgumentMetadata, type PipeTransform, ValidationPipe } from '@nestjs/common';
import { validate, type ValidationError } from 'class-validator';
import { keepsEveryRule } from './kept-rules.js';
import { Problem } from './problem.js';

/** Findings listed in one answer; a body with a thousand wrong rows is described well enough by the first. */
const FINDINGS_MAX = 100;
const DEPTH_MAX = 32;

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['whitelistValidation', '不认识的字段'],
  ['isDefined', '必填'],
  ['isNotEmpty', '不能为空'],
  ['isString', '须为文本'],
  ['isBoolean', '须为 true 或 false'],
  ['isInt', '须为整数'],
  ['isNumber', '须为数字'],
  ['isArray', '须为数组'],
  ['isObject', '须为对象'],
  ['nestedValidation', '须为对象'],
  ['isIn', '不在允许的取值之内'],
  ['isEnum', '不在允许的取值之内'],
  ['matches', '格式不正确'],
  ['isUuid', '须为 UUID'],
  ['isNumberString', '须为数字文本'],
  ['isDateString', '须为日期'],
  ['isISO8601', '须为日期'],
  ['isLength', '长度超出范围'],
  ['minLength', '过短'],
  ['maxLength', '过长'],
  ['min', '小于下限'],
  ['max', '大于上限'],
  ['arrayMinSize', '条数过少'],
  ['arrayMaxSize', '条数过多'],
  ['arrayNotEmpty', '至少一条'],
  ['arrayUnique', '有重复'],
]);

const AT_LEAST = / (?:less than|longer than or equal to|at least) (\d+)/;
const AT_MOST = / (?:greater than|shorter than or equal to|no more than) (\d+)/;

/** What class-validator writes of a rule says where its limit lies; none of it is of the value. */
function limitsIn(written: string): string {
  const choices = /following values: (.+)$/.exec(written)?.[1];
  if (choices !== undefined) return `，须为 ${choices.replaceAll(/, ?/g, '、')} 之一`;
  const [least, most] = [AT_LEAST.exec(written)?.[1], AT_MOST.exec(written)?.[1]];
  return [
    least === undefined ? '' : `，至少 ${least}`,
    most === undefined ? '' : `，至多 ${most}`,
  ].join('');
}

/** What is not there at all, or of another type, is said before its length or range: the order of `MESSAGES`. */
const RANK: ReadonlyMap<string, number> = new Map(
  Array.from(MESSAGES.keys(), (rule, at) => [rule, at]),
);
const rankOf = ([rule]: readonly [string, string]): number => RANK.get(rule) ?? MESSAGES.size;

const UNKNOWN = 'whitelistValidation';
const CHINESE = /\p{Script=Han}/u;

export interface FieldFinding {
  /** Path in the body: `rows.3.amount`. */
  readonly field: string;
  /** The rule that failed, by the name class-validator gives it. */
  readonly rule: string;
  /** zh-CN. Never repeats the value: it may be somebody's name. */
  readonly message: string;
}

/** A message the body class wrote itself (in Chinese) wins over the general one of the rule. */
function messageOf(rule: string, written: string): string {
  // What class-validator writes of an unknown field has its name in it, Chinese or not.
  if (rule !== UNKNOWN && CHINESE.test(written)) return written;
  if (rule === UNKNOWN) return MESSAGES.get(rule) as string;
  return (MESSAGES.get(rule) ?? '取值不符合要求') + limitsIn(written);
}

const FIELD_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** What is no name of a field may be somebody's name or number: it is not repeated. */
const unknownName = (property: string): string => (FIELD_NAME.test(property) ? property : '?');

/** Every rule fails of a field that is not there, and one of them says it. */
const MISSING = 'isDefined';
/** What is of another type has no length and no range either. */
const TYPES = new Set(['isString', 'isBoolean', 'isInt', 'isNumber', 'isArray', 'isObject']);

function brokenRules(error: ValidationError): readonly (readonly [string, string])[] {
  const broken = Object.entries(error.constraints ?? {});
  if (broken.length > 0 && error.value === undefined) return [[MISSING, '']];
  const ofAnotherType = broken.find(([rule]) => TYPES.has(rule));
  if (ofAnotherType) return [ofAnotherType];
  return broken.toSorted((a, b) => rankOf(a) - rankOf(b));
}

/** Flattens nested errors into findings, in the order of the body's fields, at most `FINDINGS_MAX`. */
function fieldFindings(errors: readonly ValidationError[], depth = 0): FieldFinding[] {
  const found: FieldFinding[] = [];
  for (const error of errors) {
    for (const [rule, written] of brokenRules(error)) {
      const field = rule === UNKNOWN ? unknownName(error.property) : error.property;
      found.push({ field, rule, message: messageOf(rule, written) });
    }
    if (error.children === undefined || depth >= DEPTH_MAX) continue;
    for (const inner of fieldFindings(error.children, depth + 1)) {
      found.push({ ...inner, field: `${error.property}.${inner.field}` });
    }
    if (found.length >= FINDINGS_MAX) return found.slice(0, FINDINGS_MAX);
  }
  return found;
}

/** 400 `bad-value` with one finding a field and rule, as `fields`. */
export function badValue(fields: readonly FieldFinding[]): Problem {
  const first = fields[0];
  return new Problem({
    status: 400,
    code: 'bad-value',
    title: '请求中有不正确的值',
    titleEn: 'Bad value',
    detail: first ? `${first.field}：${first.message}` : '请核对请求的各项内容。',
    extra: { fields: fields.map((finding) => ({ ...finding })) },
  });
}

const NUL: Omit<FieldFinding, 'field'> = { rule: 'noNul', message: '不得含有空字符' };

/** Where below a value a text or a name has NUL in it, which no text column can hold; null: nowhere. */
function placeOfNul(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value.includes('\0') ? '' : null;
  if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) {
    const below = name.includes('\0') ? '' : placeOfNul(fields[name], depth + 1);
    if (below === null) continue;
    return within(Array.isArray(value) ? name : unknownName(name), below);
  }
  return null;
}

const within = (path: string, below: string): string =>
  path === '' || below === '' ? path + below : `${path}.${below}`;

/**
 * A field that is null is as good as left out: what is optional may be either to a client, and `IsOptional` lets both
 * through, while handlers know of the second alone. What has to be there is missed.
 */
function fieldsOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  refuseInheritedNames(body);
  if (!Object.values(body).includes(null)) return body;
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

/** `constructor` and its like are fields of nobody, and what validates would take them for its own. */
function refuseInheritedNames(body: object): void {
  const inherited = Object.keys(body).filter((name) => name in Object.prototype);
  if (inherited.length === 0) return;
  const message = MESSAGES.get(UNKNOWN) as string;
  throw badValue(inherited.map((field) => ({ field, rule: UNKNOWN, message })));
}

const UUID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/i;

class UuidPart implements PipeTransform<string, string> {
  transform(value: string, { data }: ArgumentMetadata): string {
    if (typeof value === 'string' && UUID.test(value)) return value;
    const message = MESSAGES.get('isUuid') as string;
    throw badValue([{ field: data ?? 'id', rule: 'isUuid', message }]);
  }
}

/** A part of an address that is a UUID: anything else is 400 `bad-value`, which names the part. */
export const UUID_PART = new UuidPart();

class Validation implements PipeTransform {
  readonly #library = new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    // Whether there is a value at all: it is repeated nowhere.
    validationError: { target: false, value: true },
    exceptionFactory: (errors) => badValue(fieldFindings(errors)),
  });

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const { type, metatype, data } = metadata;
    const below = type === 'custom' ? null : placeOfNul(value);
    if (below !== null) throw badValue([{ field: within(data ?? '', below), ...NUL }]);
    if (type === 'param' && metatype === String && typeof value === 'string') return value;
    if (type !== 'body') return this.#library.transform(value, metadata);
    const given = fieldsOf(value);
    return inOrder(metatype, given) ?? this.#library.transform(given, metadata);
  }
}

/** The body as an instance of its class, where every rule is kept; null: the library may find what is not. */
function inOrder(type: ArgumentMetadata['metatype'], body: unknown): object | null {
  if (type === undefined || typeof body !== 'object' || body === null) return null;
  if (Array.isArray(body)) return null;
  const given = Object.assign(new type() as object, body);
  return keepsEveryRule(given) ? given : null;
}

/** The pipe of every route: NUL and unknown fields are refused, null is absent, values are never repeated in the answer. */
export function bodyValidation(): PipeTransform {
  return new Validation();
}

/**
 * Validates the fields of a body by hand, for a route that takes more than one content type. What stands inside a field
 * is neither copied nor looked at: a body of ten thousand rows costs what its two fields cost.
 *
 * @throws Problem 400 `bad-value`
 */
export async function validateFields<T extends object>(
  type: new () => T,
  body: unknown,
): Promise<T> {
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  refuseInheritedNames(fields);
  const given = Object.assign(new type(), fields);
  if (keepsEveryRule(given)) return given;
  const errors = await validate(given, {
    ...{ whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true },
    validationError: { target: false, value: true },
  });
  if (errors.length > 0) throw badValue(fieldFindings(errors));
  return given;
}
