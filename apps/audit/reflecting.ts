import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import { map, type Observable } from 'rxjs';

/** An answer of the tables, and the last position of the log that is in it. */
export interface Reflecting<T> {
  readonly answer: T;
  readonly position: bigint;
}

const POSITION_HEADER = 'fundflow-position';

/** For `ApiOkResponse`. */
export const SAYS_POSITION = {
  [POSITION_HEADER]: {
    description: 'The answer reflects the log up to this position',
    schema: { type: 'integer' },
  },
} as const;

/** Sends the answer as the body and its position in a header: two answers that say the same stay equal. */
@Injectable()
export class SayPosition implements NestInterceptor<Reflecting<unknown>, unknown> {
  intercept(
    context: ExecutionContext,
    next: CallHandler<Reflecting<unknown>>,
  ): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<EdgeReply>();
    return next.handle().pipe(
      map(({ answer, position }) => {
        void reply.header(POSITION_HEADER, position.toString());
        return answer;
      }),
    );
  }
}
