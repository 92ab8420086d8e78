import type { CanActivate, ExecutionContext, OnModuleInit } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { may } from '../policy.js';
import { principalOf } from '../principal.js';
import { notAllowed, passwordChangeRequired, secondFactorRequired } from '../refusals.js';
import { type RouteNeed, routeNeeds } from './route-needs.js';

/**
 * Lets a request pass when its principal may do what the route needs. Refuses, first match wins: 401
 * `not-authenticated`, 403 `password-change-required`, 403 `second-factor-enrolment-required`, 403 `not-allowed`. Reads every route at start, and does not start
 * with one that names nothing.
 */
export class PrincipalGuard implements CanActivate, OnModuleInit {
  #needs: ReadonlyMap<unknown, RouteNeed> = new Map();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const { discovery, scanner, reflector } = this;
    this.#needs = routeNeeds({ discovery, scanner, reflector });
  }

  canActivate(context: ExecutionContext): boolean {
    const need = this.#needs.get(context.getHandler());
    if (need === 'public') return true;
    if (need === undefined) throw new Error('a route appeared after the start');
    const principal = principalOf(context.switchToHttp().getRequest<EdgeRequest>());
    if (need !== 'manage-own-account') {
      if (principal.mustChangePassword) throw passwordChangeRequired();
      if (principal.mustShowSecondFactor) throw secondFactorRequired();
    }
    if (!may(principal, need)) throw notAllowed(need);
    return true;
  }
}
