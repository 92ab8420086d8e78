import { type DynamicModule, Module } from '@nestjs/common';
import {
  APP_GUARD,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
  MetadataScanner,
  Reflector,
} from '@nestjs/core';
import type { DataSource } from 'typeorm';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import type { OversightLog } from '@fundflow/oversight/oversight-log';
import { AccessRecords } from '../access-records.js';
import { AccessRelay } from '../access-relay.js';
import { Administrators } from '../accounts/administrators.js';
import { BearerTokens } from '../sign-in/bearer-tokens.js';
import { FactorDemands } from '../sign-in/factor-demands.js';
import { IdentityDatabase } from '../identity-database.js';
import { FirstStart } from '../accounts/first-start.js';
import { Grants } from '../accounts/grants.js';
import { LoginThrottle } from '../sign-in/login-throttle.js';
import { OidcSignIn, type OidcSettings } from '../sign-in/oidc-sign-in.js';
import { FULL_COST, LIGHT_COST, type ScryptCost } from '../sign-in/password.js';
import { PrincipalCache } from '../sign-in/principal-cache.js';
import { SecondFactors } from '../sign-in/second-factors.js';
import type { SecretBox } from '../sign-in/secret-box.js';
import { Sessions } from '../sign-in/sessions.js';
import { UserDirectory } from '../accounts/user-directory.js';
import { AccessRelayClock } from './access-relay-clock.js';
import { AskedPassword } from './asked-password.js';
import { CredentialReader } from './credential-reader.js';
import { DenialRecorder } from './denial-recorder.js';
import { GrantsController } from './grants.controller.js';
import { IdentitySettings } from './identity-settings.js';
import { OidcController } from './oidc.controller.js';
import { PrincipalGuard } from './principal-guard.js';
import { SecondFactorController } from './second-factor.controller.js';
import { SessionController } from './session.controller.js';
import { SetupController } from './setup.controller.js';
import { TokensController } from './tokens.controller.js';
import { UsersController } from './users.controller.js';

export interface IdentityModuleSettings {
  readonly database: DataSource;
  /** The module `edgeModule` gave, the same object the application imports. */
  readonly edge: DynamicModule;
  /** How browsers reach us through a proxy: `https://…`, else null. */
  readonly publicOrigin?: string | null;
  /** Where denials and changes of accounts are recorded. */
  readonly oversight: Pick<OversightLog, 'record'>;
  /** A bureau's own identity provider; none by default. */
  readonly oidc?: OidcSettings | null;
  /** Seals the secrets of second factors under a key outside the database. */
  readonly secrets: SecretBox;
  readonly now?: () => Date;
  /** Accounts are those of a demonstration, known to whoever reads the manual: their passwords cost less. */
  readonly demo?: boolean;
  /** Cheaper in tests, which log in all the time; never below the default where it matters. */
  readonly passwordCost?: ScryptCost;
}

const oidcProviders = (
  oidc: OidcSettings | null | undefined,
  database: DataSource,
  now: () => Date,
) => (oidc ? [{ provide: OidcSignIn, useValue: new OidcSignIn(database, oidc, now) }] : []);

@Module({})
class IdentityModule {}

/**
 * Accounts, sessions and tokens, and the guard of every route of the application. Exports `UserDirectory`, `Sessions`,
 * `BearerTokens`, `FirstStart`, `AccessRecords`.
 */
export function identityModule(settings: IdentityModuleSettings): DynamicModule {
  const { database, now = () => new Date() } = settings;
  const { publicOrigin = null } = settings;
  const overTls = publicOrigin?.startsWith('https:') ?? false;
  const [cache, accounts] = [new PrincipalCache(), new IdentityDatabase(database)];
  const sessions = new Sessions(database, cache, now);
  const tokens = new BearerTokens(accounts, cache, now);
  const passwordCost = settings.passwordCost ?? (settings.demo ? LIGHT_COST : FULL_COST);
  const users = new UserDirectory(accounts, sessions, now, passwordCost);
  const grants = new Grants(accounts, users, tokens, sessions, settings.oversight, now);
  const factors = new SecondFactors(accounts, settings.secrets, now);
  return {
    module: IdentityModule,
    imports: [DiscoveryModule, settings.edge],
    controllers: [
      SessionController,
      SetupController,
      UsersController,
      TokensController,
      GrantsController,
      SecondFactorController,
      ...(settings.oidc ? [OidcController] : []),
    ],
    providers: [
      { provide: Sessions, useValue: sessions },
      { provide: BearerTokens, useValue: tokens },
      { provide: UserDirectory, useValue: users },
      { provide: Grants, useValue: grants },
      { provide: Administrators, useValue: new Administrators(database) },
      { provide: SecondFactors, useValue: factors },
      ...oidcProviders(settings.oidc, database, now),
      AskedPassword,
      { provide: FactorDemands, useValue: new FactorDemands(accounts, cache) },
      { provide: AccessRecords, useValue: new AccessRecords(accounts) },
      { provide: FirstStart, useValue: new FirstStart(users) },
      // Behind a proxy every caller has one address; the proxy limits by the real one.
      { provide: LoginThrottle, useValue: new LoginThrottle(publicOrigin === null) },
      {
        provide: IdentitySettings,
        useFactory: () => new IdentitySettings(overTls, now, settings.oversight),
      },
      {
        provide: CredentialReader,
        useFactory: (host: HttpAdapterHost) =>
          new CredentialReader(sessions, tokens, host, overTls),
        inject: [HttpAdapterHost],
      },
      {
        provide: DenialRecorder,
        useFactory: (host: HttpAdapterHost, logger: JsonLogger) =>
          new DenialRecorder(settings.oversight, logger, host),
        inject: [HttpAdapterHost, JsonLogger],
      },
      { provide: AccessRelay, useValue: new AccessRelay(database, settings.oversight) },
      {
        provide: AccessRelayClock,
        useFactory: (relay: AccessRelay, logger: JsonLogger) =>
          new AccessRelayClock(relay, factors, logger),
        inject: [AccessRelay, JsonLogger],
      },
      {
        provide: APP_GUARD,
        useFactory: (d: DiscoveryService, s: MetadataScanner, r: Reflector) =>
          new PrincipalGuard(d, s, r),
        inject: [DiscoveryService, MetadataScanner, Reflector],
      },
    ],
    exports: [Sessions, BearerTokens, UserDirectory, FirstStart, AccessRecords],
  };
}
