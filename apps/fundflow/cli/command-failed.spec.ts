import { CommandFailed, saidOfCommand } from './command-failed.js';

describe('what is said when a command fails', () => {
  it('of what it could not do is why, and its code', () => {
    expect(saidOfCommand(new CommandFailed('no-rows', '没有行'))).toBe('没有行（no-rows）');
  });

  it('of anything else is what every process says', () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    expect(saidOfCommand(full)).toBe('磁盘空间不足（disk-full）');
  });
});
