import fc from 'fast-check';
import { eventIdOf, uuidV5 } from './event-id.js';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('the id of an event', () => {
  it('is a UUID version 5 as in appendix A.4 of RFC 9562', () => {
    expect(uuidV5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it('has the version and the variant of RFC 9562 in lower case', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), fc.nat(), (key, index) =>
        expect(eventIdOf(key, index)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
      ),
    );
  });

  it('is the same for the same key and index, and another for any other', () => {
    const keys = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.nat()), {
      selector: ([key, index]) => `${key}/${index}`,
    });
    fc.assert(
      fc.property(keys, (all) => {
        const ids = all.map(([key, index]) => eventIdOf(key, index));
        expect(new Set(ids).size).toBe(all.length);
        expect(all.map(([key, index]) => eventIdOf(key, index))).toEqual(ids);
      }),
    );
  });

  it('does not depend on what a shared buffer held before', () => {
    const long = '资'.repeat(5000);
    const before = [eventIdOf('a', 0), eventIdOf(long, 0), uuidV5(DNS, 'a/0')];
    expect([eventIdOf('a', 0), eventIdOf(long, 0), uuidV5(DNS, 'a/0')]).toEqual(before);
    expect(new Set(before).size).toBe(3);
  });

  it.each([
    ['an empty key', '', 0],
    ['a lone surrogate', 'a\ud800', 0],
    ['a negative index', 'a', -1],
    ['a fractional index', 'a', 0.5],
  ])('is refused for %s', (_what, key, index) => {
    expect(() => eventIdOf(key, index)).toThrow(RangeError);
  });
});
