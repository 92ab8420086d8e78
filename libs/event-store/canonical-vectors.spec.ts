import { readFileSync } from 'node:fs';
import { NotCanonical, canonicalJson } from './canonical.js';

const golden = JSON.parse(readFileSync('test/golden/proof/rfc8785.json', 'utf8')) as {
  vectors: { name: string; input: string; output: string }[];
  withFloats: { input: string; withoutNumbers: string };
};

describe('the published test data of RFC 8785', () => {
  it.each(golden.vectors)('$name', ({ input, output }) => {
    expect(canonicalJson(JSON.parse(input))).toBe(output);
  });

  it('values: escapes and literals as published; its floats have no place in a record', () => {
    const values = JSON.parse(golden.withFloats.input) as Record<string, unknown>;
    expect(() => canonicalJson(values)).toThrow(NotCanonical);
    const { numbers: _numbers, ...rest } = values;
    expect(canonicalJson(rest)).toBe(golden.withFloats.withoutNumbers);
  });
});
