import fc from 'fast-check';
import { foldName } from './name-folding.js';

const ideograph = fc.integer({ min: 0x4e00, max: 0x9fff }).map((code) => String.fromCharCode(code));
const variant = fc.constantFrom(...'肖闫付兰戴代鍾甯黃');
const ideographs = fc.string({
  unit: fc.oneof(ideograph, variant, fc.constantFrom(...'07az')),
  maxLength: 6,
});

describe('folding a name', () => {
  it.each([
    ['蓝小某', '蓝小某'],
    ['藍小某', '蓝小某'],
    ['肖付', '萧傅'],
    ['买买提·艾力', '买买提艾力'],
    [' 韦　小 某 ', '韦小某'],
    ['Ｗei X', 'weix'],
    ['', ''],
  ])('makes %j %j', (name, folded) => {
    expect(foldName(name)).toBe(folded);
  });

  it('comes to the same for ideographs, digits and small letters alone as beside what has to be taken out', () => {
    fc.assert(
      fc.property(ideographs, (name) => {
        expect(foldName(name)).toBe(foldName(`${name}·`));
        expect(foldName(foldName(name))).toBe(foldName(name));
      }),
      { numRuns: 1_000 },
    );
  });
});
