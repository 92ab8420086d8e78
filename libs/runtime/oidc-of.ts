import type { OidcSettings } from '@fundflow/identity/oidc-sign-in';
import type { Configuration } from '@fundflow/nest-edge/configuration';

/** The identity provider of the configuration, with where it sends browsers back to; null when there is none. */
export function oidcOf({ oidc, publicOrigin, host, port }: Configuration): OidcSettings | null {
  if (oidc === null) return null;
  return { ...oidc, origin: () => publicOrigin ?? `http://${host}:${port}` };
}
