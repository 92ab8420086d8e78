import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { principalOf } from '../principal.js';

/** Parameter of a handler: the `Principal` who is asking. */
export const Asker = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  principalOf(context.switchToHttp().getRequest<EdgeRequest>()),
);
