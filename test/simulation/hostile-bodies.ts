import { gzipSync } from 'node:zlib';
import type { Random } from '@fundflow/generator/random';
import { hostileJson, hostileText, spoiled, spoiledBytes } from './hostile-values.js';

export interface Body {
  readonly body: Buffer | null;
  /** What its head says it is. */
  readonly type: string | null;
}

const JSON_TYPE = 'application/json';
const OTHER_TYPES = [
  ...[
    'text/plain',
    'application/xml',
    'application/json; charset=gbk',
    'x',
    '/',
    'APPLICATION/JSON',
  ],
  ...[
    'application/json; charset=utf-16',
    'application/json;',
    'application/json; a="',
    'text/json',
  ],
  ...['application/problem+json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
  ...[
    'multipart/mixed; boundary=hostile',
    'multipart/form-data; boundary=',
    '*/*',
    'a'.repeat(2_000),
  ],
];
const DEPTH = 20_000;
const MANY = 50_000;
/** In a million: what would be accepted has to be sometimes. */
const LEFT_AS_IT_IS = 400_000;

type Bytes = (json: string) => Buffer | string;

/** JSON that no writer of JSON writes: {"a":1} becomes what is in each of these. */
const AS_BYTES: readonly Bytes[] = [
  (json) => json.replace(/"(\w+)":/, '"$1":0,"$1":'),
  (json) => json.replace('{', '{"__proto__":{"isAdmin":true},'),
  (json) => json.replace('{', '{"constructor":{"prototype":{"a":1}},'),
  (json) => json.replace('{', '{"\\u005f_proto__":[],'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '"\\ud800"'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '"\\udc00\\ud83d"'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '"\\u0000"'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '9'.repeat(10_000)),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '1e400'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '-1e-999999999'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, '0.1e1'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, 'NaN'),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`),
  (json) => json.replace(/"[^"]*"(?=[,}\]])/, `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`),
  () => '['.repeat(DEPTH),
  (json) => json.replace('{', `{${Array.from({ length: MANY }, (_, n) => `"a${n}":1,`).join('')}`),
  (json) => json.replace(/"([^"]*)"(?=[,}\]])/, `"${'长'.repeat(MANY)}"`),
  (json) => `\ufeff${json}`,
  (json) => Buffer.from(json, 'utf16le'),
  (json) => Buffer.from(json, 'latin1'),
  (json) => gzipSync(json),
  (json) => `${json}${json}`,
  (json) => `${json}\n// a word`,
  (json) => `${' '.repeat(MANY)}${json}`,
  (json) => json.replaceAll('"', "'"),
  (json) => json.replace(/\}$/, ',}'),
  (json) => JSON.stringify(json),
  () => '',
  () => '\0',
];

/** A value as it is, or spoiled in up to three places, as bytes that are JSON, or nearly, or not at all. */
export function jsonOf(asked: unknown, random: Random): Body {
  let value = asked;
  const times = random.chance(LEFT_AS_IT_IS) ? 0 : random.below(4);
  for (let time = 0; time < times; time += 1) value = spoiled(value, random);
  const json = JSON.stringify(value) ?? '';
  const type = random.chance(40_000) ? random.pick(OTHER_TYPES) : JSON_TYPE;
  if (random.chance(60_000)) return { body: Buffer.from(random.pick(AS_BYTES)(json)), type };
  const bytes = Buffer.from(json);
  return { body: random.chance(150_000) ? spoiledBytes(bytes, random) : bytes, type };
}

/** A body where none is expected. */
export const unaskedBody = (random: Random): Body => ({
  body: Buffer.from(JSON.stringify(hostileJson(random))),
  type: JSON_TYPE,
});

const BOUNDARY = 'hostile';
const BOUNDARIES = [
  '',
  '"hostile"',
  'other',
  'a'.repeat(71),
  '"ho\\"stile"',
  'hostile; boundary=x',
  '长',
];

/** Parts nobody asks for, or that say more than one thing; put before what is expected. */
const STRANGE_PARTS: readonly string[] = [
  'content-disposition: form-data; name="kind"\r\n\r\nprojects\r\n',
  'content-disposition: form-data; name="file"; filename="y.csv"\r\n\r\na,b\r\n',
  'content-disposition: form-data; name="__proto__"\r\n\r\nx\r\n',
  'content-disposition: form-data; name="kind"; filename="k"\r\n\r\npayments\r\n',
  'content-disposition: form-data\r\n\r\nx\r\n',
  'content-disposition: attachment; name=kind\r\n\r\nx\r\n',
  'content-disposition: form-data; name="file"; filename*=utf-8\'\'..%2f..%2fx\r\n\r\nx\r\n',
  'content-type: text/plain\r\n\r\nx\r\n',
  'content-disposition: form-data; name="kind"\r\ncontent-transfer-encoding: base64\r\n\r\nYQ==\r\n',
  'content-type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nx\r\n--inner--\r\n',
  `content-disposition: form-data; name="${'n'.repeat(2_000)}"\r\n\r\nx\r\n`,
  `content-disposition: form-data; name="kind"\r\n\r\n${'k'.repeat(100_000)}\r\n`,
  `x: ${'a'.repeat(100_000)}\r\n\r\nx\r\n`,
  '\r\n',
  '',
];
const PARTS_MAX = 300;
const FILE_NAMES = [
  'x.csv',
  '../../x.csv',
  'x.xlsx',
  'C:\\x.csv',
  '.',
  'x.csv\0.xlsx',
  'x'.repeat(300),
];

/** What may stand in a header of a part, as bytes. */
const inPart = (text: string): string => text.replace(/["\r\n]/g, '?');

/** A hand-in as a form: a file of CSV under a name, spoiled in what it holds, in its parts or in what bounds them. */
export function formOf(submissions: readonly unknown[], random: Random): Body {
  const { kind, rows } = random.pick(submissions) as {
    kind: string;
    rows: readonly Record<string, string>[];
  };
  const header = Object.keys(rows[0] ?? {});
  const lines = [header, ...rows.map((row) => header.map((name) => row[name] ?? ''))];
  const csv = Buffer.from(lines.map((cells) => `${cells.join(',')}\r\n`).join(''));
  const name = random.chance(800_000) ? random.pick(FILE_NAMES) : inPart(hostileText(random));
  const content = random.chance(600_000) ? spoiledBytes(csv, random) : csv;
  const field = random.chance(800_000) ? kind : hostileText(random);
  const disposition = 'content-disposition: form-data; name=';
  const times = random.chance(50_000) ? random.below(PARTS_MAX) : random.chance(150_000) ? 1 : 0;
  const before = Array.from({ length: times }, () =>
    Buffer.from(`--${BOUNDARY}\r\n${random.pick(STRANGE_PARTS)}`),
  );
  const end = random.chance(950_000)
    ? `\r\n--${BOUNDARY}--\r\n`
    : random.pick(['', '\r\n--', '--\r\n']);
  const form = Buffer.concat([
    ...before,
    Buffer.from(`--${BOUNDARY}\r\n${disposition}"kind"\r\n\r\n${field}\r\n`),
    Buffer.from(`--${BOUNDARY}\r\n${disposition}"file"; filename="${name}"\r\n\r\n`),
    content,
    Buffer.from(end),
  ]);
  const bound = random.chance(950_000) ? BOUNDARY : random.pick(BOUNDARIES);
  const type = random.chance(40_000)
    ? random.pick(OTHER_TYPES)
    : `multipart/form-data; boundary=${bound}`;
  return { body: random.chance(200_000) ? spoiledBytes(form, random) : form, type };
}
