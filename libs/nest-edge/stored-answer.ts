import type { EdgeReply } from './edge-request.js';
import { Problem } from './problem.js';
import { sendProblem } from './send-problem.js';

/** What an earlier attempt of this very request was answered. */
export interface KeptAnswer {
  readonly status: number;
  readonly contentType: string | null;
  /** Null when it was not kept. */
  readonly body: string | null;
}

const notKept = () =>
  new Problem({
    status: 409,
    code: 'idempotency-answer-not-kept',
    title: '该请求已处理，其结果不再重复提供',
    titleEn: 'Already done, the answer was not kept',
    detail: '该请求已处理过，未再次执行；其结果含敏感内容或过长，不予保存。',
  });

/** Thrown where the answer is known already and nothing is left to do; the filter sends it. */
export class StoredAnswer extends Error {
  override readonly name = 'StoredAnswer';

  constructor(readonly answer: KeptAnswer) {
    super('answered before');
  }

  send(reply: EdgeReply): void {
    const { status, contentType, body } = this.answer;
    void reply.header('idempotency-replayed', 'true');
    if (body === null) {
      sendProblem(reply, notKept().details);
      return;
    }
    if (contentType !== null) void reply.header('content-type', contentType);
    void reply.code(status).send(body === '' ? undefined : body);
  }
}
