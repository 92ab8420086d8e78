import { type Random, randomFor } from '@fundflow/generator/random';
import {
  expectedJson,
  hostileJson,
  hostileText,
  type Schema,
  type Schemas,
  spoiled,
  spoiledBytes,
} from './hostile-values.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
}
/** As much of an OpenAPI document as hostility needs. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Schemas };
}

export interface HostileRequest {
  readonly method: string;
  /** Raw, with its query: nothing may normalise it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** Whose session it carries; null: nobody's. */
  readonly as: string | null;
}

export interface Campaign {
  readonly document: Described;
  readonly logins: readonly string[];
  /** Texts that lead somewhere: ids, regions, dates of what the ledger holds. */
  readonly known: readonly string[];
  /** Bodies of hand-ins that would be accepted. */
  readonly submissions: readonly unknown[];
  readonly seed: number;
}

/** These end the campaign for whoever sends them, so only strangers do. */
const ENDS_A_SESSION = new Set(['session_end', 'session_changePassword', 'secondFactor_demand']);
const OTHER_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'POST', 'PROPFIND'];
const OTHER_TYPES = ['text/plain', 'application/xml', 'application/json; charset=gbk', 'x', '/'];

const HARMLESS = ['OPTIONS', 'HEAD', 'PROPFIND'];

/** Only what Node lets a client send in a header. */
const headerText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
/** Anything but what ends the address, or the line it stands in. */
const addressText = (text: string): string => text.replace(/[\r\n ]/g, '+');

/** A lone surrogate has no UTF-8, so no percent-encoding either. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

function inPath(text: string, random: Random): string {
  if (random.chance(60_000)) return random.pick(['%zz', '%', '%c0%af', '%00', '%2e%2e%2f', ';a=b']);
  return random.chance(900_000) ? encodeURIComponent(wellFormed(text)) : addressText(text);
}

function valueOf(campaign: Campaign, schema: Schema | undefined, random: Random): string {
  if (random.chance(450_000)) return hostileText(random);
  const { document, known } = campaign;
  return String(expectedJson(schema ?? {}, document.components.schemas, known, random));
}

function addressOf(path: string, operation: Operation, campaign: Campaign, random: Random): string {
  const parameters = operation.parameters ?? [];
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = parameters.find((one) => one.name === name)?.schema;
    return inPath(valueOf(campaign, schema, random), random);
  });
  const query: string[] = [];
  for (const one of parameters.filter(({ in: place }) => place === 'query')) {
    if (!one.required && random.chance(500_000)) continue;
    for (let times = random.chance(50_000) ? 2 : 1; times > 0; times -= 1) {
      const suffix = random.chance(30_000) ? random.pick(['[]', '[a]', '.a', '%00']) : '';
      query.push(`${one.name}${suffix}=${inPath(valueOf(campaign, one.schema, random), random)}`);
    }
  }
  if (random.chance(50_000)) query.push(`${inPath(hostileText(random), random)}=1`);
  return query.length === 0 ? address : `${address}?${query.join('&')}`;
}

type Body = Pick<HostileRequest, 'body'> & { readonly type: string | null };

const BOUNDARY = 'hostile';

function formOf(campaign: Campaign, random: Random): Buffer {
  const { kind, rows } = random.pick(campaign.submissions) as {
    kind: string;
    rows: readonly Record<string, string>[];
  };
  const header = Object.keys(rows[0] ?? {});
  const lines = [header, ...rows.map((row) => header.map((name) => row[name] ?? ''))];
  const csv = Buffer.from(lines.map((cells) => `${cells.join(',')}\r\n`).join(''));
  const name = random.chance(700_000) ? 'x.csv' : headerText(hostileText(random));
  const content = random.chance(600_000) ? spoiledBytes(csv, random) : csv;
  const field = random.chance(800_000) ? kind : hostileText(random);
  const disposition = 'content-disposition: form-data; name=';
  const form = Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\n${disposition}"kind"\r\n\r\n${field}\r\n`),
    Buffer.from(`--${BOUNDARY}\r\n${disposition}"file"; filename="${name}"\r\n\r\n`),
    content,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);
  return random.chance(200_000) ? spoiledBytes(form, random) : form;
}

function jsonOf(schema: Schema, operation: Operation, campaign: Campaign, random: Random): Buffer {
  const isHandIn = operation.operationId === 'submissions_handIn';
  const { document, known } = campaign;
  let value = isHandIn
    ? random.pick(campaign.submissions)
    : expectedJson(schema, document.components.schemas, known, random);
  for (let times = random.below(4); times > 0; times -= 1) value = spoiled(value, random);
  const bytes = Buffer.from(JSON.stringify(value) ?? '');
  return random.chance(150_000) ? spoiledBytes(bytes, random) : bytes;
}

function bodyOf(operation: Operation, campaign: Campaign, random: Random): Body {
  const content = operation.requestBody?.content ?? {};
  const types = Object.keys(content);
  if (types.length === 0) {
    if (random.chance(900_000)) return { body: null, type: null };
    return { body: Buffer.from(JSON.stringify(hostileJson(random))), type: 'application/json' };
  }
  const asked = random.pick(types);
  const type = random.chance(40_000) ? random.pick(OTHER_TYPES) : asked;
  if (asked === 'multipart/form-data') {
    const full = type === asked ? `${type}; boundary=${BOUNDARY}` : type;
    return { body: formOf(campaign, random), type: random.chance(20_000) ? asked : full };
  }
  return { body: jsonOf(content[asked]?.schema ?? {}, operation, campaign, random), type };
}

const STRANGE_HEADERS = [
  ...['accept', 'accept-encoding', 'content-encoding', 'if-none-match', 'range', 'authorization'],
  ...['cookie', 'origin', 'sec-fetch-site', 'x-forwarded-for', 'x-http-method-override'],
  ...['idempotency-key', 'accept-language', 'x-request-id', 'referer', 'traceparent'],
];

function headersOf(type: string | null, random: Random): Record<string, string> {
  const headers: Record<string, string> = type === null ? {} : { 'content-type': type };
  if (random.chance(150_000)) {
    headers[random.pick(STRANGE_HEADERS)] = headerText(hostileText(random));
  }
  if (random.chance(100_000)) headers['idempotency-key'] = `key-${random.below(200)}`;
  return headers;
}

/** The n-th request of a campaign: the same for the same seed, whatever came before. */
export function hostileRequest(campaign: Campaign, n: number): HostileRequest {
  const random = randomFor(campaign.seed, `hostile-request/${n}`);
  const [path, methods] = random.pick(Object.entries(campaign.document.paths));
  const [method, operation] = random.pick(Object.entries(methods));
  const { body, type } = bodyOf(operation, campaign, random);
  const stranger = ENDS_A_SESSION.has(operation.operationId) || random.chance(80_000);
  const other = random.chance(30_000);
  return {
    method: other ? random.pick(stranger ? OTHER_METHODS : HARMLESS) : method.toUpperCase(),
    path: addressOf(path, operation, campaign, random),
    headers: headersOf(type, random),
    body,
    as: stranger ? null : random.pick(campaign.logins),
  };
}
