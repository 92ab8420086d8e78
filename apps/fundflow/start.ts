import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isOversight } from '@fundflow/domain/oversight/events';
import { startLastingPostgres } from '@fundflow/embedded-postgres/lasting-postgres';
import type { EventStore } from '@fundflow/event-store/event-store';
import { BearerTokens } from '@fundflow/identity/sign-in/bearer-tokens';
import {
  createDemoUsers,
  type DemoLogin,
  DemoRefused,
  hasDemoUsers,
} from '@fundflow/identity/accounts/demo-users';
import { FirstStart } from '@fundflow/identity/accounts/first-start';
import { issueLocalToken, LOCAL_TOKEN_FILE } from '@fundflow/identity/accounts/local-token';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { type Configuration, isLoopback } from '@fundflow/nest-edge/configuration';
import { releaseEveryClaim } from '@fundflow/nest-edge/idempotency/claims';
import { openLedgerProcess } from '@fundflow/runtime/open-process';
import { processLogger, serve, type Serving } from '@fundflow/runtime/serve';
import { removeDatabaseFile, writeDatabaseFile } from './database-file.js';
import { isSelfRun, readNotarySettings } from '../notary/settings.js';
import { SELF_RUN_STATEMENT } from '../notary/tlog/proof-status.js';
import { FundflowModule } from './fundflow.module.js';
import { loadDemoPlan } from './demo-plan.js';

export interface Started {
  readonly url: string;
  /** Lines for the person at the terminal (zh-CN), in order. */
  readonly announcements: readonly string[];
  /** Settles when the demonstration plan is loaded, and answers stand for all of it; null: there is none to load. */
  readonly loaded: Promise<void> | null;
  stop(): Promise<void>;
}

export interface Told {
  /** What is going on, for the person at the terminal (zh-CN). */
  say(line: string): void;
  /** The embedded database is gone for good: nothing can be answered any more, nothing acknowledged is lost. */
  databaseLost(reason: Error): void;
}

/**
 * Starts everything in one process: the embedded database (or the configured server), every service, the first
 * accounts. An embedded database that dies is started again; what is told when that does not help is in `told`.
 *
 * @throws errors with a message for the person at the terminal (zh-CN): directory in use, wrong key, bad configuration
 */
export async function startFundflow(configuration: Configuration, told: Told): Promise<Started> {
  const notary = readNotarySettings(process.env, configuration);
  const embedded =
    configuration.databaseUrl === null
      ? await startLastingPostgres({
          dataDir: join(configuration.dataDirectory, 'postgres'),
          log: told.say,
          onLost: told.databaseLost,
        })
      : null;
  const addresses = embedded
    ? { application: embedded.applicationConnectionString, owner: embedded.connectionString }
    : {
        application: configuration.databaseUrl as string,
        owner: configuration.ownerDatabaseUrl,
      };
  const announcements: string[] = [];
  let serving: Serving;
  let isEmpty = false;
  try {
    const logger = processLogger(configuration);
    const ledger = await openLedgerProcess('fundflow', addresses, configuration, logger);
    isEmpty = await holdsNoBusiness(ledger.store);
    const beside = notary && { settings: notary };
    serving = await serve(ledger, FundflowModule.on(ledger, beside), async (app) => {
      const users = app.get(UserDirectory, { strict: false });
      const tokens = app.get(BearerTokens, { strict: false });
      const first = app.get(FirstStart, { strict: false });
      announcements.push(...(await firstAccounts(configuration, users, first, isEmpty)));
      await issueLocalToken({ users, tokens }, configuration.dataDirectory);
      if (notary && isSelfRun(notary)) announcements.push(SELF_RUN_STATEMENT);
      if (!embedded) return;
      await writeDatabaseFile(configuration.dataDirectory, embedded.connectionString);
      // Nobody else works on this directory: what a killed process was doing, nobody does any more.
      await releaseEveryClaim(ledger.database);
    });
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const { url } = serving;
  const wantsPlan = configuration.demo && configuration.demoData && isEmpty;
  const loaded = wantsPlan ? loadDemoPlan(serving.app, told.say) : null;
  // Until whoever started this waits for it, nobody would hear that it failed, and that would end the process.
  loaded?.catch(() => undefined);
  return {
    url,
    announcements,
    loaded,
    stop: async () => {
      await serving.stop();
      await removeDatabaseFile(configuration.dataDirectory);
      await embedded?.stop();
      await rm(join(configuration.dataDirectory, LOCAL_TOKEN_FILE), { force: true });
    },
  };
}

/** A log of that many records is no empty one, whatever they are. */
const LOOKED_THROUGH_MAX = 5_000;

/** Accounts and sign-ins stand in the log as well; they do not make a ledger that somebody keeps books in. */
async function holdsNoBusiness(store: EventStore): Promise<boolean> {
  if ((await store.head()) > BigInt(LOOKED_THROUGH_MAX)) return false;
  const stored = await store.readAll(0n, LOOKED_THROUGH_MAX);
  return stored.every(({ record }) => isOversight(JSON.parse(record) as { type: string }));
}

async function firstAccounts(
  configuration: Configuration,
  users: UserDirectory,
  first: FirstStart,
  isEmpty: boolean,
): Promise<string[]> {
  if (configuration.demo) {
    if (!isEmpty && !(await hasDemoUsers(users))) {
      throw new DemoRefused('演示模式只能用于空的数据目录，请另设 FUNDFLOW_DATA。');
    }
    const logins = await createDemoUsers(users, { password: configuration.demoPassword });
    return ['演示用户：', ...logins.map(loginLine)];
  }
  if (!isLoopback(configuration.host) && (await hasDemoUsers(users))) {
    throw new DemoRefused('数据目录中有演示用户，不能在本机回环地址以外提供服务。');
  }
  const state = await first.prepare(configuration.admin);
  switch (state.state) {
    case 'ready':
      return [];
    case 'administrator-created':
      return [`已创建管理员 ${state.login}。`];
    case 'setup-needed':
      return [
        '尚无用户。请用以下一次性口令创建首位管理员（仅本次启动有效）：',
        `  npx fundflow setup --token ${state.setupToken} --user 管理员登录名`,
      ];
  }
}

const loginLine = ({ login, password }: DemoLogin): string =>
  `  ${login.padEnd(16)}${password ?? '（密码与首次启动时相同）'}`;
