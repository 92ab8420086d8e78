import type { Command } from 'commander';
import { type Ask, resealSecrets, secretsUnder } from '@fundflow/identity/sign-in/second-factors';
import { SecretBox } from '@fundflow/identity/sign-in/secret-box';
import { type Configuration, readConfiguration } from '@fundflow/nest-edge/configuration';
import { underWayOf, vaultKeySource } from '@fundflow/runtime/vault-parts';
import { blocksSealedWith, resealStaged } from '@fundflow/submissions/postgres/staged-people';
import { heldNames } from '@fundflow/public-totals/held-names';
import { addKeyToFile, keepIndexKeyInFile, retireKeyInFile } from '@fundflow/vault/key-file';
import { checkVault, type VaultFindingKind } from '@fundflow/vault/postgres/check-vault';
import { openPostgresVault } from '@fundflow/vault/postgres/postgres-vault';
import { reindexVault } from '@fundflow/vault/postgres/reindex';
import { rotateVaultKey } from '@fundflow/vault/postgres/rotate';
import { rotateIndexKey } from '@fundflow/vault/postgres/rotate-index';
import { VaultKeyMissing } from '@fundflow/vault/vault-key';
import { CommandFailed } from './command-failed.js';
import { withExamples } from './help.js';
import { onLedger, type OpenedLedger } from './database-of-ledger.js';
import { note, print } from './output.js';

/** Work on personal data: keys, search tables, and whether everything is there. */
export function addVaultCommands(program: Command): void {
  const vault = program.command('vault').description('个人信息保险库：更换密钥、重建检索、核验');
  withExamples(
    vault
      .command('rotate')
      .description('更换密钥：新密钥即刻启用，旧密钥在全部改用之后停用；中断后可再次运行续做')
      .option(
        '--index',
        '改为更换检索密钥（盲索引的密钥）：人员编号和检索表全部重算，账本记录不变',
      ),
    [
      ['fundflow vault rotate', '账本运行或停止时均可'],
      ['fundflow vault rotate --index', '疑有人得到过检索密钥时；账本运行或停止时均可'],
    ],
  ).action(({ index = false }: { index?: boolean }) => onVault(index ? rotateIndex : rotate));
  withExamples(
    vault
      .command('reindex')
      .description('由保险库和账本重建检索表（姓名、证件号码、账号的盲索引）'),
    [['fundflow vault reindex', '账本运行或停止时均可']],
  ).action(() => onVault(reindex));
  withExamples(
    vault
      .command('check')
      .description(
        '核验：账本中每一处个人信息承诺，保险库均有相符的内容或依法删除的记录；有差异则以 1 退出',
      ),
    [['fundflow vault check', '恢复备份、更换密钥之后']],
  ).action(() => onVault(check));
  withExamples(vault, [['fundflow vault check', '保险库与账本是否相符']]);
}

interface Opened extends OpenedLedger {
  readonly configuration: Configuration;
}

const onVault = (work: (opened: Opened) => Promise<void>): Promise<void> =>
  onLedger((ledger) => work({ ...ledger, configuration: readConfiguration(process.env) }));

async function rotate({ configuration, pool }: Opened): Promise<void> {
  const { vaultKey: configured, dataDirectory } = configuration;
  const source = await vaultKeySource(pool, configuration);
  const ask: Ask = async (text, values) => (await pool.query(text, [...values])).rows;
  const secrets = new SecretBox(() => source.read());
  let resealed = 0;
  const { current, retired, waiting, wrapped } = await rotateVaultKey({
    ...{ pool, source },
    addKey: () => {
      if (configured === null) return addKeyToFile(dataDirectory);
      throw new VaultKeyMissing(
        '密钥由 FUNDFLOW_VAULT_KEY 提供：请先把新密钥加在旧密钥之后（以逗号分隔），让所有进程以两个密钥重新启动，再运行本命令。',
      );
    },
    rewrapStaged: async (starts, reseal) => {
      // The seeds of second factors are under the same key: it must not go before they are under the new one.
      resealed += await resealSecrets(ask, secrets);
      let left = 0;
      for (const start of starts) {
        await resealStaged(pool, start, (row) => ({ ...row, sealed: reseal(row) }));
        left += await blocksSealedWith(pool, start);
      }
      const ids = new Set(starts.map((start) => start.subarray(1).toString('hex')));
      for (const id of ids) left += await secretsUnder(ask, Buffer.from(id, 'hex'));
      return left;
    },
    onProgress: (done) => note(`已改用新密钥：${done} 人`),
  });
  await print(`现用密钥 ${current}；本次改用新密钥 ${wrapped} 人、动态口令 ${resealed} 个。`);
  for (const id of retired) {
    const file = configured === null ? retireKeyInFile(dataDirectory, id) : null;
    const where = file === null ? '请从 FUNDFLOW_VAULT_KEY 中去掉' : `已移至 ${file}`;
    await print(`旧密钥 ${id} 已停用，${where}；此前的备份过期后请按规定销毁。`);
  }
  for (const [id, blocks] of waiting) {
    await print(
      `旧密钥 ${id} 尚有 ${blocks} 处待复核的内容或动态口令在用，仍须保留；稍后请再次运行本命令。`,
    );
  }
}

