import fc from 'fast-check';
import { textOf, utf8Of } from './record-utf8.js';

describe('the UTF-8 of a record', () => {
  it('is its text, also after many others were made', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 3_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(texts, (records) => {
        const bytes = records.map(utf8Of);
        expect(bytes.map(textOf)).toEqual(records);
      }),
      { numRuns: 30 },
    );
  });

  it('may be longer than the memory that records are cut from', () => {
    const text = '资'.repeat(100_000);
    expect(textOf(utf8Of(text))).toBe(text);
  });

  it('keeps a byte order mark', () => {
    expect(textOf(utf8Of('\ufeff{}'))).toBe('\ufeff{}');
  });
});
