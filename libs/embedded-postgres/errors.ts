/** Another living process runs on this data directory. */
export class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`数据目录 ${dataDir} 正由另一个 Fundflow 进程（进程号 ${pid}）使用，请先停止该进程。`);
  }
}

/** The data was written by another major version of PostgreSQL than the one installed here. */
export class DataDirectoryVersion extends Error {
  override readonly name = 'DataDirectoryVersion';
  constructor(
    readonly dataDir: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(
      `数据目录 ${dataDir} 由 PostgreSQL ${found} 写成，本程序自带的是 PostgreSQL ${expected}。` +
        `请用原版本导出后再导入，数据未被改动。`,
    );
  }
}

/**
 * The user the server runs as cannot reach the directory. PostgreSQL refuses to run as root, so
 * as root it runs as another user, who needs the right to pass through every parent.
 */
export class DataDirectoryUnreachable extends Error {
  override readonly name = 'DataDirectoryUnreachable';
  constructor(
    readonly dataDir: string,
    readonly blockedAt: string,
    readonly user: string,
  ) {
    super(
      `数据库以系统用户 ${user} 运行（PostgreSQL 不允许以 root 运行），该用户无法进入 ${blockedAt}，` +
        `因而不能使用数据目录 ${dataDir}。请把数据目录改到别处（例如 FUNDFLOW_DATA=/var/lib/fundflow），` +
        `或以普通用户启动，或执行 chmod o+x ${blockedAt}。`,
    );
  }
}

/** The server, or a part of starting it, failed; the message ends with what it wrote. */
export class EmbeddedPostgresFailed extends Error {
  override readonly name: string = 'EmbeddedPostgresFailed';
  constructor(what: string, output = '') {
    super(output.trim() === '' ? what : `${what}\n${output.trim()}`);
  }
}

/** There is no room for the data. Nothing acknowledged is lost; it goes on when there is room again. */
export class DiskFull extends EmbeddedPostgresFailed {
  override readonly name: string = 'DiskFull';
}

const NO_ROOM = /No space left on device|Disk quota exceeded/;

/** What one of the programs of PostgreSQL failed with, by what it wrote. */
export function failureOf(what: string, output: string): EmbeddedPostgresFailed {
  if (!NO_ROOM.test(output)) return new EmbeddedPostgresFailed(what, output);
  return new DiskFull(`${what}：磁盘空间不足，请腾出空间后再试。`);
}

/** What would be overwritten lies there already. */
export class TargetExists extends Error {
  override readonly name = 'TargetExists';
}

/** The file is no backup, or not a whole one. */
export class BackupUnusable extends Error {
  override readonly name = 'BackupUnusable';
  constructor(archive: string, why: string) {
    super(`${archive} 不是完整的 Fundflow 备份：${why}。`);
  }
}
