import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CommandFailed } from './command-failed.js';

/**
 * A password from the first environment variable that has one, else typed at the terminal without being shown. Never an
 * argument: those stand in the list of processes.
 */
export async function passwordFrom(names: readonly string[], question: string): Promise<string> {
  for (const name of names) {
    const value = process.env[name];
    if (value) return value;
  }
  const answer = await typedUnseen(question);
  if (answer !== null) return answer;
  throw new CommandFailed(
    'password-missing',
    `${question}：请设置环境变量 ${names.join(' 或 ')}。`,
  );
}

/**
 * What must stand neither among the arguments nor on the screen, typed at the terminal; null where there is none.
 */
export async function typedUnseen(question: string): Promise<string | null> {
  return process.stdin.isTTY && process.stderr.isTTY ? typed(question) : null;
}

function typed(question: string): Promise<string> {
  process.stderr.write(`${question}：`);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => reject(new CommandFailed('interrupted', '已取消。')));
    lines.question('', resolve);
  }).finally(() => {
    lines.close();
    process.stderr.write('\n');
  }) as Promise<string>;
}
