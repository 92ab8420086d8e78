import canonicalize from 'canonicalize';
import fc from 'fast-check';
import {
  CANONICAL_DEPTH_MAX,
  NotCanonical,
  canonicalJson,
  canonicalRecord,
  canonicalWire,
} from './canonical.js';
import type { Envelope } from './envelope.js';

// The package is CommonJS; its types describe a default export that Node gives as the module.
const reference = canonicalize as unknown as (input: unknown) => string;

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '"',
    '\\',
    '\u0000',
    '\u001f',
    '\u007f',
    '\u2028',
    '😀',
    '扶贫资金',
    '\u20ac',
  ),
);
const { tree: data } = fc.letrec<{ tree: unknown; member: unknown }>((tie) => ({
  tree: fc.dictionary(text, tie('member'), { maxKeys: 8 }),
  member: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constantFrom(null, 0, -0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    fc.array(tie('member'), { maxLength: 5 }),
    tie('tree'),
  ),
}));
const envelope = fc.record({
  eventId: fc.uuid(),
  stream: text,
  version: fc.nat(),
  type: text,
  schema: fc.nat(),
  occurredOn: fc.option(text),
  recordedAt: text,
  actor: text,
  unit: text,
  region: text,
  cause: text,
  key: text,
  index: fc.nat(),
  data,
}) as fc.Arbitrary<Envelope>;

describe('the canonical form of a record', () => {
  it('is what the reference implementation of RFC 8785 writes, for every envelope', () => {
    fc.assert(
      fc.property(envelope, (e) => expect(canonicalRecord(e)).toBe(reference(e))),
      { numRuns: 1000 },
    );
  });

  it('is what the reference implementation of RFC 8785 writes, for every value', () => {
    fc.assert(
      fc.property(data, (d) => expect(canonicalJson(d)).toBe(reference(d))),
      { numRuns: 1000 },
    );
  });

  it('is the same where the value was not copied into its wire form before', () => {
    fc.assert(
      fc.property(data, (d) => expect(canonicalWire(d)).toBe(reference(d))),
      { numRuns: 1000 },
    );
    const amounts = { b: [1n, -(10n ** 30n)], a: undefined, c: { d: undefined } };
    expect(canonicalWire(amounts)).toBe(`{"b":["1","-1${'0'.repeat(30)}"],"c":{}}`);
  });

  it('does not depend on the order in which members were set', () => {
    const shuffled = (e: Envelope) => Object.fromEntries(Object.entries(e).reverse());
    fc.assert(
      fc.property(envelope, (e) =>
        expect(canonicalRecord(shuffled(e) as unknown as Envelope)).toBe(canonicalRecord(e)),
      ),
    );
  });

  it('reads back as the envelope that was written', () => {
    fc.assert(
      fc.property(envelope, (e) => {
        const text = canonicalRecord(e);
        const read = JSON.parse(text) as Envelope;
        // Not JSON.stringify: it writes members that look like numbers first.
        expect(canonicalRecord(read)).toBe(text);
      }),
    );
  });

  it('sorts members as section 3.2.3 of RFC 8785 shows', () => {
    const members = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6 };
    expect(canonicalJson({ ...members, '\u00f6': 7 })).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
    );
  });

  it('keeps a member called __proto__ as a member', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe(
      '{"__proto__":{"a":2},"b":1}',
    );
  });
});

const plain: Envelope = {
  eventId: '6d5a2d0e-6c39-5c3c-8a3b-0b1f6d5a2d0e',
  stream: 'holding:A-1',
  version: 1,
  type: 'AllocationIssued',
  schema: 1,
  occurredOn: null,
  recordedAt: '2018-06-01T02:03:04.567Z',
  actor: 'p-1',
  unit: '450000',
  region: '4501',
  cause: 'submission:s-1',
  key: 'record:A-1',
  index: 0,
  data: {},
};
const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });

describe('a record without an exact canonical form is refused', () => {
  it.each([
    ['a float', 0.5],
    ['an integer beyond the safe ones', 2 ** 53],
    ['not a number', Number.NaN],
    ['infinity', Infinity],
    ['a bigint', 1n],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a lone high surrogate', 'a\ud800'],
    ['a lone low surrogate', '\udc00a'],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['an instance of a class', new (class Amount {})()],
    ['a hole in an array', Array(1)],
    ['nesting past the limit', nested(CANONICAL_DEPTH_MAX)],
  ])('%s', (_what, bad) => {
    expect(() => canonicalRecord({ ...plain, data: { bad } })).toThrow(NotCanonical);
    expect(() => canonicalRecord({ ...plain, data: { list: [bad] } })).toThrow(NotCanonical);
    if (typeof bad !== 'bigint') expect(() => canonicalWire([bad])).toThrow(NotCanonical);
  });

  it('a lone surrogate in the name of a member', () => {
    expect(() => canonicalJson({ '\ud800': 1 })).toThrow(NotCanonical);
  });

  it('a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => canonicalJson(cycle)).toThrow(NotCanonical);
  });

  it('an envelope with a member too many or too few', () => {
    expect(() => canonicalRecord({ ...plain, extra: 1 } as Envelope)).toThrow(NotCanonical);
    const { unit: _unit, ...short } = plain;
    expect(() => canonicalRecord(short as Envelope)).toThrow(NotCanonical);
  });

  it('one level below the limit of nesting is still accepted', () => {
    expect(() => canonicalJson(nested(CANONICAL_DEPTH_MAX))).not.toThrow();
  });
});
