import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { describeIdempotency, describeProblems } from './api-problems.js';
import type { EdgeServer } from './edge-request.js';

export interface OpenApiSettings {
  readonly title: string;
  readonly description: string;
  readonly version: string;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457 problem details; `code` is stable.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    titleEn: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
  },
  additionalProperties: true,
};

/**
 * The OpenAPI 3.0 document of every controller of this application, for its address and for generated clients. It is
 * read from the decorators; no page is served, since the usual one brings a telemetry package along.
 */
export function openApiDocument(
  app: NestFastifyApplication,
  settings: OpenApiSettings,
): OpenAPIObject {
  const base = new DocumentBuilder()
    .setTitle(settings.title)
    .setDescription(settings.description)
    .setVersion(settings.version)
    .addCookieAuth('fundflow_session')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, base, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').replace(/^./, (c) => c.toLowerCase())}_${method}`,
  });
  for (const path of Object.values(document.paths)) {
    for (const method of METHODS) {
      const operation = path[method];
      if (operation === undefined) continue;
      describeIdempotency(operation, method);
      describeProblems(operation, method);
    }
  }
  return {
    ...document,
    components: {
      ...document.components,
      schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
    },
  };
}

/** Serves the document at `/api/v1/openapi.json`, to everybody. Called before the application is initialised. */
export function serveOpenApi(app: NestFastifyApplication, settings: OpenApiSettings): void {
  const server: EdgeServer = app.getHttpAdapter().getInstance();
  let text: string | null = null;
  server.get('/api/v1/openapi.json', (_request, reply) => {
    text ??= JSON.stringify(openApiDocument(app, settings));
    return reply.header('content-type', 'application/json; charset=utf-8').send(text);
  });
}
