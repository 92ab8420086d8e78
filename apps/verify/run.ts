import { parseArgs } from 'node:util';
import { Found, type Finding } from '@fundflow/proof/findings';
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
}

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
    if (error instanceof WrongUsage) return { exitCode: 2, text: USAGE[language] };
    return render({ outcome: 'found', finding: findingOf(error) }, printing);
  }
}

const none: Options = {
  ...{ policy: undefined, record: undefined, leaf: undefined, proof: undefined, tiles: undefined },
  ...{ tree: undefined, log: undefined, bundle: undefined, checkpoint: [] },
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch {
    throw new WrongUsage();
  }
}

function dispatch([command, ...files]: readonly string[], options: Options): Promise<Answer> {
  const [first, second, ...rest] = files;
  if (rest.length > 0) throw new WrongUsage();
  switch (command) {
    case 'proof':
      if ((options.record === undefined) === (options.leaf === undefined)) throw new WrongUsage();
      return checkProof(only(files), { ...options, policy: needed(options.policy) });
    case 'bundle':
      return checkBundle(only(files), options.policy);
    case 'diff-checkpoints':
      return diffCheckpoints([needed(first), needed(second)], {
        ...options,
        policy: needed(options.policy),
      });
    case 'db':
      if (second !== undefined || options.checkpoint.length === 0) throw new WrongUsage();
      return checkLog(first ?? '-', {
        ...options,
        policy: needed(options.policy),
        checkpoints: options.checkpoint,
      });
    case 'openings':
      return checkOpenings(only(files), sourceOf(options));
    default:
      throw new WrongUsage();
  }
}

function sourceOf({ log, bundle }: Options): { log: string } | { bundle: string } {
  if (log !== undefined && bundle === undefined) return { log };
  if (bundle !== undefined && log === undefined) return { bundle };
  throw new WrongUsage();
}

function only(files: readonly string[]): string {
  if (files.length !== 1) throw new WrongUsage();
  return files[0]!;
}

function needed(value: string | undefined): string {
  if (value === undefined) throw new WrongUsage();
  return value;
}

function findingOf(error: unknown): Finding {
  if (error instanceof Found) return error.finding;
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'failed', detail };
}
