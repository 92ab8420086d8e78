import type { Command } from 'commander';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { addSigningKey, retireSigningKey } from '@fundflow/proof/files/signing-key-change';
import { readKeys, SigningKeyUnusable } from '@fundflow/proof/files/signing-key-file';
import { parseNote } from '@fundflow/proof/note';
import { checkNote } from '@fundflow/proof/note-check';
import { formatVerifierKey, type NoteKey } from '@fundflow/proof/note-key';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { logKeyFile, readNotarySettings } from '../../notary/settings.js';
import { CommandFailed } from './command-failed.js';
import { type ConnectionOptions, connected, withConnection } from './connection.js';
import { withExamples } from './help.js';
import { note, print } from './output.js';

/** `fundflow checkpoint add-key`, `retire-key`: the key of the log exchanged for another, with both signing meanwhile. */
export function addKeyCommands(group: Command): void {
  const adding = group
    .command('add-key')
    .description(
      '更换签名密钥第一步：增加新密钥。重新启动签名程序后，检查点由新旧两个密钥共同签署；请把新公钥交给见证人和核验方。',
    );
  withExamples(adding, [['fundflow checkpoint add-key', '显示新公钥']]).action(addKey);
  const retiring = withConnection(
    group
      .command('retire-key')
      .description(
        '更换签名密钥第二步：停用旧密钥（须已有两个密钥共同签署的检查点）。之后请重新启动签名程序。',
      ),
  );
  withExamples(retiring, [['fundflow checkpoint retire-key', '旧密钥就此删除，公钥留存']]).action(
    retireKey,
  );
}

/** The file the key is exchanged in, on the signer's machine. */
function keyFile(): string {
  const settings = readNotarySettings(process.env, readConfiguration(process.env));
  if (settings === null) throw new CommandFailed('no-signing-key', '本机未启用签名程序。');
  if (settings.key === null) return logKeyFile(settings, LOG_NAME);
  throw new CommandFailed(
    'key-configured',
    '签名密钥由 FUNDFLOW_NOTARY_KEY 给出：请在其中依次写入旧、新两个密钥（逗号分隔），其后再去掉旧的。',
  );
}

async function addKey(): Promise<void> {
  const added = await changed(addSigningKey(keyFile()));
  await print(formatVerifierKey(added));
  note('已增加新密钥。请重新启动签名程序，并把以上公钥交给见证人和核验方。');
}

async function changed(change: Promise<NoteKey>): Promise<NoteKey> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof SigningKeyUnusable)) throw error;
    throw new CommandFailed('key-not-changed', error.message);
  }
}

function retireKey(options: ConnectionOptions): Promise<void> {
  const file = keyFile();
  return connected(options, async (client) => {
    const keys = ((await readKeys(file)) ?? []).map(({ key }) => key);
    const checkpoint = await (await client.open(`/tlog/${LOG_NAME}/checkpoint`)).text();
    const { valid } = checkNote(parseNote(checkpoint), keys, nodeCrypto);
    if (keys.length > 1 && valid.length < keys.length) {
      throw new CommandFailed(
        'not-signed-by-both',
        '已公布的检查点还没有两个密钥的共同签名：请先重新启动签名程序，待新检查点公布后再停用。',
      );
    }
    const former = await changed(retireSigningKey(file));
    note(`已停用旧密钥 ${formatVerifierKey(former)}。请重新启动签名程序。`);
  });
}
