import { type Random, randomFor } from '@fundflow/generator/random';
import { type Body, formOf, jsonOf, unaskedBody } from './hostile-bodies.js';
import { expectedJson, hostileText, type Schema, type Schemas } from './hostile-values.js';
import { TWIST_NAMES } from './hostile-wire.js';

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
  /** The name of what is done to its bytes before they go out. */
  readonly twist: string | null;
}

export interface Campaign {
  readonly document: Described;
  readonly logins: readonly string[];
  /** Texts that lead somewhere: ids, regions, dates of what the ledger holds. */
  readonly known: readonly string[];
  /** Bodies of hand-ins that would be accepted. */
  readonly submissions: readonly unknown[];
  /** The same of other operations, whose schemas alone do not lead as far: of a password, of a name. */
  readonly accepted: ReadonlyMap<string, readonly unknown[]>;
  readonly seed: number;
}

/** These end the campaign for whoever sends them, so only strangers do. */
const ENDS_A_SESSION = new Set(['session_end', 'session_changePassword', 'secondFactor_demand']);
const OTHER_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'POST', 'PROPFIND'];
const HAND_IN = 'submissions_handIn';
/** In a million. */
const TWISTED = 40_000;
const LED = 50_000;
const HARMLESS = ['OPTIONS', 'HEAD', 'PROPFIND'];

/** Only what Node lets a client send in a header. */
const headerText = (text: string): string => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');
/** Anything but what ends the address, or the line it stands in. */
const addressText = (text: string): string => text.replace(/[\r\n ]/g, '+');

/** A lone surrogate has no UTF-8, so no percent-encoding either. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

const IN_ADDRESSES = [
  ...[
    '%zz',
    '%',
    '%c0%af',
    '%00',
    '%2e%2e%2f',
    ';a=b',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '..%5c..',
  ],
  ...[
    '..;/..;/users',
    '%252e%252e%252f',
    '%ed%a0%80',
    '%f8%88%80%80%80',
    '../',
    '//',
    '/.',
    '%0d%0ax:y',
  ],
];

function inPath(text: string, random: Random): string {
  if (random.chance(60_000)) return random.pick(IN_ADDRESSES);
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

/** Headers that mean something to somebody on the way, each with texts that look like theirs. */
const STRANGE_HEADERS: Readonly<Record<string, readonly string[]>> = {
  accept: ['*/*', 'text/html', 'application/json;q=0', ',,', 'a/b'.repeat(500)],
  'accept-encoding': ['gzip', 'br;q=1, identity;q=0', '*;q=0', 'x'],
  'accept-language': ['zh', 'xx', '*', 'en;q=9'],
  'access-control-request-method': ['DELETE', 'x'],
  authorization: ['Bearer', 'Bearer x', `Bearer ${'a'.repeat(8_000)}`, 'Basic Og==', 'bearer \t'],
  'content-encoding': ['gzip', 'deflate, gzip', 'x', 'identity'],
  'content-language': ['zh'],
  'content-range': ['bytes 0-1/2'],
  cookie: [
    ...[
      'fundflow_session=',
      'fundflow_session',
      'a=b; fundflow_session="x"',
      ';;;=;',
      'a'.repeat(8_000),
    ],
    ...['fundflow_session=%00', '__proto__=x; constructor=y', `${'a=b;'.repeat(1_000)}c=d`],
  ],
  'if-match': ['*', '"x"'],
  'if-none-match': ['*', 'W/"x"', '"'],
  'if-modified-since': ['x', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  origin: ['null', 'http://127.0.0.1', 'https://evil.example', 'file://'],
  range: ['bytes=0-', 'bytes=-1', 'bytes=9-1', `bytes=${'0-1,'.repeat(500)}2-3`],
  referer: ['http://evil.example'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'none', 'x'],
  traceparent: ['00-0-0-0', '00-00000000000000000000000000000000-0000000000000000-00'],
  'x-forwarded-for': ['127.0.0.1', '::1, ::1', 'x'.repeat(1_000)],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE', 'TRACE'],
  'x-original-url': ['/api/v1/users'],
  'x-request-id': ['x', '../..', 'a'.repeat(1_000)],
  'idempotency-key': [
    ...['"quoted"', 'a', 'a'.repeat(63), 'a'.repeat(64), 'a'.repeat(255), 'a'.repeat(256)],
    ...[
      'a b',
      'a,b',
      '*',
      '../x',
      '__proto__',
      '00000000-0000-4000-8000-000000000000',
      '\xe9',
      '\t',
    ],
  ],
};
const KEYS = 200;

function headersOf(type: string | null, random: Random): Record<string, string> {
  const headers: Record<string, string> = type === null ? {} : { 'content-type': headerText(type) };
  if (random.chance(200_000)) {
    const [name, texts] = random.pick(Object.entries(STRANGE_HEADERS));
    headers[name] = random.chance(600_000) ? random.pick(texts) : headerText(hostileText(random));
  }
  if (random.chance(100_000)) headers['idempotency-key'] = `key-${random.below(KEYS)}`;
  return headers;
}

function bodyOf(operation: Operation, campaign: Campaign, random: Random): Body {
  const content = operation.requestBody?.content ?? {};
  const types = Object.keys(content);
  if (types.length === 0) {
    return random.chance(900_000) ? { body: null, type: null } : unaskedBody(random);
  }
  const asked = random.pick(types);
  const { submissions, accepted, document, known } = campaign;
  if (asked === 'multipart/form-data') return formOf(submissions, random);
  const bodies =
    operation.operationId === HAND_IN ? submissions : accepted.get(operation.operationId);
  const value = bodies
    ? random.pick(bodies)
    : expectedJson(content[asked]?.schema ?? {}, document.components.schemas, known, random);
  return jsonOf(value, random);
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** Any, a path as often as another; some more often one that makes something of a body that is accepted. */
function routeOf({ document, accepted }: Campaign, random: Random): Route {
  const routes = Object.entries(document.paths).map(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const isLed = random.chance(LED);
  const leads = ({ operation: { operationId } }: Route): boolean =>
    operationId === HAND_IN || accepted.has(operationId);
  return random.pick(isLed ? routes.flat().filter(leads) : random.pick(routes));
}

/** The n-th request of a campaign: the same for the same seed, whatever came before. */
export function hostileRequest(campaign: Campaign, n: number): HostileRequest {
  const random = randomFor(campaign.seed, `hostile-request/${n}`);
  const { path, method, operation } = routeOf(campaign, random);
  const { body, type } = bodyOf(operation, campaign, random);
  const stranger = ENDS_A_SESSION.has(operation.operationId) || random.chance(80_000);
  const other = random.chance(30_000);
  return {
    method: other ? random.pick(stranger ? OTHER_METHODS : HARMLESS) : method.toUpperCase(),
    path: addressOf(path, operation, campaign, random),
    headers: headersOf(type, random),
    body,
    as: stranger ? null : random.pick(campaign.logins),
    twist: random.chance(TWISTED) ? random.pick(TWIST_NAMES) : null,
  };
}
