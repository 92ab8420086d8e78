import { Ajv, type ValidateFunction } from 'ajv';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;
type Schema = {
  properties?: Record<string, Schema>;
  additionalProperties?: unknown;
  allOf?: unknown;
};

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What was asked and answered. */
export interface Exchange {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** Throws where an answer is not what the OpenAPI document says of its route: status, code or a member of the body. */
export type Conforms = (exchange: Exchange) => void;

/** Holds answers against a document; a member it does not name is as wrong as one that is missing. */
export function conformanceTo(document: OpenApi): Conforms {
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/);
  ajv.addFormat('date-time', /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  ajv.addFormat('binary', true);
  ajv.addSchema(closed(document), 'openapi');
  const compiled = new Map<string, ValidateFunction>();
  const routes = Object.keys(document.paths).map((path) => ({ path, test: patternOf(path) }));
  return ({ method, path, status, contentType, body }) => {
    const [address = ''] = path.split('?');
    const found = routes.filter(({ test }) => test.test(address)).sort(moreLiteralFirst);
    const operation = found[0] && document.paths[found[0].path]?.[method.toLowerCase()];
    // No such route, or no such method of it: the router answers, and its answer is a problem like any other.
    if (!operation) return;
    const what = `${method} ${found[0]?.path} answered ${status}`;
    const response = operation.responses[String(status)];
    if (!response) throw new Error(`${what}, which the document does not know: ${text(body)}`);
    if (contentType === null) return;
    const type = contentType.split(';')[0] ?? '';
    const media = response.content?.[type];
    if (!media) throw new Error(`${what} as ${type}, which the document does not know`);
    if (!/\bjson\b/.test(type)) return;
    const key = `#/paths/${pointer(found[0]?.path ?? '')}/${method.toLowerCase()}/responses/${status}/content/${pointer(type)}/schema`;
    const validate = compiled.get(key) ?? ajv.compile({ $ref: `openapi${key}` });
    compiled.set(key, validate);
    if (!validate(body)) {
      throw new Error(
        `${what} otherwise than documented: ${ajv.errorsText(validate.errors)} in ${text(body)}`,
      );
    }
  };
}

const text = (body: unknown): string => JSON.stringify(body)?.slice(0, 500) ?? '';

const pointer = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);

const moreLiteralFirst = (a: { readonly path: string }, b: { readonly path: string }): number =>
  a.path.split('{').length - b.path.split('{').length;

/** The schemas that others extend stay open: a problem has further members, a report line its flex columns. */
const OPEN = new Set(['Problem', 'ReportLineAnswer']);

function closed(document: OpenApi): OpenApi {
  const copy = structuredClone(document);
  for (const [name, schema] of Object.entries(copy.components.schemas)) {
    if (schema.properties && !OPEN.has(name)) schema.additionalProperties ??= false;
  }
  return copy;
}
