import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** A process of its own that runs a script of this folder and speaks in lines of JSON. */
export interface ScriptProcess {
  readonly pid: number;
  /** The next line it says; rejects when it ends without one. */
  next<T>(): Promise<T>;
  tell(line: string): void;
  /** kill -9, and gone when this resolves. */
  kill(): Promise<void>;
  ended(): Promise<void>;
}

export function runScript(
  script: string,
  args: readonly string[],
  options: { uid?: number; gid?: number } = {},
): ScriptProcess {
  const loader = join(here, '..', 'support', 'typescript.mjs');
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--import', loader, join(here, script), ...args],
    { ...options, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit').then(() => undefined);
  const lines: string[] = [];
  const asked: ((line: string) => void)[] = [];
  if (child.stdout === null || child.pid === undefined) throw new Error(`${script} did not start`);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const take = asked.shift();
    if (take === undefined) lines.push(line);
    else take(line);
  });
  const nextLine = (): Promise<string> => {
    const said = lines.shift();
    if (said !== undefined) return Promise.resolve(said);
    return Promise.race([
      new Promise<string>((resolve) => asked.push(resolve)),
      exited.then(() => Promise.reject(new Error(`${script} ended without a word`))),
    ]);
  };
  return {
    pid: child.pid,
    next: async <T>() => JSON.parse(await nextLine()) as T,
    tell: (line) => child.stdin?.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    ended: () => exited,
  };
}
