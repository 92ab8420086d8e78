import type { DynamicModule } from '@nestjs/common';
import { identityModule } from '@fundflow/identity/http/identity.module';
import type { OidcSettings } from '@fundflow/identity/sign-in/oidc-sign-in';
import type { Configuration } from '@fundflow/nest-edge/configuration';
import type { LedgerProcess } from './open-process.js';

/** Who may do what in a process where people sign in, with the identity provider of its configuration. */
export function identityOf(ledger: LedgerProcess, edge: DynamicModule): DynamicModule {
  const { database, configuration, oversight, secrets } = ledger;
  const { publicOrigin, demo } = configuration;
  const oidc = oidcOf(configuration);
  return identityModule({ database, edge, publicOrigin, demo, oidc, oversight, secrets });
}

/** With where it sends browsers back to. */
function oidcOf({ oidc, publicOrigin, host, port }: Configuration): OidcSettings | null {
  if (oidc === null) return null;
  return { ...oidc, origin: () => publicOrigin ?? `http://${host}:${port}` };
}
