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
      assertStrong(password, 'wei');
      return 'strong';
    } catch (error) {
      return error instanceof Problem ? error.code : error;
    }
  };

  it.each([
    ['abcde-fghi1', 'weak-password'],
    ['abcde-fghi12', 'strong'],
    ['正确的马电池订书钉啊啊啊', 'strong'],
    [`${'abcde'.repeat(51)}f`, 'strong'],
    [`${'abcde'.repeat(51)}fg`, 'weak-password'],
    ['aaaaaaaaaaaaaaaa', 'weak-password'],
    ['abcdabcdabcdabcd', 'weak-password'],
    ['my-name-is-WEI-1', 'weak-password'],
  ])('%s is %s', (password, expected) => expect(verdict(password)).toBe(expected));

  it('is what is drawn at random', () => {
    const drawn = Array.from({ length: 200 }, randomPassword);
    expect(new Set(drawn).size).toBe(200);
    for (const password of drawn) {
      expect(password).toMatch(/^[a-hj-km-np-z2-9]{5}(-[a-hj-km-np-z2-9]{5}){3}$/);
      expect(verdict(password)).toBe('strong');
    }
  });
});
