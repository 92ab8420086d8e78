import fc from 'fast-check';
import {
  isAccountDoubtful,
  isCreditCode,
  isEconomicCode,
  isFunctionCode,
  isRecordId,
  isResidentId,
  maskAccount,
  maskName,
  maskResidentId,
  normaliseAccount,
  normaliseResidentId,
  plainCode,
  readDocumentNumber,
  residentIdWithin,
} from './identifiers.js';

describe('a document number', () => {
  it.each([
    ['桂财农〔2018〕123号', '桂财农〔2018〕123号'],
    ['豫财农﹝2017﹞191号', '豫财农〔2017〕191号'],
    ['香财农【2022】20号', '香财农〔2022〕20号'],
    ['琼财农[2018]663号', '琼财农〔2018〕663号'],
    ['香财农(2022)90号', '香财农〔2022〕90号'],
    ['香财农（2022）90号', '香财农〔2022〕90号'],
    ['桂财农［２０１８］１２３号', '桂财农〔2018〕123号'],
    ['桂财农 〔2018〕 123 号', '桂财农〔2018〕123号'],
    ['桂财农〔2018]123号', '桂财农〔2018〕123号'],
    ['桂财农〔2018〕第7号', '桂财农〔2018〕第7号'],
    ['焦财预〔2017〕450号、490号、495号', '焦财预〔2017〕450号、490号、495号'],
    ['宁财农指标(2020)624号;宁财农(2020)7号', '宁财农指标〔2020〕624号;宁财农〔2020〕7号'],
  ])('%s is stated as %s', (handedIn, text) => {
    expect(readDocumentNumber(handedIn)).toEqual({ text, status: 'stated' });
  });

  it.each([
    '莆城农扶〔20176号',
    '海东市人民政府专题会议纪要105号',
    '桂财农〔2018〕123',
    '桂财农2018-123号',
    '〔2018〕123号',
    '桂财农〔218〕123号',
    '桂财农〔2018〕号',
    '桂财农〔3018〕1号',
    '无',
    '见附件',
  ])('%s cannot be read and stays as handed in', (handedIn) => {
    expect(readDocumentNumber(handedIn)).toEqual({ text: handedIn, status: 'unreadable' });
  });

  it('says 未载明 where the source names none', () => {
    expect(readDocumentNumber(' 未载明 ')).toEqual({ text: '未载明', status: 'not-stated' });
  });

  it('does not mend a year that contradicts another notice', () => {
    expect(readDocumentNumber('郑财预﹝2016﹞833号').text).toBe('郑财预〔2016〕833号');
  });

  it('reads its own answer the same way again, and answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const once = readDocumentNumber(text);
        expect(readDocumentNumber(once.text)).toEqual(once);
      }),
    );
  });
});

describe('check digits', () => {
  // 11010519491231002X is the example of GB 11643.
  it.each(['11010519491231002X', '11010519491231002x'])('%s is a resident ID', (id) => {
    expect(isResidentId(id)).toBe(true);
  });

  it.each([
    ...['110105194912310021', '11010519491331002X', '11010519490229002X', '1101051949123100X'],
    // The second example of GB 11643 was born in 1880: a typing error in this ledger.
    ...['', '01010519491231002X', '110105194912310Q2X', '440524188001010014'],
  ])('%p is none', (id) => expect(isResidentId(id)).toBe(false));

  it('has exactly one check digit for every birthday', () => {
    const seventeen = fc
      .tuple(fc.integer({ min: 110000, max: 659999 }), fc.integer({ min: 0, max: 999 }))
      .map(([area, order]) => `${area}19800101${order.toString().padStart(3, '0')}`);
    fc.assert(
      fc.property(seventeen, (body) => {
        const fitting = [...'0123456789X'].filter((check) => isResidentId(body + check));
        expect(fitting).toHaveLength(1);
      }),
    );
  });

  // 91350100M000100Y43 is the example printed in GB 32100.
  it.each([
    ['91350100M000100Y43', true],
    ['91350100M000100Y44', false],
    ['91350100M000100Y4', false],
    ['91350100m000100y43', false],
    ['91350100I000100Y43', false],
    ['', false],
  ])('%s is a credit code: %s', (text, answer) => expect(isCreditCode(text)).toBe(answer));

  it('has exactly one check character for every credit code', () => {
    const character = fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY');
    fc.assert(
      fc.property(fc.array(character, { minLength: 17, maxLength: 17 }), (body) => {
        const fitting = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'].filter((check) =>
          isCreditCode(body.join('') + check),
        );
        expect(fitting).toHaveLength(1);
      }),
    );
  });

  it.each([
    ['4111111111111111', false],
    ['4111111111111112', true],
    ['6222021234567890123', true],
    ['123456789012345', false],
    ['20102030405060708090', false],
    ['', false],
    ['村集体账户', false],
  ])('account %s looks mistyped: %s', (account, doubtful) => {
    expect(isAccountDoubtful(account)).toBe(doubtful);
  });

  it('reads the groups people write as one account', () => {
    expect(normaliseAccount('6228 4804-０２５６ 4890')).toBe('6228480402564890');
  });
});

