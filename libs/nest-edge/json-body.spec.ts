import fc from 'fast-check';
import { isDeeperThan } from './json-body.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of a JSON text', () => {
  it('is that of the value it stands for, whatever its strings and keys contain', () => {
    const value = fc.jsonValue({ maxDepth: 6, noUnicodeString: false });
    fc.assert(
      fc.property(value, fc.boolean(), (json, indented) => {
        const bytes = Buffer.from(JSON.stringify(json, null, indented ? 2 : undefined));
        const depth = depthOf(JSON.parse(bytes.toString()));
        expect(isDeeperThan(bytes, depth)).toBe(false);
        if (depth > 0) expect(isDeeperThan(bytes, depth - 1)).toBe(true);
      }),
    );
  });

  it('of brackets and quotes inside strings does not count', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[{"\\]}') }), (text) => {
        expect(isDeeperThan(Buffer.from(JSON.stringify({ [text]: text })), 1)).toBe(false);
      }),
    );
  });
});
