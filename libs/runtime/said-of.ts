/** What the operating system refuses of a file or a directory: what is said of its path, and the code. */
const REFUSED: ReadonlyMap<string, readonly [why: string, code: string]> = new Map([
  ['EACCES', ['没有权限', 'no-permission']],
  ['EPERM', ['没有权限', 'no-permission']],
  ['EROFS', ['所在的磁盘只读', 'no-permission']],
  ['ENOSPC', ['磁盘空间不足', 'disk-full']],
  ['EDQUOT', ['磁盘配额已用尽', 'disk-full']],
  ['EFBIG', ['文件超过该磁盘或账户允许的大小（如 FAT32 的 4 GiB）', 'disk-full']],
  // So the database says it.
  ['53100', ['数据库所在的磁盘空间不足', 'disk-full']],
  ['ENOENT', ['没有这个文件或目录', 'file-unusable']],
  ['ENOTDIR', ['上级不是目录', 'file-unusable']],
  ['EISDIR', ['是目录，不是文件', 'file-unusable']],
  ['EEXIST', ['已存在', 'file-unusable']],
  ['ENAMETOOLONG', ['名称过长', 'file-unusable']],
]);

/** What the operating system refused (zh-CN), and the code; null: it was something else. */
export function refusedBySystem(error: unknown): readonly [why: string, code: string] | null {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' && syscall === 'mkdir') return ['此处不能新建目录', 'file-unusable'];
  return REFUSED.get(code) ?? null;
}

function refusalOf(error: Error): string | null {
  const { code = '', path = '' } = error as NodeJS.ErrnoException;
  const refused = refusedBySystem(error);
  if (refused === null) {
    return path === '' ? null : `无法使用 ${path}：系统不允许，${code}（file-unusable）`;
  }
  const [why, name] = refused;
  return path === '' ? `${why}（${name}）` : `无法使用 ${path}：${why}（${name}）`;
}

/**
 * What is said (zh-CN) of an error that ends a process or a command, with its stable code in brackets: the name of an
 * operating error (`VaultKeyMissing`: `vault-key-missing`), or what the operating system refused. What nobody foresaw
 * has none.
 */
export function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  const refused = refusalOf(error);
  if (refused !== null) return refused;
  // Of the language's own errors and the database driver's (`error`) the name says nothing.
  if (name in globalThis || !/^[A-Z]/.test(name)) return message;
  return `${message}（${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}）`;
}
