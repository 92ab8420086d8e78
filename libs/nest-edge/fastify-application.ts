import { randomUUID } from 'node:crypto';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyRequest } from 'fastify';
import { type AnswerHead, answerHead, headAnswers } from './answer-headers.js';
import { answerBrokenRequest, rememberExchanges } from './broken-request.js';
import { decorateRequests, type EdgeReply, type EdgeServer } from './edge-request.js';
import { acceptJsonBodies } from './json-body.js';
import type { JsonLogger } from './json-logger.js';
import { Problem, problemOfStatus } from './problem.js';
import { ProblemFilter } from './problem-filter.js';
import { logRequests } from './request-log.js';
import { sendProblem } from './send-problem.js';
import { refuseSlowBodies } from './slow-body.js';
import { bodyValidation } from './validation.js';

const MIB = 1_048_576;
/** Headers, address and query together. */
const HEAD_BYTES_MAX = 16 * 1024;

export interface ApplicationSettings {
  readonly logger: JsonLogger;
  /** Largest JSON body, default 16 MiB: 10,000 rows and room. */
  readonly jsonBytesMax?: number;
  /** Deepest nesting of a JSON body, default 32. */
  readonly jsonDepthMax?: number;
  /** Most members of one object of a JSON body, default 1,000: a row has at most 200 columns. */
  readonly jsonMembersMax?: number;
  /** How long the head of a request may take, default 30 s. */
  readonly headersTimeoutMs?: number;
  /** How long any body but an upload may take, default 30 s. */
  readonly bodyTimeoutMs?: number;
  /** Largest uploaded file, default 512 MiB. */
  readonly uploadBytesMax?: number;
  /** Where browsers reach us when a proxy stands in front: `https://fund.example.gov.cn`, else null. */
  readonly publicOrigin?: string | null;
}

function adapter(settings: ApplicationSettings, head: AnswerHead): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: settings.jsonBytesMax ?? 16 * MIB,
    trustProxy: false,
    // A slow office line may take minutes over a large file, but not for ever.
    requestTimeout: 30 * 60_000,
    http: {
      headersTimeout: settings.headersTimeoutMs ?? 30_000,
      // How often Node looks for heads that are late.
      connectionsCheckingInterval: Math.min(settings.headersTimeoutMs ?? 5_000, 5_000),
      maxHeaderSize: HEAD_BYTES_MAX,
      // Node would answer without a word; `refuseHeads` answers as everything else is answered.
      requireHostHeader: false,
    },
    // A number of the caller's choosing would let him write into our log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    clientErrorHandler: answerBrokenRequest,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // The router refuses these before any hook or filter exists.
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: EdgeReply) => {
      head(reply);
      sendProblem(reply, problemOfStatus(error.statusCode ?? 400).details);
    },
    // No Nest middleware anywhere: hooks do what is needed, and every request is spared the machinery.
    skipMiddie: true,
    routerOptions: { maxParamLength: 300 },
    multipart: {
      limits: {
        fileSize: settings.uploadBytesMax ?? 512 * MIB,
        files: 1,
        fields: 20,
        fieldSize: 65_536,
        fieldNameSize: 100,
        parts: 25,
        headerPairs: 50,
      },
    },
  });
}

const closing = new WeakSet<EdgeServer>();

function refuseWhileClosing(server: EdgeServer): void {
  server.addHook('onRequest', (_request, reply, done) => {
    if (!closing.has(server)) return done();
    void reply.header('connection', 'close');
    return done(
      new Problem({
        status: 503,
        code: 'shutting-down',
        title: '服务正在停止',
        titleEn: 'Shutting down',
        detail: '请稍后重发；已入账的记录不会丢失。',
        headers: { 'retry-after': '5' },
      }),
    );
  });
}

/**
 * What Node reads and nobody here can use: an address with NUL (no text column can hold it, and no id, date or cursor of
 * ours has it), HTTP/1.1 without a host (RFC 9112 §3.2), an expectation but 100-continue (RFC 9110 §10.1.1).
 */
