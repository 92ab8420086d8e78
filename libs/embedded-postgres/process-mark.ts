import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * When a process started, as a word that tells it from a later process with the same number; ''
 * when there is no such process, it is a zombie, or the system does not say.
 */
export function startMark(pid: number): string {
  try {
    if (platform() === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name in brackets may hold spaces; field 22 counts from the first field.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? '' : (fields[19] ?? '');
    }
    const started = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' });
    return started.replace(/\W/g, '');
  } catch {
    return '';
  }
}

/**
 * Whether a process with this number runs, ours or not. A zombie does not: where nobody reaps (a
 * container without an init) it would seem to live for ever.
 */
export function isAlive(pid: number): boolean {
  if (platform() === 'linux') return startMark(pid) !== '';
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
