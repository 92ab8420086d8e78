import { readFile, writeFile } from 'node:fs/promises';
import { identityModule } from '@fundflow/identity/http/identity.module';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import {
  type Configuration,
  ConfigurationError,
  readConfiguration,
} from '@fundflow/nest-edge/configuration';
import { formatVerifierKey } from '@fundflow/proof/note-key';
import { workConnection } from '@fundflow/row-security/roles';
import { waitForDatabase } from '@fundflow/runtime/prepare-database';
import { NEEDS_SERVER, runService } from '@fundflow/runtime/run-service';
import { saidOf } from '@fundflow/runtime/said-of';
import { processLogger, stopOnSignal } from '@fundflow/runtime/serve';
import { runNotaries } from './log/open-notaries.js';
import { TlogModule } from './notary.module.js';
import { type NotarySettings, readNotarySettings } from './settings.js';
import { serveStatus } from './sign/status-server.js';
import { serveWitness } from './witness/witness-server.js';
import { openWitnessDesk } from './witness/witness-settings.js';

const USAGE = `用法：notary <命令>
  sign      跟随账本、签署检查点、请见证人联署（需要 FUNDFLOW_DATABASE_URL；不需要保险库密钥）
  serve     对外提供 /tlog 与存在证明（不需要签名密钥）
  witness   见证人：POST /add-checkpoint（C2SP tlog-witness）
  cosign 请求文件 [输出文件]   离线见证：对导出的请求文件联署`;

/** It was given wrongly; its code is `bad-usage`. */
class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** The witness keeps its name from a checkpoint; its code is `not-cosigned`. */
class NotCosigned extends Error {
  override readonly name = 'NotCosigned';
}

function notarySettings(configuration: Configuration): NotarySettings {
  const settings = readNotarySettings(process.env, configuration);
  if (settings === null) throw new ConfigurationError(['FUNDFLOW_NOTARY 为 0：公证程序已关闭']);
  return settings;
}

/** The signer with a process of its own. */
async function sign(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const { databaseUrl, host, port } = configuration;
  if (databaseUrl === null) throw new ConfigurationError([NEEDS_SERVER]);
  const logger = processLogger(configuration);
  await waitForDatabase(databaseUrl, 'fundflow-notary');
  const status = await serveStatus({ host, port });
  const connection = await workConnection(databaseUrl);
  const notaries = await runNotaries(connection, notarySettings(configuration), (state) => {
    if (state.failure !== null && state.failure !== status.failure()) {
      logger.failure('notary', new Error(state.failure), { log: state.log });
    }
    status.keep(state);
  });
  stopOnSignal(status, () => notaries.stop());
  process.stdout.write(`notary ${status.url}\n`);
}

function serve(): Promise<void> {
  return runService('notary', (ledger) => {
    const { database, logger, configuration, oversight, secrets } = ledger;
    const edge = edgeModule({ database, logger });
    const { publicOrigin, demo } = configuration;
    return [
      edge,
      identityModule({ database, edge, demo, oversight, publicOrigin, secrets }),
      TlogModule.on(ledger, edge, notarySettings(configuration)),
    ];
  });
}

async function witness(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const { desk, key } = await openWitnessDesk(process.env);
  const logger = processLogger(configuration);
  const { host, port } = configuration;
  const server = await serveWitness(desk, { host, port }, (error) =>
    logger.failure('witness', error),
  );
  stopOnSignal(server, async () => undefined);
  process.stdout.write(`witness ${server.url} ${formatVerifierKey(key)}\n`);
}

async function cosign(input: string | undefined, output: string | undefined): Promise<void> {
  if (input === undefined) throw new BadUsage(USAGE);
  const { desk } = await openWitnessDesk(process.env);
  const { answer, note } = await desk.add(await readFile(input, 'utf8'));
  if (note === null) {
    throw new NotCosigned(`未联署：${answer.status} ${answer.body.trim()}${hintOf(answer.status)}`);
  }
  if (output === undefined) process.stdout.write(note);
  else await writeFile(output, note);
}

const hintOf = (status: number): string =>
  status === 409
    ? '（本见证人已见证到的大小；请按此大小重新导出：checkpoint export --old 大小）'
    : '';

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === 'sign') await sign();
  else if (command === 'serve') await serve();
  else if (command === 'witness') await witness();
  else if (command === 'cosign') await cosign(rest[0], rest[1]);
  else throw new BadUsage(USAGE);
} catch (error) {
  process.stderr.write(`${saidOf(error)}\n`);
  process.exit(1);
}
