import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { keyedDigest, keyedHash, keyedHashOf } from './keyed-hash.js';

describe('a keyed hash', () => {
  it('is HMAC-SHA256 of any text under any key of up to a block', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.nat(3).map((n) => '韦'.repeat(1_364 + n)),
    );
    fc.assert(
      fc.property(key, text, (bytes, words) => {
        const expected = createHmac('sha256', bytes).update(words, 'utf8').digest();
        expect(keyedDigest(bytes, words)).toEqual(expected);
        expect(keyedDigest(createSecretKey(bytes), words)).toEqual(expected);
        expect(keyedHash(bytes, words, 'base64url')).toBe(expected.toString('base64url'));
      }),
    );
  });

  it('of texts that all begin alike is that of the whole texts, whatever was hashed before', () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 64 });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constant('韦'.repeat(1_400)),
    );
    const texts = fc.array(fc.tuple(key, text), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), texts, (start, given) => {
        const hashOf = keyedHashOf(start);
        for (const [bytes, words] of given) {
          const expected = createHmac('sha256', bytes).update(start + words, 'utf8');
          expect(hashOf(bytes, words, 'binary')).toBe(expected.digest('binary'));
          const object = createSecretKey(bytes);
          expect(hashOf(object, words, 'binary')).toBe(hashOf(bytes, words, 'binary'));
        }
      }),
    );
  });

  it('agrees with RFC 4231, test case 2', () => {
    const digest = keyedDigest(Buffer.from('Jefe'), 'what do ya want for nothing?');
    expect(digest.toString('hex')).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });

  it('takes no key that would have to be hashed first', () => {
    expect(() => keyedHash(Buffer.alloc(65), '', 'binary')).toThrow(RangeError);
  });
});