it('a code in full width is the same code', () => {
  expect(plainCode('９１４５０１００ｍａ５ｋＡ１Ｂ２Ｃ３')).toBe('91450100MA5KA1B2C3');
});

describe('a resident ID as it is typed at a desk', () => {
  it.each([
    ['１１０１０５１９４９１２３１００２ｘ', '11010519491231002X'],
    [' 110105 19491231-002x ', '11010519491231002X'],
    ['１１ ００２x', '11002X'],
    ['110105********002x', '110105********002X'],
    ['c-1234567', 'C-1234567'],
  ])('%s is %s', (typed, id) => {
    expect(normaliseResidentId(typed)).toBe(id);
  });
});

describe('a resident ID inside a text', () => {
  it.each([
    ['发放给韦某 11010519491231002X 的补助', '11010519491231002X'],
    ['身份证11010519491231002x。', '11010519491231002x'],
    ['１１０１０５１９４９１２３１００２X', '11010519491231002X'],
    ['110105194912310021', null],
    ['911010519491231002X', null],
    ['11010519491231002X9', null],
    ['第1至18号地块', null],
    ['', null],
  ])('%s: %s', (text, found) => expect(residentIdWithin(text)).toBe(found));
});

describe('a record id', () => {
  it.each(['1', 'BT20-00', '桂财指[2018]1', 'x'.repeat(64), '𠮷'.repeat(64)])('may be %s', (id) => {
    expect(isRecordId(id)).toBe(true);
  });

  it.each(['', ' ', 'a b', 'a\tb', 'a\u0000', 'a\u200bb', ' a', 'a\u3000b', 'x'.repeat(65)])(
    'may not be %p',
    (id) => expect(isRecordId(id)).toBe(false),
  );
});

describe('codes of function and economy', () => {
  it.each([
    ['213', true],
    ['21305', true],
    ['2130504', true],
    ['2130', false],
    ['213050401', false],
    ['213050a', false],
    ['', false],
  ])('function %p: %s', (text, answer) => expect(isFunctionCode(text)).toBe(answer));

  it.each([
    ['303', true],
    ['30310', true],
    ['3031', false],
    ['3031001', false],
    ['', false],
  ])('economy %p: %s', (text, answer) => expect(isEconomicCode(text)).toBe(answer));
});

describe('masking', () => {
  it.each([
    ['韦小某', '韦*某'],
    ['韦某', '韦*'],
    ['韦', '*'],
    ['', ''],
    ['欧阳小某', '欧**某'],
    ['𠮷小某', '𠮷*某'],
    [' 韦小某 ', '韦*某'],
  ])('the name %s reads %s', (name, masked) => expect(maskName(name)).toBe(masked));

  it.each([
    ['11010519491231002X', '110105********002X'],
    ['110105491231002', '110105*****1002'],
    ['E12345678', '*********'],
    ['', ''],
  ])('the ID %s reads %s', (id, masked) => expect(maskResidentId(id)).toBe(masked));

  it.each([
    ['6228480402564890018', '***************0018'],
    ['12345678', '********'],
    ['', ''],
  ])('the account %s reads %s', (account, masked) => expect(maskAccount(account)).toBe(masked));
});
