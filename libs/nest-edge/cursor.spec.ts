import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, useCursorKey } from './cursor.js';
import { Problem } from './problem.js';

const refusal = (kind: string, text: string) => {
  try {
    return { given: decodeCursor(kind, text) };
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

describe('a cursor', () => {
  it('gives back what was put in, for its own kind', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (kind, payload) => {
        const given = decodeCursor(kind, encodeCursor(kind, payload as string));
        expect(given).toEqual(JSON.parse(JSON.stringify(payload)));
      }),
    );
  });

  it('with any character changed, added or cut off is refused', () => {
    const cursor = encodeCursor('trail/1', { position: '42', asOf: '2019-06-30' });
    const change = fc.tuple(
      fc.nat(cursor.length - 1),
      fc.constantFrom(...'AZaz09-_.=+/ é'),
      fc.constantFrom('replace', 'insert', 'cut'),
    );
    fc.assert(
      fc.property(change, ([at, letter, how]) => {
        const rest = how === 'insert' ? at : at + 1;
        const changed =
          how === 'cut' ? cursor.slice(0, at) : cursor.slice(0, at) + letter + cursor.slice(rest);
        fc.pre(changed !== cursor);
        expect(refusal('trail/1', changed)).toBe('bad-cursor');
      }),
    );
  });

  it('of another list is refused', () => {
    expect(refusal('alerts/1', encodeCursor('trail/1', 1))).toBe('bad-cursor');
  });

  it.each([[''], ['.'], ['a.b.c'], ['x'.repeat(5_000)], ['e30.']])('%s is none', (text) => {
    expect(refusal('trail/1', text)).toBe('bad-cursor');
  });

  it('sealed by another ledger is refused, and by the same key is known again', () => {
    const key = randomBytes(32);
    useCursorKey(key);
    const cursor = encodeCursor('trail/1', 1);
    useCursorKey(randomBytes(32));
    expect(refusal('trail/1', cursor)).toBe('bad-cursor');
    useCursorKey(key);
    expect(decodeCursor('trail/1', cursor)).toBe(1);
  });
});
