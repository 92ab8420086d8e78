import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { PUBLIC_ROUTE } from '@fundflow/nest-edge/public-route';
import { unvalidatedInputs } from '@fundflow/nest-edge/route-inputs';
import type { Action } from '../policy.js';
import { NEEDED_ACTION } from './may.js';

/** What a handler needs: an action, or nothing. */
export type RouteNeed = Action | 'public';

type Handler = (...args: never[]) => unknown;

interface Metadata {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  readonly reflector: Reflector;
}

/** A route as it is served. */
export interface ServedRoute {
  /** `GET /api/v1/holdings/:id`. */
  readonly address: string;
  readonly need: RouteNeed | null;
  /** What of its input nothing validates. */
  readonly unvalidated: readonly string[];
}

interface Route {
  readonly name: string;
  readonly method: string;
  readonly handler: Handler;
  readonly controller: Handler;
}

function* routes({ discovery, scanner, reflector }: Metadata): Generator<Route> {
  for (const { metatype } of discovery.getControllers()) {
    if (typeof metatype !== 'function') continue;
    const prototype = metatype.prototype as Record<string, unknown>;
    for (const method of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[method] as Handler;
      if (reflector.get(METHOD_METADATA, handler) === undefined) continue;
      yield {
        name: `${metatype.name}.${method}`,
        method,
        handler,
        controller: metatype as Handler,
      };
    }
  }
}

/** The handler's own word counts, else the controller's. Both words at once are no word. */
function needOf(reflector: Reflector, route: Route): RouteNeed | null {
  for (const place of [route.handler, route.controller]) {
    const action = reflector.get<Action | undefined>(NEEDED_ACTION, place);
    const open = reflector.get<boolean | undefined>(PUBLIC_ROUTE, place) === true;
    if (action !== undefined && open) return null;
    if (action !== undefined) return action;
    if (open) return 'public';
  }
  return null;
}

/**
 * What every route of the application needs.
 *
 * @throws Error naming the routes that say nothing, or both: an open door nobody decided on must not start
 */
export function routeNeeds(metadata: Metadata): ReadonlyMap<Handler, RouteNeed> {
  const needs = new Map<Handler, RouteNeed>();
  const undecided: string[] = [];
  for (const route of routes(metadata)) {
    const need = needOf(metadata.reflector, route);
    if (need === null) undecided.push(route.name);
    else needs.set(route.handler, need);
  }
  if (undecided.length > 0) {
    throw new Error(`routes without exactly one of @May and @Public: ${undecided.join(', ')}`);
  }
  return needs;
}

/** Every route of the application, so that a test can go through all of them. */
export function servedRoutes(metadata: Metadata): ServedRoute[] {
  const { reflector } = metadata;
  return Array.from(routes(metadata), (route) => {
    const method = RequestMethod[reflector.get<RequestMethod>(METHOD_METADATA, route.handler)];
    const paths = [route.controller, route.handler].map((place) =>
      reflector.get<string>(PATH_METADATA, place),
    );
    const path = paths.flatMap((part) => part.split('/')).filter((part) => part !== '');
    const unvalidated = unvalidatedInputs(route.controller as never, route.method);
    const address = `${method} /${path.join('/')}`;
    return { address, need: needOf(reflector, route), unvalidated };
  });
}
