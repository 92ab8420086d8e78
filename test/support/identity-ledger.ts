import { Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import type { EventStore } from '@fundflow/event-store/event-store';
import { InMemoryEventStore } from '@fundflow/event-store/in-memory';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { identityModule } from '@fundflow/identity/http/identity.module';
import type { ScryptCost } from '@fundflow/identity/sign-in/password';
import { SecretBox } from '@fundflow/identity/sign-in/secret-box';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import { identityEntities, identityMigrations } from '@fundflow/identity/tables';
import { openDatabase } from '@fundflow/nest-edge/database';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { createApplication, listen, shutDown } from '@fundflow/nest-edge/fastify-application';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { edgeEntities, edgeMigrations } from '@fundflow/nest-edge/tables';
import type { OidcSettings } from '@fundflow/identity/sign-in/oidc-sign-in';
import type { DataSource } from 'typeorm';

/** An empty database with the tables of identity and of the edge. */
export async function identityDatabase(): Promise<DataSource> {
  return openDatabase({
    url: await (await startTestDatabase({ durable: false })).createDatabase(),
    applicationName: 'fundflow-test',
    entities: [...edgeEntities, ...identityEntities],
    migrations: [...edgeMigrations, ...identityMigrations],
  });
}

export interface IdentityLedgerSettings {
  readonly database: DataSource;
  readonly controllers: readonly Type[];
  readonly now?: () => Date;
  readonly oidc?: OidcSettings;
  /** Next to nothing by default. */
  readonly passwordCost?: ScryptCost;
  /** Over a log in memory by default. */
  readonly oversight?: OversightLog;
}

/** A key of the tests. */
const secrets = new SecretBox(() => [deriveVaultKey(Buffer.alloc(32, 5))]);

/** The log of those who look, in memory. */
export const overseen = (store: EventStore): OversightLog =>
  new OversightLog(store, { keep: async () => undefined });

/** Logins are all over the specs, and what a password costs is a spec of its own. */
const CHEAP = { logN: 4, r: 1, p: 1 };

const silent = new JsonLogger({ level: 'error', write: () => undefined, now: Date.now });

/** A process with identity and these controllers, not listening yet. */
export async function identityApplication(
  settings: IdentityLedgerSettings,
): Promise<NestFastifyApplication> {
  const { database, controllers, oidc = null, now = () => new Date() } = settings;
  const { passwordCost = CHEAP } = settings;
  const edge = edgeModule({ database, logger: silent });
  const oversight = settings.oversight ?? overseen(new InMemoryEventStore());
  @Module({
    imports: [
      edge,
      identityModule({ database, edge, oidc, oversight, secrets, now, passwordCost }),
    ],
    controllers: [...controllers],
  })
  class LedgerModule {}
  return createApplication(LedgerModule, { logger: silent });
}

export interface IdentityLedger {
  readonly app: NestFastifyApplication;
  readonly ask: AskLedger;
  /** The cookie of a new session. @throws when the login is refused */
  login(user: string, password: string): Promise<string>;
  close(): Promise<void>;
}

export interface LedgerAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** Of a problem. */
  readonly code: unknown;
  /** The whole header. */
  readonly setCookie: string | null;
  readonly headers: Headers;
}

export interface LedgerRequest {
  /** GET, or POST when there is a body. */
  readonly method?: string;
  readonly body?: object;
  readonly cookie?: string;
  readonly bearer?: string;
  readonly idempotencyKey?: string;
}

export type AskLedger = (path: string, request?: LedgerRequest) => Promise<LedgerAnswer>;

export const cookieOf = (answer: LedgerAnswer): string => answer.setCookie?.split(';')[0] ?? '';

/** The same, listening, with somebody to ask it over HTTP. */
export async function startIdentityLedger(
  settings: IdentityLedgerSettings,
): Promise<IdentityLedger> {
  const app = await identityApplication(settings);
  const url = await listen(app, { port: 0, host: '127.0.0.1' });
  const ask: AskLedger = (path, request = {}) => askOverHttp(url + path, request);
  return {
    app,
    ask,
    async login(user, password) {
      const answer = await ask('/api/v1/session', { body: { user, password } });
      if (answer.status !== 201) throw new Error(`${user}: ${String(answer.code)}`);
      return cookieOf(answer);
    },
    close: () => shutDown(app),
  };
}

async function askOverHttp(url: string, request: LedgerRequest): Promise<LedgerAnswer> {
  const { body, cookie, bearer, idempotencyKey } = request;
  const response = await fetch(url, {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answered = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return {
    status: response.status,
    body: answered,
    code: answered['code'],
    setCookie: response.headers.get('set-cookie'),
    headers: response.headers,
  };
}
