import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Of the hex digits of a SHA-256: two of 20,000 that differ meet once in 10^6 such lists. */
const DIGITS = 12;

const LIST = new URL('common-passwords.txt', import.meta.url);
let digests: ReadonlySet<string> | null = null;

/** Full width, composed characters and capitals do not make a common password an uncommon one. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/**
 * Whether a password is one of the 20,000 most common ones of at least twelve characters: those of the first million of
 * `10-million-password-list` in SecLists (Daniel Miessler, MIT; SHA-256 of that list eac63238…40a2be), which come from
 * published breaches. The list beside this file has the first 12 hex digits of their SHA-256, sorted, in lower case: what
 * people chose for a password is often offensive or their own name, and nobody needs to read it here.
 */
export function isCommon(password: string): boolean {
  digests ??= new Set(readFileSync(LIST, 'utf8').split('\n'));
  const digest = createHash('sha256').update(plain(password)).digest('hex');
  return digests.has(digest.slice(0, DIGITS));
}

/** What everybody here would try first: the system, its business, its offices, and years. */
const WORDS = [
  ...['fundflow', '12317', 'ledger', 'password', 'admin', 'welcome', 'login'],
  ...[
    '扶贫',
    '乡村振兴',
    '资金',
    '台账',
    '财政',
    '审计',
    '纪委',
    '监委',
    '纪检',
    '热线',
    '密码',
    '管理员',
  ],
  ...['fupin', 'xiangcunzhenxing', 'zijin', 'taizhang', 'caizheng', 'shenji', 'jiwei', 'jianwei'],
  ...['jijian', 'rexian', 'mima', 'guanliyuan'],
];
const YEAR = /(?:19|20)\d{2}/g;

/** What is left of a password without the words of the context, the given ones among them, and without years. */
export function withoutContext(password: string, words: readonly string[]): string {
  const known = [...words.map(plain), ...WORDS].filter((word) => [...word].length > 1);
  // The longest first: a short one inside it must not break it up.
  known.sort((a, b) => b.length - a.length);
  return known.reduce((left, word) => left.replaceAll(word, ''), plain(password)).replace(YEAR, '');
}
