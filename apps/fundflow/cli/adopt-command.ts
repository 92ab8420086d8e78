import type { Command } from 'commander';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { adoptLog, type AdoptionRefusal } from '../../notary/log/adopt.js';
import { readNotarySettings } from '../../notary/settings.js';
import { verifyProof } from '../../notary/verify/verify-proof.js';
import { CommandFailed } from './command-failed.js';
import { onLedger } from './database-of-ledger.js';
import { withExamples } from './help.js';
import { note } from './output.js';
import { textOf } from './local-files.js';
import { messageOf, ownVkeys } from './verify-command.js';

/** `fundflow checkpoint adopt`: the signer's memory anew, after the disk that held it was lost. */
export function addAdoptCommand(group: Command): void {
  const adopting = group
    .command('adopt')
    .description(
      '签名程序的记忆文件丢失后，凭另存的检查点（见证人或审计留存）重建：先逐条核验账本，一致才重建。' +
        '签名密钥须仍在；重建后请重新启动签名程序。',
    )
    .argument('<检查点文件...>');
  withExamples(adopting, [
    ['fundflow checkpoint adopt 年底.checkpoint', '凭年底留存的检查点重建'],
  ]).action(adopt);
}

const REFUSALS: Readonly<Record<AdoptionRefusal, string>> = {
  'memory-present': '签名目录中已有记忆文件，不需重建。',
  'log-differs': '账本与另存的检查点或签名目录中的叶哈希不一致，未重建。请运行 fundflow verify。',
};

async function adopt(files: readonly string[]): Promise<void> {
  const settings = readNotarySettings(process.env, readConfiguration(process.env));
  const own = settings && (await ownVkeys(settings));
  const [vkey] = own?.present ?? [];
  if (settings === null || own === null || vkey === undefined) {
    throw new CommandFailed('no-signing-key', '本机没有签名密钥：请先放回原密钥。');
  }
  const pinned = await Promise.all(
    files.map(async (source) => ({ source, note: await textOf(source) })),
  );
  await onLedger(async ({ store, pool }) => {
    await createTlogSchema(pool);
    note('核验账本…');
    const { heads, problems } = await verifyProof({
      ...{ store, pool, pinned, vkeys: own.present, formerVkeys: own.former, remembered: null },
    });
    const [first] = problems;
    if (first) throw new CommandFailed(first.kind, messageOf(first));
    const head = heads.reduce((largest, next) => (next.size > largest.size ? next : largest));
    const refusal = await adoptLog({
      ...{ origin: vkey.slice(0, vkey.indexOf('+')), tree: sha256Tree, head, log: store },
      memory: new MemoryFile(settings.directory, LOG_NAME),
      leaves: new LeafFile(settings.directory, LOG_NAME),
    });
    if (refusal !== null) throw new CommandFailed(refusal, REFUSALS[refusal]);
    note(`已按 ${head.size} 条的检查点重建签名程序的记忆。请重新启动签名程序。`);
  });
}
