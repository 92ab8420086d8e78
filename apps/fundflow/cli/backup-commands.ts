import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { backUp } from '@fundflow/embedded-postgres/backup';
import { restoreBackup } from '@fundflow/embedded-postgres/restore';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import { CommandFailed } from './command-failed.js';
import { databaseOfLedger } from './database-of-ledger.js';
import { withExamples } from './help.js';
import { note, print } from './output.js';
import { progressBar } from './progress-bar.js';

/** The embedded database into one file, and back. */
export function addBackupCommands(program: Command): void {
  withExamples(
    program
      .command('backup <文件>')
      .summary('备份账本（运行中或已停止）到一个文件')
      .description(
        '把内置数据库、附件和尚未读完的上传文件备份到一个 ZIP 文件；账本可以继续运行。' +
          '个人信息的密钥不在其中，须另行保存。',
      ),
    [['fundflow backup /mnt/备份/2020-12-31.zip', '备份到另一块磁盘']],
  ).action(backup);
  withExamples(
    program
      .command('restore <文件>')
      .summary('从备份恢复到空的数据目录')
      .description('把备份恢复到空的数据目录（FUNDFLOW_DATA）。个人信息的密钥须放回原处。'),
    [['FUNDFLOW_DATA=./恢复 fundflow restore 2020-12-31.zip', '恢复到“恢复”目录，随后可启动']],
  ).action(restore);
}

const besideOf = (dataDirectory: string) => ({
  uploads: join(dataDirectory, 'uploads'),
  attachments: join(dataDirectory, 'attachments'),
});

function embeddedDirectory(): { dataDirectory: string; dataDir: string } {
  const { databaseUrl, dataDirectory } = readConfiguration(process.env);
  if (databaseUrl !== null) {
    const message = '账本使用外部 PostgreSQL 服务器，请用该服务器的备份工具（如 pg_basebackup）。';
    throw new CommandFailed('not-embedded', message);
  }
  return { dataDirectory, dataDir: join(dataDirectory, 'postgres') };
}

async function backup(file: string): Promise<void> {
  const { dataDirectory, dataDir } = embeddedDirectory();
  const { url, release } = await databaseOfLedger();
  const target = resolve(file);
  try {
    const bar = progressBar('备份 [{bar}] {value}/{total} 个文件', false);
    let begun = false;
    await backUp({
      ...{ dataDir, connectionString: url, target, beside: besideOf(dataDirectory) },
      onProgress: (files, inAll) => {
        if (!begun) bar.start(inAll);
        begun = true;
        bar.update(files);
      },
    });
    bar.end();
  } finally {
    await release();
  }
  await print(`已备份到 ${target}。`);
  note(
    '个人信息的密钥和日志的签名密钥不在备份中，请另行保存' +
      '（默认是数据目录旁的 .vault-key 文件和 .notary 目录中的 fund-plan.key）。',
  );
}

async function restore(file: string): Promise<void> {
  const { dataDirectory, dataDir } = embeddedDirectory();
  const bar = progressBar('恢复 [{bar}] {value}/{total} 个文件', false);
  let begun = false;
  await restoreBackup({
    ...{ archive: resolve(file), dataDir, beside: besideOf(dataDirectory) },
    onProgress: (files, inAll) => {
      if (!begun) bar.start(inAll);
      begun = true;
      bar.update(files);
    },
  });
  bar.end();
  await print(`已恢复到 ${dataDirectory}。`);
  note(
    '请把个人信息的密钥放回原处，签名目录仍用原来的（FUNDFLOW_NOTARY_DIR），然后运行 npx fundflow verify ' +
      '核验并启动账本。签名目录已随磁盘丢失的，放回签名密钥后先运行 npx fundflow checkpoint adopt。',
  );
}
