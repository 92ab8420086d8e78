import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Problem } from '@fundflow/nest-edge/problem';
import {
  assertStrong,
  FULL_COST,
  hashPassword,
  isOutdated,
  LIGHT_COST,
  randomPassword,
  verifyPassword,
  workOf,
} from './password.js';

/** Cheap, so that the test is: the cost is part of the stored text and followed from there. */
const CHEAP = { logN: 4, r: 1, p: 1 };

describe('a password', () => {
  it('is known again, and no other is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (password, other) => {
        fc.pre(password.normalize('NFKC') !== other.normalize('NFKC'));
        const stored = await hashPassword(password, CHEAP);
        expect(await verifyPassword(password, stored, CHEAP)).toBe(true);
        expect(await verifyPassword(other, stored, CHEAP)).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same however its characters were composed', async () => {
    const stored = await hashPassword('Zo\u00eb\uff11\uff12', CHEAP);
    expect(await verifyPassword('Zoe\u030812', stored, CHEAP)).toBe(true);
  });

  it('is compared to its last character, and its letters as they are', async () => {
    // 256 characters, the most there may be, each of two units.
    const longest = '𠀀'.repeat(255);
    const stored = await hashPassword(`${longest}a`, CHEAP);
    expect(await verifyPassword(`${longest}a`, stored, CHEAP)).toBe(true);
    for (const other of ['', 'b', 'A', 'aa', 'a ', ' a']) {
      expect(await verifyPassword(longest + other, stored, CHEAP)).toBe(false);
    }
    expect(await verifyPassword(` ${longest}a`, stored, CHEAP)).toBe(false);
  });

  it('is stored with a salt of its own and the cost of the day', async () => {
    const [one, other] = await Promise.all([
      hashPassword('same', FULL_COST),
      hashPassword('same', LIGHT_COST),
    ]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(other).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
    expect(one.split('$')[3]).not.toBe(other.split('$')[3]);
    expect([isOutdated(one, FULL_COST), isOutdated(other, FULL_COST)]).toEqual([false, true]);
    expect(isOutdated(other, LIGHT_COST)).toBe(false);
  });

  it('is looked at two at a time; of those who come while a hundred wait, none is', async () => {
    const judged = Array.from({ length: 2 + 100 + 1 }, async () => {
      try {
        return await verifyPassword('anything', null, CHEAP);
      } catch (error) {
        return (error as Problem).details.code;
      }
    });
    const answers = await Promise.all(judged);
    expect(answers.filter((answer) => answer === false)).toHaveLength(102);
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(1);
  });

  it('of nobody is never right, whatever it is', async () => {
    expect(await verifyPassword('anything', null, CHEAP)).toBe(false);
  });

  it('costs the same to look at, whether it was stored today, with fewer passes, or never', async () => {
    const asked = { ...CHEAP, p: 3 };
    const old = await hashPassword('an old one', CHEAP);
    expect(workOf(await hashPassword('a new one', asked), asked)).toEqual([asked]);
    expect(workOf(null, asked)).toEqual([asked]);
    expect(workOf(old, asked)).toEqual([CHEAP, { ...CHEAP, p: 2 }]);
    expect(await verifyPassword('an old one', old, asked)).toBe(true);
    expect(await verifyPassword('another', old, asked)).toBe(false);
  });

  it('that is stored broken is no login, it is a defect', async () => {
    await expect(verifyPassword('x', 'md5$abc', CHEAP)).rejects.toThrow('broken');
  });
});

describe('a strong password', () => {
  const verdict = (password: string) => {
    try {
      assertStrong(password, { login: 'wei', unit: '马山县林业局' });
      return 'strong';
    } catch (error) {
      if (!(error instanceof Problem)) return error;
      expect(error).toMatchObject({ status: 400, code: 'weak-password' });
      return error.details.extra?.['rule'];
    }
  };

  it.each([
    ['abcde-fghi1', 'length'],
    ['abcde-fghi12', 'strong'],
    ['正确的马电池订书钉啊啊啊', 'strong'],
    [`${'abcde'.repeat(51)}f`, 'strong'],
    [`${'abcde'.repeat(51)}fg`, 'length'],
    ['aaaaaaaaaaaaaaaa', 'variety'],
    ['abcdabcdabcdabcd', 'variety'],
    ['my-name-is-WEI-1', 'login'],
    ['1qaz2wsx3edc', 'common'],
    ['1QAZ2wsx3EDC', 'common'],
    ['１ｑａｚ２ｗｓｘ３ｅｄｃ', 'common'],
    ['1qaz2wsx3edc-and-more', 'strong'],
    ['Fundflow@2026!!', 'context'],
    ['FuPin12317caizheng', 'context'],
    ['财政扶贫资金台账管理员2019', 'context'],
    ['马山县林业局马山县林业局2024', 'context'],
    ['caizheng-has-nine-lives', 'strong'],
  ])('%s is %s', (password, expected) => expect(verdict(password)).toBe(expected));

  it('may hold a login of two letters by chance, which does not count towards its length', () => {
    const office = { login: 'li', unit: '林业局' };
    expect(() => assertStrong('shuiku-kouling-7f', office)).not.toThrow();
    expect(() => assertStrong('lililililililiabcdefg', office)).toThrow(Problem);
  });

  it('is none of the 20,000 most common ones, each with a digest of its own', () => {
    const lines = readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8').split(
      '\n',
    );
    expect(lines.pop()).toBe('');
    expect(lines).toHaveLength(20_000);
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.every((line) => /^[0-9a-f]{12}$/.test(line))).toBe(true);
  });

  it('is what is drawn at random', () => {
    const drawn = Array.from({ length: 200 }, randomPassword);
    expect(new Set(drawn).size).toBe(200);
    for (const password of drawn) {
      expect(password).toMatch(/^[a-hj-km-np-z2-9]{5}(-[a-hj-km-np-z2-9]{5}){3}$/);
      expect(verdict(password)).toBe('strong');
    }
  });
});
