import { randomUUID } from 'node:crypto';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { EdgeReply, EdgeRequest } from './edge-request.js';
import { failedResource } from './failed-resource.js';
import type { JsonLogger } from './json-logger.js';
import { Problem, type ProblemDetails, problemOfStatus } from './problem.js';
import { sendProblem } from './send-problem.js';
import { StoredAnswer } from './stored-answer.js';

const CROSS_ORIGIN_MESSAGE = /^Cross-origin request detected/;

/** What we say about a client error that a library raised: its own English text stays in the log. */
function clientProblem(status: number, message: string, unknownRoute: boolean): Problem {
  if (status === 404 && unknownRoute) {
    return new Problem({
      status,
      code: 'no-such-route',
      title: '没有这个接口地址',
      titleEn: 'No such route',
      detail: '请核对地址和请求方法；接口清单见 /api/v1/openapi.json。',
    });
  }
  if (status === 403 && CROSS_ORIGIN_MESSAGE.test(message)) {
    return new Problem({
      status,
      code: 'cross-origin',
      title: '拒绝来自其他网站的请求',
      titleEn: 'Cross-origin request refused',
      detail: '请从本账本自己的地址打开页面后再操作。',
    });
  }
  return problemOfStatus(status);
}

interface StatusError {
  readonly statusCode: number;
  readonly message: string;
}

/** Errors of Fastify and its plugins carry their HTTP status as `statusCode`; not all of them are true Errors. */
function isStatusError(exception: unknown): exception is StatusError {
  if (typeof exception !== 'object' || exception === null) return false;
  const { statusCode, message } = exception as Partial<StatusError>;
  return Number.isInteger(statusCode) && typeof message === 'string';
}

/**
 * The problem an exception stands for. Null for a defect: something nobody meant to tell a client.
 *
 * @param unknownRoute the router found no handler, so a 404 speaks of the address and not of a record
 */
function problemOf(exception: unknown, unknownRoute: boolean): Problem | null {
  if (exception instanceof Problem) return exception;
  if (exception instanceof HttpException) {
    const status = exception.getStatus();
    return status < 500 ? clientProblem(status, exception.message, unknownRoute) : null;
  }
  if (isStatusError(exception) && exception.statusCode >= 400 && exception.statusCode < 500) {
    return clientProblem(exception.statusCode, exception.message, unknownRoute);
  }
  return failedResource(exception);
}

/** A defect as the client sees it: an incident number to quote, and nothing of the inside. */
function incident(): ProblemDetails {
  const id = randomUUID();
  return {
    status: 500,
    code: 'internal',
    title: '系统内部错误',
    titleEn: 'Internal error',
    detail: `系统内部错误，请将事件编号 ${id} 告知管理员。`,
    extra: { incident: id },
  };
}

/**
 * The one filter: whatever is thrown anywhere becomes application/problem+json. A defect is logged with its incident
 * number and its stack; the answer carries the number alone.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: JsonLogger) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<EdgeReply>();
    if (exception instanceof StoredAnswer) {
      exception.send(reply);
      return;
    }
    const request = http.getRequest<EdgeRequest>();
    const problem = problemOf(exception, request.is404);
    request.denied = problem?.denied ?? null;
    if (problem === null) {
      const details = incident();
      this.logger.failure('incident', exception, details.extra);
      sendProblem(reply, details);
      return;
    }
    // Without a cause it is a state that was foreseen (busy, not ready): the request line has its code.
    if (problem.status >= 500 && problem.cause !== undefined) {
      this.logger.failure('problem', problem.cause, { code: problem.code });
    }
    sendProblem(reply, problem.details);
  }
}
