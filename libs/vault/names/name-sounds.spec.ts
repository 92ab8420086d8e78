import { foldName } from '../name-folding.js';
import { ALIKE_MAX, NameSounds } from './name-sounds.js';

let sounds: NameSounds;
beforeAll(async () => {
  sounds = await NameSounds.load();
});

describe('two names sound alike', () => {
  it.each([
    ['张三', '章三', 'the surname in another character'],
    ['韦建国', '韦健国', 'a character of the given name in another'],
    ['李丽', '黎莉', 'both'],
    ['单小明', '善晓鸣', '单 is Shàn as a surname'],
    ['解芳', '谢芳', '解 is Xiè'],
    ['仇英', '邱瑛', '仇 is Qiú'],
    ['区明', '欧名', '区 is Ōu'],
    ['曾伟', '曾玮', '曾 is Zēng'],
    ['吕蓝', '吕兰', 'characters of one group'],
    ['覃梅', '谭梅', '覃 is Qín, and Tán to others'],
    ['欧阳娜', '欧阳那', 'a surname of two'],
  ])('%s and %s: %s', (one, other) => {
    expect(sounds.soundAlike(one, other)).toBe(true);
    expect(sounds.soundAlike(other, one)).toBe(true);
  });

  it.each([
    ['张三', '张三丰', 'one is longer'],
    ['张三', '江三', 'another syllable'],
    ['南平', '兰平', 'n is not l: the dialect is not guessed'],
    ['绿萍', '露萍', 'unless ü is u in a reading of it'],
    ['王', '汪', 'one character is no name'],
  ])('not %s and %s: %s', (one, other, why) => {
    expect(sounds.soundAlike(one, other)).toBe(why.startsWith('unless'));
  });
});

describe('the names that sound like one', () => {
  it.each([
    ['章三', '张三'],
    ['韦健国', '韦建国'],
    ['善晓鸣', '单小明'],
    ['山晓鸣', '单小明'],
    ['邱瑛', '仇英'],
    ['欧名', '区明'],
    ['闭月', '毕跃'],
    ['易志毅', '易之怡'],
  ])('of %s hold %s, as the index folds it', (said, written) => {
    expect(sounds.namesLike(said)).toContain(foldName(written));
  });

  it('are as many as one search may ask for at most, and not the name itself', () => {
    for (const name of ['易志毅', '李丽莉', '张三', '覃乙梅', '纪继季吉']) {
      const names = sounds.namesLike(name);
      expect(names.length).toBeGreaterThan(10);
      expect(names.length).toBeLessThan(ALIKE_MAX);
      expect(names).not.toContain(foldName(name));
      expect(new Set(names).size).toBe(names.length);
      for (const each of names.slice(0, 200)) expect(sounds.soundAlike(name, each)).toBe(true);
    }
  });

  it.each(['王', '阿卜杜热合曼', 'Smith', '张A', ''])('of %s are not looked for', (name) => {
    expect(sounds.namesLike(name)).toEqual([]);
  });
});
