import { saidOf } from './said-of.js';

class DataDirectoryInUse extends Error {
  override readonly name = 'DataDirectoryInUse';
}

describe('what is said when a process or a command ends with an error', () => {
  it.each([
    [
      'an operating error, its name',
      new DataDirectoryInUse('目录已被占用'),
      '目录已被占用（data-directory-in-use）',
    ],
    [
      'what nobody foresaw, nothing more',
      new TypeError('x is not a function'),
      'x is not a function',
    ],
    [
      'what the database says',
      Object.assign(new Error('no such table'), { name: 'error' }),
      'no such table',
    ],
    [
      'a directory that the system refuses, its path and why',
      Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/srv/data' }),
      '无法使用 /srv/data：没有权限（no-permission）',
    ],
    [
      'a full disk, that it is full',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
      '磁盘空间不足（disk-full）',
    ],
    [
      'a directory that cannot be made where it is wanted',
      Object.assign(new Error('ENOENT'), { code: 'ENOENT', path: '/proc/x', syscall: 'mkdir' }),
      '无法使用 /proc/x：此处不能新建目录（file-unusable）',
    ],
    [
      'what else the system refuses of a path, its own word for it',
      Object.assign(new Error('EIO: i/o error'), { code: 'EIO', path: '/mnt/usb/x.zip' }),
      '无法使用 /mnt/usb/x.zip：系统不允许，EIO（file-unusable）',
    ],
    ['what is no error', 'stopped', 'stopped'],
  ])('of %s', (_what, error, said) => {
    expect(saidOf(error)).toBe(said);
  });
});
