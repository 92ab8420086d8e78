import type { OversightLog } from '@fundflow/oversight/oversight-log';

/** What the HTTP side of identity is told by the process it runs in. */
export class IdentitySettings {
  constructor(
    /** Whether browsers reach us over TLS, so that the cookie may be `Secure`. */
    readonly overTls: boolean,
    readonly now: () => Date,
    readonly oversight: Pick<OversightLog, 'record'>,
  ) {}
}
