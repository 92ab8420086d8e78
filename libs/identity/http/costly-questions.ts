import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { EdgeReply, EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { finalize, type Observable } from 'rxjs';
import { principalOf } from '../principal.js';
import { tooManyQuestions } from '../refusals.js';

/**
 * Lets each principal have so many costly questions under way at once, and refuses the next with 429
 * `too-many-questions`: one person's script does not take the database from the others. A question is under way until its
 * handler has settled and its answer has gone out or its connection has ended, so that hanging up early frees nothing.
 *
 * In the memory of one process: n processes allow n times as much.
 */
export class CostlyQuestions implements NestInterceptor {
  /** Of principals that have any: no more than there are requests. */
  readonly #underWay = new Map<string, number>();

  constructor(private readonly atOnceMax: number) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const { actorId } = principalOf(http.getRequest<EdgeRequest>());
    const underWay = this.#underWay.get(actorId) ?? 0;
    if (underWay >= this.atOnceMax) throw tooManyQuestions(this.atOnceMax);
    this.#underWay.set(actorId, underWay + 1);
    let waitsFor = 2;
    const over = (): void => {
      waitsFor -= 1;
      if (waitsFor === 0) this.#free(actorId);
    };
    const { raw } = http.getResponse<EdgeReply>();
    if (raw.closed) over();
    else raw.once('close', over);
    return next.handle().pipe(finalize(over));
  }

  #free(actorId: string): void {
    const left = (this.#underWay.get(actorId) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(actorId);
    else this.#underWay.set(actorId, left);
  }
}
