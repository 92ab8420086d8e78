import { readFileSync } from 'node:fs';
import { send } from './support/person.js';
import { theLedger } from './support/the-ledger.js';

// With the notary, whose routes are in the document too.
const ledger = theLedger({}, {});

interface Schema {
  readonly $ref?: string;
  readonly [member: string]: unknown;
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security?: unknown;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let served: Document;
const operations: [route: string, operation: Operation][] = [];
beforeAll(async () => {
  served = (await send<Document>(`${ledger.running.url}/api/v1/openapi.json`, {})).body;
  for (const [path, methods] of Object.entries(served.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operations.push([`${method} ${path}`, operation]);
    }
  }
});

const without = (wanted: (operation: Operation) => boolean): string[] =>
  operations.filter(([, operation]) => !wanted(operation)).map(([route]) => route);

describe('docs/openapi.json', () => {
  it('is what the code serves; `npm run openapi` writes it anew', () => {
    const committed = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as Document;
    expect(Object.keys(committed.paths)).toEqual(Object.keys(served.paths));
    expect(committed).toEqual(served);
  });

  it('has every address of contract §3, §4 and §5', () => {
    expect(operations.map(([route]) => route)).toEqual(
      expect.arrayContaining([
        ...['post /api/v1/session', 'delete /api/v1/session', 'get /health/ready'],
        ...['post /api/v1/submissions', 'get /api/v1/submissions/{id}'],
        'get /api/v1/submissions/{id}/report',
        'post /api/v1/submissions/{id}/certification',
        ...['get /api/v1/holdings/{id}', 'get /api/v1/counties/{code}/trail'],
        ...['get /api/v1/counties/{code}/summary', 'get /api/v1/trace/{id}'],
        ...['get /api/v1/alerts', 'get /api/v1/trial-balance', 'get /api/v1/events'],
      ]),
    );
  });
});

describe('a client can be generated from it', () => {
  it('every route has a name of its own, a summary and a group', () => {
    const names = operations.map(([, { operationId }]) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(without(({ summary, tags }) => Boolean(summary) && Boolean(tags?.length))).toEqual([]);
  });

  it('every answer has a schema, or is empty by its status', () => {
    const answered = ({ responses }: Operation): boolean => {
      const good = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const typed = good.every(
        ([status, { content }]) =>
          status === '204' || Object.values(content ?? {}).some(({ schema }) => schema),
      );
      return good.length > 0 && typed;
    };
    expect(without(answered)).toEqual([]);
  });

  it('every body has a schema', () => {
    const typed = ({ requestBody }: Operation): boolean =>
      requestBody === undefined ||
      Object.values(requestBody.content).every(({ schema }) => schema !== undefined);
    expect(without(typed)).toEqual([]);
  });

  it('every problem has its codes, and who must be signed in may be turned away', () => {
    const codesAt = ({ responses }: Operation, status: string): unknown =>
      responses[status]?.content?.['application/problem+json']?.schema;
    expect(without((operation) => codesAt(operation, '500') !== undefined)).toEqual([]);
    const guarded = operations.filter(([, { security }]) => security !== undefined);
    expect(guarded.length).toBeGreaterThan(20);
    for (const [route, operation] of guarded) {
      expect([route, JSON.stringify(codesAt(operation, '401'))]).toEqual([
        route,
        expect.stringContaining('not-authenticated'),
      ]);
    }
  });

  it('every reference leads somewhere', () => {
    const referred = [...JSON.stringify(served).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(referred.length).toBeGreaterThan(50);
    for (const [, name] of referred) expect(served.components.schemas).toHaveProperty(name ?? '');
  });
});
