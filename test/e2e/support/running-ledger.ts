import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDemoUsers } from '@fundflow/identity/accounts/demo-users';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { type Configuration, readConfiguration } from '@fundflow/nest-edge/configuration';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { openLedgerProcess } from '@fundflow/runtime/open-process';
import { serve, type Serving } from '@fundflow/runtime/serve';
import { FundflowModule } from '../../../apps/fundflow/fundflow.module.js';
import { type NotarySettings, readNotarySettings } from '../../../apps/notary/settings.js';
import { conformanceTo, type Conforms, type OpenApi } from './conformance.js';
import { databaseAfterFirstStart, type SignedIn } from './template-database.js';

export const PASSWORD = 'e2e-password-of-the-demo';

/** Contract §5. */
export const DEMO_LOGINS = [
  ...(['maker', 'checker', 'inspector', 'hotline', 'admin', 'county-maker'] as const),
  ...(['centre-maker', 'centre-checker'] as const),
] as const;
export type DemoLogin = (typeof DEMO_LOGINS)[number];

const LOADER = new URL('../../support/typescript.mjs', import.meta.url).href;
export const VAULT_KEY = Buffer.alloc(32, 7);

/** The whole application over HTTP, on a database and a data directory of its own. */
export interface RunningLedger {
  /** Changes with a restart. */
  readonly url: string;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  readonly app: Serving['app'];
  /** Cookies of the demo users, signed in before. */
  readonly sessions: ReadonlyMap<string, string>;
  /** Holds an answer against the OpenAPI document of this application. */
  readonly conforms: Conforms;
  /** Everything logged so far, one JSON text a line. */
  readonly logLines: readonly string[];
  /** Ends the process as SIGTERM does; data stay. */
  stop(): Promise<void>;
  /** Starts again on the same data. */
  start(): Promise<void>;
  /** Stops and removes the data directory. */
  remove(): Promise<void>;
}

/**
 * Every module of `npm start`, the demo users with one password, no demonstration data, a free port.
 *
 * @param notary the notary runs too, with these settings: only the specs of proofs need it
 */
export async function startLedger(
  changed: Partial<Configuration> = {},
  notary: Partial<NotarySettings> | null = null,
): Promise<RunningLedger> {
  const { databaseUrl, sessions } = await databaseAfterFirstStart(firstStart);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'fundflow-e2e-'));
  const configuration = configurationOf(databaseUrl, dataDirectory, changed);
  const logLines: string[] = [];
  const open = (): Promise<Serving> => openLedger(configuration, logLines, notary);
  let serving: Serving | null = await open();
  const conforms = conformanceTo(await documentOf(serving));
  const running = (): Serving => {
    if (!serving) throw new Error('the ledger is stopped');
    return serving;
  };
  const stop = async (): Promise<void> => {
    const stopping = serving;
    serving = null;
    await stopping?.stop();
  };
  return {
    ...{ databaseUrl, dataDirectory, sessions, logLines, stop, conforms },
    get url() {
      return running().url;
    },
    get app() {
      return running().app;
    },
    start: async () => {
      serving = await open();
    },
    remove: async () => {
      await stop();
      await rm(dataDirectory, { recursive: true, force: true });
      await rm(`${dataDirectory}.notary`, { recursive: true, force: true });
    },
  };
}

async function documentOf({ url }: Serving): Promise<OpenApi> {
  return (await (await fetch(`${url}/api/v1/openapi.json`)).json()) as OpenApi;
}

function configurationOf(
  databaseUrl: string,
  dataDirectory: string,
  changed: Partial<Configuration>,
): Configuration {
  const environment = { FUNDFLOW_DATA: dataDirectory, FUNDFLOW_DEMO: '1' };
  const fixed = { databaseUrl, demoData: false, demoPassword: PASSWORD, vaultKey: VAULT_KEY };
  return readConfiguration(environment, { port: 0, ...fixed, ...changed });
}

async function openLedger(
  configuration: Configuration,
  logLines: string[],
  notary: Partial<NotarySettings> | null = null,
): Promise<Serving> {
  const { databaseUrl, ownerDatabaseUrl: owner, logLevel: level } = configuration;
  const write = (line: string): number => logLines.push(line);
  const logger = new JsonLogger({ level, write, now: () => Date.now() });
  const addresses = { application: databaseUrl as string, owner };
  const ledger = await openLedgerProcess('e2e', addresses, configuration, logger);
  return serve(ledger, FundflowModule.on(ledger, notary && notaryBeside(configuration, notary)));
}

/** Its thread runs the sources too: Jest knows how, a thread has to be told. */
function notaryBeside(configuration: Configuration, changed: Partial<NotarySettings>) {
  const settings = readNotarySettings({}, configuration);
  if (settings === null) throw new Error('the notary is on unless it is turned off');
  return { settings: { ...settings, ...changed }, execArgv: ['--import', LOADER] };
}

async function firstStart(databaseUrl: string): Promise<readonly SignedIn[]> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'fundflow-e2e-'));
  const serving = await openLedger(configurationOf(databaseUrl, dataDirectory, {}), []);
  try {
    const users = serving.app.get(UserDirectory, { strict: false });
    await createDemoUsers(users, { password: PASSWORD });
    const signingIn = DEMO_LOGINS.map(async (login) => {
      const { cookie } = await signIn(serving.url, login);
      return { login, cookie };
    });
    return await Promise.all(signingIn);
  } finally {
    await serving.stop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** @throws Error unless the session was opened */
export async function signIn(
  url: string,
  login: string,
  password: string = PASSWORD,
): Promise<{ readonly cookie: string }> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: login, password }),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (!response.ok || !cookie) throw new Error(`${login} was not signed in: ${response.status}`);
  return { cookie };
}
