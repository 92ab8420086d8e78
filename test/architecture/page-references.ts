import { posix } from 'node:path';

/** A text that people read, by its path from the root of the repository. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** What there is to be named. */
export interface Known {
  /** Every file, by its path from the root. */
  readonly files: readonly string[];
  /** Of package.json. */
  readonly scripts: readonly string[];
  /** Of the command line. */
  readonly commands: readonly string[];
  headingsOf(path: string): readonly string[];
}

const FENCE = /^```[^\n]*\n[\s\S]*?^```$/gm;
const LINK = /\]\(([^)\s]+)\)/g;
const DEFINITION = /^\[[^\]]+\]: (\S+)$/gm;
const IN_FOLDER = /(?<![\w/.<-])(?:apps|libs|test|infra|docs|\.ci)\/[\w./*-]*[\w*]/g;
const BY_ENDING = /(?<![\w/.<>*-])[\w-][\w./*-]*\.(?:ts|mjs|cjs|sql|md)\b/g;
const BUILT = /(?<![\w/])dist\/([\w/-]+)\.js\b/g;
const COMMAND = /(?:`|\bnpx )fundflow ([a-z][\w-]*)/g;
const SCRIPT = /\bnpm (?:run )?(?:-[\w-]+ )*(run [\w:-]+|start\b|test\b)/g;

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((found) => found[1] ?? found[0]);

/** As GitHub makes an anchor of a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

/** Links of a page to other pages and files of the repository, as they are written. */
export const linksOf = ({ text }: Page): string[] =>
  [...all(text, LINK), ...all(text, DEFINITION)].filter((target) => !/^[a-z]+:/.test(target));

/** Files and folders that a page names, outside of links. */
function namesIn({ text }: Page): string[] {
  const prose = text.replace(FENCE, '').replace(LINK, ']');
  const named = [...all(prose, IN_FOLDER), ...all(prose, BY_ENDING)];
  return [...new Set([...named, ...all(text, BUILT).map((path) => `${path}.ts`)])];
}

/** Scripts of package.json that a text names. */
export const scriptsIn = (text: string): string[] =>
  all(text, SCRIPT).map((name) => name.replace('run ', ''));

/** Everything a page points at that is not there, as it is written; empty for a page that is right. */
export function deadReferences(page: Page, known: Known): string[] {
  const folder = posix.dirname(page.path);
  const isThere = (path: string): boolean =>
    known.files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));
  const deadLinks = linksOf(page).filter((link) => {
    const [target = '', anchor] = link.split('#');
    const path = target === '' ? page.path : posix.join(folder, decodeURIComponent(target));
    if (!isThere(path)) return true;
    return anchor !== undefined && !known.headingsOf(path).map(anchorOf).includes(anchor);
  });
  const deadNames = namesIn(page).filter((name) => {
    if (name.endsWith('*')) return !known.files.some((file) => file.startsWith(name.slice(0, -1)));
    if (isThere(name) || isThere(posix.join(folder, name))) return false;
    return !known.files.some((file) => file.endsWith(`/${name}`));
  });
  const deadScripts = scriptsIn(page.text).filter((script) => !known.scripts.includes(script));
  const deadCommands = all(page.text, COMMAND).filter((name) => !known.commands.includes(name));
  return [...deadLinks, ...deadNames, ...deadScripts, ...deadCommands];
}
