import fc from 'fast-check';
import { membersKept, membersWritten } from './json-body.js';

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
        expect(membersWritten(bytes, depth)).not.toBeNull();
        if (depth > 0) expect(membersWritten(bytes, depth - 1)).toBeNull();
      }),
    );
  });

  it('of brackets and quotes inside strings does not count', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'[{"\\]}') }), (text) => {
        expect(membersWritten(Buffer.from(JSON.stringify({ [text]: text })), 1)).toBe(1);
      }),
    );
  });
});

describe('the members of a JSON text', () => {
  it('are as many as those of the value, whatever stands in its strings, when no name is doubled', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
        const text = JSON.stringify(json);
        expect(membersKept(JSON.parse(text), 1_000)).toBe(membersWritten(Buffer.from(text), 100));
      }),
    );
  });

  it('are more than those of the value when a name is doubled, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), fc.jsonValue(), (name, a, b) => {
        const escaped = [...name].map((c) =>
          c.length > 1 || c === '_' ? JSON.stringify(c).slice(1, -1) : asEscape(c),
        );
        const members = `${JSON.stringify(name)}:${JSON.stringify(a)},"${escaped.join('')}":0`;
        const text = `[{"z":${JSON.stringify(b)}},{${members}}]`;
        const kept = membersKept(JSON.parse(text), 1_000) as number;
        const written = membersWritten(Buffer.from(text), 100) as number;
        expect(written).toBeGreaterThan(kept);
      }),
    );
  });
});

const asEscape = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
