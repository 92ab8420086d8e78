import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import type { Question } from '@fundflow/queries/question';
import { map, type Observable } from 'rxjs';

/** An answer of the tables, and the last position of the log that is in it. */
export interface Reflecting<T> {
  readonly answer: T;
  readonly position: bigint;
  /** The times it answers for; null on a later page, which answers for those of the first. */
  readonly question: Question | null;
}

const POSITION_HEADER = 'fundflow-position';
const AS_OF_HEADER = 'fundflow-as-of';
const KNOWN_AT_HEADER = 'fundflow-known-at';

/** For `ApiOkResponse`. */
export const SAYS_POSITION = {
  [POSITION_HEADER]: {
    description: 'The answer reflects the log up to this position',
    schema: { type: 'integer' },
  },
  [AS_OF_HEADER]: {
    description: 'The books as of this business date; on the first page of a list',
    schema: { type: 'string', format: 'date' },
  },
  [KNOWN_AT_HEADER]: {
    description: 'As known at this moment; left out where everything posted counts',
    schema: { type: 'string', format: 'date-time' },
  },
} as const;

/** Sends the answer as the body, its position and its times in headers: two answers that say the same stay equal. */
@Injectable()
export class SayPosition implements NestInterceptor<Reflecting<unknown>, unknown> {
  intercept(
    context: ExecutionContext,
    next: CallHandler<Reflecting<unknown>>,
  ): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<EdgeReply>();
    return next.handle().pipe(
      map(({ answer, position, question }) => {
        void reply.header(POSITION_HEADER, position.toString());
        if (question !== null) void reply.header(AS_OF_HEADER, question.asOf);
        if (question?.knownAt) void reply.header(KNOWN_AT_HEADER, question.knownAt);
        return answer;
      }),
    );
  }
}
