import { hidePersonalNumbers, personalNumberWithin } from './personal-numbers.js';

describe('a number of a person inside words', () => {
  it.each([
    ['发给韦某11010519491231002X', 'resident-id'],
    ['补发至6228480402564890019', 'card'],
    ['补发至 6228 4804 0256 4890 019。', 'card'],
    ['电话13977181234核实', 'mobile'],
    ['139-7718-1234', 'mobile'],
    ['电话１３９７７１８１２３４', 'mobile'],
    ['2018年第3批12345678901元', null],
    ['凭证20180401000000012', null],
    ['9113977181234', null],
    ['转入2102110109300012345', null],
    ['通屯道路硬化', null],
    ['', null],
  ])('%s: %s', (text, sort) => expect(personalNumberWithin(text)).toBe(sort));
});

describe('hiding numbers of persons', () => {
  it.each([
    ['110105194912310021号', '110105********0021号'],
    ['旧证110105491231002', '旧证110105*****1002'],
    ['6228480402564890019/13977181234', '***************0019/*******1234'],
    ['覃某（139 7718 1234）', '覃某（*******1234）'],
    ['１３９７７１８１２３４', '*******1234'],
  ])('%s becomes %s', (text, hidden) => expect(hidePersonalNumbers(text)).toBe(hidden));

  it.each([
    '桂财农〔2018〕12345678901号',
    '20180401000000012',
    '覃某的补助',
    '450124100001',
    'ａｂ',
  ])('%s stays as it is', (text) => expect(hidePersonalNumbers(text)).toBe(text));
});
