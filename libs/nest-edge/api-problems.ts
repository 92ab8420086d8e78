import { ApiExtension } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Codes = Readonly<Record<number, readonly string[]>>;

const EXTENSION = 'x-problems';

/**
 * Names the problems of a route, by HTTP status, beyond those that every route of its sort may have. They stand in the
 * OpenAPI document; the tests of the whole fail on an answer whose code is not there.
 */
export const Fails = (codes: Codes) => ApiExtension(EXTENSION, { ...codes });

const EVERY: Codes = {
  500: ['internal'],
  503: ['shutting-down', 'storage-full', 'database-unavailable'],
};
const SIGNED_IN: Codes = {
  401: ['not-authenticated'],
  403: ['not-allowed', 'password-change-required', 'second-factor-enrolment-required'],
};
const UNSAFE: Codes = { 403: ['cross-origin'] };
const REPEATABLE: Codes = {
  400: ['bad-idempotency-key'],
  409: ['idempotency-in-progress', 'idempotency-answer-not-kept'],
  422: ['idempotency-key-reused'],
};
const WITH_BODY: Codes = {
  400: ['bad-json', 'bad-request', 'bad-value'],
  413: ['body-too-large'],
  415: ['unsupported-media-type'],
};
const WITH_PARAMETERS: Codes = { 400: ['bad-request', 'bad-value'], 414: ['address-too-long'] };

function codesOf(operation: Operation, method: string): Map<number, Set<string>> {
  const signedIn = operation.security !== undefined;
  const unsafe = method !== 'get';
  const own = (operation as unknown as Readonly<Record<string, Codes | undefined>>)[EXTENSION];
  const sources = [
    ...[EVERY, own ?? {}],
    ...(signedIn ? [SIGNED_IN] : []),
    ...(unsafe ? [UNSAFE] : []),
    ...(unsafe && signedIn ? [REPEATABLE] : []),
    ...(operation.requestBody ? [WITH_BODY] : []),
    ...(operation.parameters?.length ? [WITH_PARAMETERS] : []),
  ];
  const codes = new Map<number, Set<string>>();
  for (const [status, list] of sources.flatMap((source) => Object.entries(source))) {
    const known = codes.get(Number(status)) ?? new Set();
    for (const code of list) known.add(code);
    codes.set(Number(status), known);
  }
  return codes;
}

const problemWith = (codes: string[]) => ({
  allOf: [
    { $ref: '#/components/schemas/Problem' },
    { type: 'object', properties: { code: { type: 'string', enum: codes } } },
  ],
});

/** Writes the problems of an operation into its responses, each status with its codes. */
export function describeProblems(operation: Operation, method: string): void {
  for (const [status, found] of [...codesOf(operation, method)].sort(([a], [b]) => a - b)) {
    const codes = [...found].sort();
    operation.responses[status] = {
      description: codes.join(', '),
      content: { 'application/problem+json': { schema: problemWith(codes) } },
    };
  }
  delete (operation as unknown as Record<string, unknown>)[EXTENSION];
}

const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and request again is answered as the first time',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** “Any request may carry `Idempotency-Key`”; it is honoured where something changes. */
export function describeIdempotency(operation: Operation, method: string): void {
  if (method === 'get' || operation.security === undefined) return;
  operation.parameters = [...(operation.parameters ?? []), KEY_HEADER];
}