function refuseHeads(server: EdgeServer): void {
  server.server.on('checkExpectation', (request: unknown, response: unknown) =>
    server.server.emit('request', request, response),
  );
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers, httpVersion } = request.raw;
    if (request.url.includes('%00')) done(problemOfStatus(400, '地址中不得含有空字符。'));
    else if (headers.host === undefined && httpVersion === '1.1') {
      done(problemOfStatus(400, '缺少 Host 请求头。'));
    } else if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect)) {
      done(problemOfStatus(417));
    } else done();
  });
}

/**
 * A Nest application on Fastify with the manners of the house: problem+json for everything that fails, strict headers,
 * cross-origin requests refused (browsers say so by Sec-Fetch-Site or Origin; programs send neither), JSON and streamed
 * multipart only, validated bodies, a line a request. Not listening yet.
 *
 * Addresses of callers are those of the connection: proxies are not believed.
 */
export async function createApplication(
  root: Type | DynamicModule,
  settings: ApplicationSettings,
): Promise<NestFastifyApplication> {
  const publicOrigin = settings.publicOrigin ?? null;
  const head = answerHead(publicOrigin?.startsWith('https:') ?? false);
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter(settings, head), {
    logger: settings.logger,
    bodyParser: false,
    abortOnError: false,
  });
  const server: EdgeServer = app.getHttpAdapter().getInstance();
  decorateRequests(server);
  rememberExchanges(server);
  acceptJsonBodies(server, {
    bytesMax: settings.jsonBytesMax ?? 16 * MIB,
    depthMax: settings.jsonDepthMax ?? 32,
    membersMax: settings.jsonMembersMax ?? 1_000,
  });
  refuseSlowBodies(server, settings.bodyTimeoutMs ?? 30_000);
  refuseWhileClosing(server);
  logRequests(server, settings.logger);
  app.enableCsrfProtection(publicOrigin === null ? {} : { trustedOrigins: [publicOrigin] });
  headAnswers(server, head);
  refuseHeads(server);
  app.useGlobalFilters(new ProblemFilter(settings.logger));
  app.useGlobalPipes(bodyValidation());
  return app;
}

/** The address cannot be listened at: the message is for the person at the terminal (zh-CN). */
class AddressUnavailable extends Error {
  override readonly name = 'AddressUnavailable';
}

const WHY_UNAVAILABLE: ReadonlyMap<unknown, string> = new Map([
  ['EADDRINUSE', '已被占用，可能已有账本在运行；请停止占用者，或另设 FUNDFLOW_PORT、FUNDFLOW_HOST'],
  ['EACCES', '须有系统管理员权限；请另设 1024 以上的 FUNDFLOW_PORT'],
  ['EADDRNOTAVAIL', '不是本机的地址；请另设 FUNDFLOW_HOST'],
]);

/**
 * Listens and gives the address it is reached at. Port 0 takes any free one.
 *
 * @throws AddressUnavailable when the port is taken, not allowed, or the host none of this machine
 */
export async function listen(
  app: NestFastifyApplication,
  at: { readonly port: number; readonly host: string },
): Promise<string> {
  await app.listen({ port: at.port, host: at.host }).catch((error: unknown) => {
    const why = WHY_UNAVAILABLE.get((error as { code?: unknown }).code);
    if (why === undefined) throw error;
    throw new AddressUnavailable(`地址 ${at.host}:${at.port} ${why}。`, { cause: error });
  });
  return app.getUrl();
}

const CLOSE_MS_MAX = 15_000;
const LET_GO_MS = 50;

/**
 * Refuses new requests, lets those under way finish for `timeoutMs`, then cuts what is left and runs Nest's shutdown
 * hooks. The database is closed afterwards, by whoever opened it.
 */
export async function shutDown(
  app: NestFastifyApplication,
  timeoutMs: number = CLOSE_MS_MAX,
): Promise<void> {
  const server: EdgeServer = app.getHttpAdapter().getInstance();
  closing.add(server);
  // A connection whose last answer went out after closing began is kept alive by its client otherwise.
  const letGo = setInterval(() => server.server.closeIdleConnections(), LET_GO_MS);
  const cut = setTimeout(() => server.server.closeAllConnections(), timeoutMs);
  try {
    await app.close();
  } finally {
    clearInterval(letGo);
    clearTimeout(cut);
  }
}
