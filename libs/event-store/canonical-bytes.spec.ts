import fc from 'fast-check';
import { canonicalWire, NotCanonical } from './canonical.js';
import { writeCanonicalWire } from './canonical-bytes.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '"', '\\', '\u001f', '\u007f', 'é', '\u2028', '😀', '扶贫资金', '\ud800'),
);
const { tree } = fc.letrec<{ tree: object; member: unknown }>((tie) => ({
  tree: fc.oneof(
    fc.dictionary(text, tie('member'), { maxKeys: 8 }),
    fc.dictionary(fc.constantFrom('name', 'code', 'amountFen'), tie('member'), { maxKeys: 3 }),
  ),
  member: fc.oneof(
    { maxDepth: 10 },
    text,
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined, 0, 7, 1.5, Number.MAX_SAFE_INTEGER),
    fc.array(tie('member'), { maxLength: 3 }),
    tie('tree'),
  ),
}));

/** The text of a value, or of what it throws. */
function outcome(write: () => string): string {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NotCanonical)) throw error;
    return error.message;
  }
}

const BEFORE = 3;

describe('canonical text written as bytes', () => {
  it('is the text that is written as a text, or thrown for as it is', () => {
    const target = Buffer.alloc(64 * 1024);
    fc.assert(
      fc.property(tree, (value) => {
        const written = outcome(() =>
          target.toString('utf8', BEFORE, writeCanonicalWire(target, BEFORE, value)),
        );
        expect(written).toBe(outcome(() => canonicalWire(value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('says how much room it would need where there is too little', () => {
    fc.assert(
      fc.property(tree, fc.nat(200), (value, room) => {
        const whole = outcome(() => canonicalWire(value));
        const end = outcome(() => String(writeCanonicalWire(Buffer.alloc(room), BEFORE, value)));
        fc.pre(Number.isFinite(Number(end)));
        expect(Number(end)).toBe(BEFORE + Buffer.byteLength(whole));
      }),
    );
  });

  it('takes nothing for a plain object that is none', () => {
    const target = Buffer.alloc(100);
    for (const value of [new Date(0), new Map(), Object.create({ a: 1 }) as object]) {
      expect(() => writeCanonicalWire(target, 0, value)).toThrow(NotCanonical);
    }
    const bare = Object.assign(Object.create(null) as object, { b: 1n, a: '二' });
    expect(target.toString('utf8', 0, writeCanonicalWire(target, 0, bare))).toBe(
      '{"a":"二","b":"1"}',
    );
  });
});
