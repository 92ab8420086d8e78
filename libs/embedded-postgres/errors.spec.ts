import { DiskFull, EmbeddedPostgresFailed, failureOf } from './errors.js';

describe('a program of the database that failed', () => {
  it.each(['No space left on device', 'Disk quota exceeded'])(
    'for want of room (%s) says that in Chinese and nothing besides',
    (why) => {
      const failed = failureOf('初始化数据库失败', `creating directory ... ok\nFATAL: ${why}\n`);
      expect(failed).toBeInstanceOf(DiskFull);
      expect(failed.message).toBe('初始化数据库失败：磁盘空间不足，请腾出空间后再试。');
    },
  );

  it('for any other reason repeats what it wrote', () => {
    const failed = failureOf('初始化数据库失败', 'FATAL: out of memory\n');
    expect(failed).toBeInstanceOf(EmbeddedPostgresFailed);
    expect(failed).not.toBeInstanceOf(DiskFull);
    expect(failed.message).toBe('初始化数据库失败\nFATAL: out of memory');
  });
});
