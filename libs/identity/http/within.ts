import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import type { Action } from '../policy.js';
import { principalOf } from '../principal.js';
import { Scope, scopeOf } from '../scope.js';
import { NEEDED_ACTION } from './may.js';

/** The one place where a request's scope is made: for the action its route names. */
function scopeOfRequest(context: ExecutionContext): Scope {
  const needed = (target: object): Action | undefined =>
    Reflect.getMetadata(NEEDED_ACTION, target) as Action | undefined;
  const action = needed(context.getHandler()) ?? needed(context.getClass());
  if (action === undefined) return new Scope([]);
  const request = context.switchToHttp().getRequest<EdgeRequest>();
  return scopeOf(principalOf(request), action, Date.now());
}

/** Parameter of a handler: the `Scope` it may answer about. */
export const Within = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  scopeOfRequest(context),
);
