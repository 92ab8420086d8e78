import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { EdgeRequest, EdgeServer } from '@fundflow/nest-edge/edge-request';
import type { BearerTokens } from '../sign-in/bearer-tokens.js';
import type { Principal } from '../principal.js';
import type { Sessions } from '../sign-in/sessions.js';
import { bearerToken, sessionToken } from './session-cookie.js';

/**
 * Recognises who sent a request, before anything else of it is looked at: by `Authorization: Bearer`, else by the session
 * cookie. It never refuses; the guard does, where a route needs somebody.
 */
export class CredentialReader implements OnModuleInit {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: BearerTokens,
    private readonly adapterHost: HttpAdapterHost,
    private readonly overTls: boolean,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<EdgeServer>();
    server.addHook('onRequest', (request, _reply, done) => {
      const found = this.#recognise(request as EdgeRequest);
      if (!(found instanceof Promise)) {
        (request as EdgeRequest).principal = found;
        done();
        return;
      }
      found.then((principal) => {
        (request as EdgeRequest).principal = principal;
        done();
      }, done);
    });
  }

  #recognise({ headers }: EdgeRequest): Principal | null | Promise<Principal | null> {
    const bearer = bearerToken(headers.authorization);
    // Who shows a bearer token means it: a cookie beside it is not a second try.
    if (bearer !== null) return bearer === '' ? null : this.tokens.recognise(bearer);
    const token = sessionToken(headers.cookie, this.overTls);
    return token === null ? null : this.sessions.recognise(token);
  }
}
