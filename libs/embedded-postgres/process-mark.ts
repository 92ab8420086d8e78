import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * When a process started, as a word that tells it from a later process with the same number; ''
 * when there is no such process or the system does not say.
 */
export function startMark(pid: number): string {
  try {
    if (platform() === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may hold spaces; field 22 counts from the first field.
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    const started = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
    return started.replace(/\W/g, '');
  } catch {
    return '';
  }
}
