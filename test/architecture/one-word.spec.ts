import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/* The secret somebody signs in with is 密码 wherever the program speaks of it (docs/glossary.md); 口令 is left for others. */

const FOLDERS = ['apps', 'libs', 'docs'];
const SPEAKS = /\.(ts|tsx|mjs|css|html|json|md)$/;
const NOT_OURS = new Set(['node_modules', 'dist']);
/** It says which word is which. */
const GLOSSARY = 'docs/glossary.md';

const OTHER_WORD = /(?<!动态|一次性)口令/u;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : filesIn(path);
    return SPEAKS.test(path) ? [path] : [];
  });
}

/** Lines that call it otherwise. */
const wrongIn = (text: string): string[] =>
  text.split('\n').filter((line) => OTHER_WORD.test(line));

describe('a password', () => {
  it('is 密码 in every message, help, page and description', () => {
    const files = [...FOLDERS.flatMap(filesIn), 'README.md'].filter((path) => path !== GLOSSARY);
    expect(files.length).toBeGreaterThan(500);
    const wrong = files.flatMap((path) =>
      wrongIn(readFileSync(path, 'utf8')).map((line) => `${path}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['用户名或口令不正确', 1],
    ['重设口令：随机生成，只显示这一次', 1],
    ['请输入动态口令', 0],
    ['以启动时显示的一次性口令创建首位管理员（登录密码取自 FUNDFLOW_PASSWORD）', 0],
    ['登录口令和动态口令', 1],
  ])('“%s” says it otherwise %i times', (line, times) => {
    expect(wrongIn(line)).toHaveLength(times);
  });
});
