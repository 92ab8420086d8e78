import { parseArgs } from 'node:util';
import { Found, type Finding } from '@fundflow/proof/findings';
import { type Language, printable } from '@fundflow/proof/sentences';
import { render, type Answer, type ExitCode, type Printing } from './answer.js';
import { checkBundle, checkProof, diffCheckpoints } from './commands.js';
import { checkLog, checkOpenings } from './log-commands.js';
import { USAGE } from './usage.js';

interface Options {
  readonly policy: string | undefined;
  readonly record: string | undefined;
  readonly leaf: string | undefined;
  readonly proof: string | undefined;
  readonly tiles: string | undefined;
  readonly tree: string | undefined;
  readonly log: string | undefined;
  readonly bundle: string | undefined;
  readonly checkpoint: readonly string[];
}

/** The command line asks for something it does not understand: nothing was checked. */
class WrongUsage extends Error {
  override readonly name = 'WrongUsage';

  constructor(readonly said: Readonly<Record<Language, string>>) {
    super(said.en);
  }
}

const missing = (what: string): WrongUsage =>
  new WrongUsage({ zh: `缺少 ${what}`, en: `${what} is missing` });
const oneOf = (a: string, b: string): WrongUsage =>
  new WrongUsage({ zh: `${a} 和 ${b} 须给出其一`, en: `either ${a} or ${b} is needed` });
const tooMuch = (what: string): WrongUsage =>
  new WrongUsage({ zh: `多余：${what}`, en: `too much: ${what}` });

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  ...{ policy: TEXT, record: TEXT, leaf: TEXT, proof: TEXT, tiles: TEXT, tree: TEXT },
  ...{ log: TEXT, bundle: TEXT, lang: TEXT },
  checkpoint: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Runs the command line.
 *
 * Whatever happens the answer is one of the three: a fault of the verifier itself is "cannot
 * decide" too, never "valid" and never "tampered".
 *
 * @param args without the program's name
 */
export async function run(
  args: readonly string[],
): Promise<{ readonly exitCode: ExitCode; readonly text: string }> {
  const isJson = args.includes('--json');
  const language = /(^| )--lang[= ]en( |$)/.test(args.join(' ')) ? 'en' : 'zh';
  const printing: Printing = { language, isJson };
  try {
    const { values, positionals } = parse(args);
    if (values.help === true || positionals[0] === 'help') {
      return { exitCode: 0, text: USAGE[language] };
    }
    return render(await dispatch(positionals, { ...none, ...values }), printing);
  } catch (error) {
    if (error instanceof WrongUsage) return { exitCode: 2, text: misused(error, printing) };
    return render({ outcome: 'found', finding: findingOf(error) }, printing);
  }
}

/** What is wrong and the usage, or one object: programs are promised one. */
function misused({ said }: WrongUsage, { language, isJson }: Printing): string {
  const sentence = printable(
    language === 'zh'
      ? `无法判定：用法有误（${said.zh}）。`
      : `Cannot decide: wrong usage (${said.en}).`,
  );
  const object = { outcome: 'undecided', sentence, code: 'wrong-usage' };
  return isJson ? `${JSON.stringify(object)}\n` : `${sentence}\n\n${USAGE[language]}`;
}

const none: Options = {
  ...{ policy: undefined, record: undefined, leaf: undefined, proof: undefined, tiles: undefined },
  ...{ tree: undefined, log: undefined, bundle: undefined, checkpoint: [] },
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const option = /'(-[^' ]*)/.exec((error as Error).message)?.[1] ?? '';
    throw new WrongUsage({ zh: `选项 ${option} 有误`, en: `the option ${option}` });
  }
}

function dispatch([command, ...files]: readonly string[], options: Options): Promise<Answer> {
  const [first, second, ...rest] = files;
  if (rest.length > 0) throw tooMuch(rest.join(' '));
  switch (command) {
    case 'proof':
      if ((options.record === undefined) === (options.leaf === undefined)) {
        throw oneOf('--record', '--leaf');
      }
      return checkProof(only(files), { ...options, policy: needed(options.policy, '--policy') });
    case 'bundle':
      return checkBundle(only(files), options.policy);
    case 'diff-checkpoints':
      return diffCheckpoints([needed(first, 'A'), needed(second, 'B')], {
        ...options,
        policy: needed(options.policy, '--policy'),
      });
    case 'db':
      if (second !== undefined) throw tooMuch(second);
      if (options.checkpoint.length === 0) throw missing('--checkpoint');
      return checkLog(first ?? '-', {
        ...options,
        policy: needed(options.policy, '--policy'),
        checkpoints: options.checkpoint,
      });
    case 'openings':
      return checkOpenings(only(files), sourceOf(options));
    case undefined:
      throw missing('proof | bundle | diff-checkpoints | db | openings');
    default:
      throw new WrongUsage({ zh: `没有命令 ${command}`, en: `there is no command ${command}` });
  }
}

function sourceOf({ log, bundle }: Options): { log: string } | { bundle: string } {
  if (log !== undefined && bundle === undefined) return { log };
  if (bundle !== undefined && log === undefined) return { bundle };
  throw oneOf('--log', '--bundle');
}

function only(files: readonly string[]): string {
  const [file, ...more] = files;
  if (more.length > 0) throw tooMuch(more.join(' '));
  return needed(file, 'FILE');
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw missing(what);
  return value;
}

function findingOf(error: unknown): Finding {
  if (error instanceof Found) return error.finding;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'failed', detail };
}
