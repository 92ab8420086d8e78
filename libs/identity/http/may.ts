import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth } from '@nestjs/swagger';
import type { Action } from '../policy.js';

export const NEEDED_ACTION = 'fundflow:needed-action';

/** Names the action a route (or every route of a controller) needs. A route has this or `Public`, or nothing starts. */
export const May = (action: Action) =>
  applyDecorators(SetMetadata(NEEDED_ACTION, action), ApiCookieAuth(), ApiBearerAuth());