async function rotateIndex({ configuration, pool }: Opened): Promise<void> {
  let file: string | null = null;
  const { people, entries, broken } = await rotateIndexKey({
    ...{ pool, source: await vaultKeySource(pool, configuration), elsewhere: heldNames },
    renameStaged: async (starts, rename) => {
      for (const start of starts) await resealStaged(pool, start, rename);
    },
    keepApart: (former) => {
      file = keepIndexKeyInFile(configuration.dataDirectory, former);
    },
    onProgress: (step, done) => note(PROGRESS[step](done)),
  });
  await print(`检索密钥已更换：本次 ${people} 人有了新编号，${entries} 条内容和检索标记已重算。`);
  if (file !== null) {
    await print(
      `旧检索密钥已停用，已移至 ${file}：对照更换之前的查阅、删除记录时才需要，请与数据分开保管，不再需要时按规定销毁。`,
    );
  }
  if (broken.length > 0) {
    throw new CommandFailed(
      'entry-altered',
      `有 ${broken.length} 条打不开，仍用旧编号，无法检索：${firstOf(broken)}`,
    );
  }
}

const PROGRESS = {
  people: (done: number) => `已编新号：${done} 人`,
  entries: (done: number) => `已改用新号：${done} 条`,
} as const;

async function reindex({ configuration, pool, store }: Opened): Promise<void> {
  const { keys } = await openPostgresVault(pool, await vaultKeySource(pool, configuration));
  const { entries, broken } = await reindexVault({
    ...{ pool, keys },
    regionsOf: async (eventIds) => {
      const events = await store.findEvents(eventIds);
      return new Map(
        events.map(({ eventId, record }) => [
          eventId,
          (JSON.parse(record) as { readonly region: string }).region,
        ]),
      );
    },
    onProgress: (done) => note(`已重建 ${done} 条`),
  });
  await print(`检索表已重建，共 ${entries} 条。`);
  if (broken.length > 0) {
    throw new CommandFailed('entry-altered', `有 ${broken.length} 条打不开：${firstOf(broken)}`);
  }
}

const FINDINGS: Readonly<Record<VaultFindingKind, string>> = {
  'opening-missing': '保险库中没有内容，账本中也没有删除记录',
  'entry-altered': '内容与账本不符或打不开',
  'not-erased': '账本记载已删除，内容仍在',
  'record-missing': '账本中没有对应的记录',
};
const SHOWN_MAX = 20;

async function check({ configuration, pool, store }: Opened): Promise<void> {
  const { keys } = await openPostgresVault(pool, await vaultKeySource(pool, configuration));
  const result = await checkVault({ ...{ pool, keys, log: store }, underWay: underWayOf(pool) });
  const { position, people, erased, waiting, findings, findingsInAll } = result;
  for (const { kind, eventId, position: at } of findings.slice(0, SHOWN_MAX)) {
    await print(`${at === null ? '' : `位置 ${at} · `}${eventId} · ${FINDINGS[kind]}`);
  }
  if (findingsInAll > 0) {
    throw new CommandFailed(
      'vault-differs',
      `至位置 ${position}，个人信息保险库与账本有 ${findingsInAll} 处不符，疑被改动。`,
    );
  }
  const more = waiting === 0 ? '' : `，其中 ${waiting} 条正在入账`;
  await print(
    `至位置 ${position}，个人信息 ${people} 条与账本相符，其中依法删除 ${erased} 条${more}。`,
  );
}

const firstOf = (ids: readonly string[]): string => ids.slice(0, SHOWN_MAX).join('、');
