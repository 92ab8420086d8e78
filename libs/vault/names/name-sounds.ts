import { foldName } from '../name-folding.js';

/**
 * The single characters that are surnames of nearly everybody in China (the hundred commonest, the Hundred Family Surnames
 * where they are still met, and those common in Guangxi): the first character of a name is one of these or the one that
 * was said.
 */
const SURNAMES = new Set(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭' +
    '陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐' +
    '易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳' +
    '管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵' +
    '苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮' +
    '粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏' +
    '鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智' +
    '幸奉植衡富尧闭由植农甲黄滚候侬依缠壮庞仫岜韶仡',
);

/** Characters that are common in given names and not among the common ones of GB 2312. */
const OFTEN_GIVEN =
  '怡婷琪瑶媛嫣璐珊琳玥昊晟睿熙煜炜钰琼瑜璇璋珏瑾瑗琰琬璨璞玮珂珞玟玲妮娅娟娜婉婕嫦嬿妍妤姝姗娆娉娴婧嫒芸芮芊茜荃茗莹菁菲萱' +
  '葳蓓蔓蕊薇蕾藜苓芝芷莘菡蓉蕙钧铭锴锟鑫铖镕锦钊铠晖暄晗晔旻昕昱晁晏曦泓洵浩涵淇淳渝滢潇澜瀚灏沅沛泾洹浚涓涔桦梓榕樾楠柠桢栩楷' +
  '焱烨炅烜焕煊熠骏骁骅骐彬彦彪翀翎翊翔翰霖霏霁霓雯岚峥嵘崧嵩峤峻巍璟奕弈弘弢恺恒恬悦憬懿禛祺禧祯祎禄祜稷穗秉筠笙箐绮绫缨纶绚缦';

/** The characters of GB 2312 in its order: the 3,755 common ones, then the others. */
const [AREA_FIRST, AREA_COMMON_LAST, AREA_LAST] = [0xb0, 0xd7, 0xf7];
const [CELL_FIRST, CELL_LAST] = [0xa1, 0xfe];
const HAN = /^\p{Script=Han}$/u;

/** Longer names are looked for as they are written alone: there are too many that sound like them. */
const LENGTH_MAX = 4;
const LENGTH_MIN = 2;
/** Of one search; where more sound alike, the rarer characters of the fullest syllables are left out. */
export const ALIKE_MAX = 20_000;

type Pinyin = (character: string, options: object) => string[];

/**
 * Names by how they sound: pinyin without tones, every reading of a character, and of a surname also the one it has as a
 * surname (单 shàn, 解 xiè, 仇 qiú, 区 ōu). Nothing is kept about a person for it: a search asks for every name that sounds like
 * the one that was said.
 */
export class NameSounds {
  static #loaded: Promise<NameSounds> | null = null;
  readonly #readings = new Map<string, ReadonlySet<string>>();
  /** What is often given, then what is read like this first of all, the common first; last, what may be read so too. */
  readonly #bySyllable = new Map<string, string[]>();

  private constructor(private readonly pinyin: Pinyin) {
    const characters = [...charactersOfGb2312()];
    for (const character of OFTEN_GIVEN) this.#enter(character, 0, 1);
    for (const character of characters) this.#enter(character, 0, 1);
    for (const character of characters) this.#enter(character, 1);
  }

  /** Loaded when somebody first looks for a name: most processes never do. */
  static load(): Promise<NameSounds> {
    this.#loaded ??= import('pinyin-pro').then(({ pinyin }) => new NameSounds(pinyin as Pinyin));
    return this.#loaded;
  }

  #enter(character: string, from: number, to?: number): void {
    for (const reading of [...this.readingsOf(character, false)].slice(from, to)) {
      const known = this.#bySyllable.get(reading);
      if (known) known.push(character);
      else this.#bySyllable.set(reading, [character]);
    }
  }

  readingsOf(character: string, isSurname: boolean): ReadonlySet<string> {
    const key = isSurname ? `^${character}` : character;
    const known = this.#readings.get(key);
    if (known) return known;
    const options = { toneType: 'none', type: 'array' };
    const all = this.pinyin(character, { ...options, multiple: true });
    const named = isSurname ? this.pinyin(character, { ...options, surname: 'all' }) : [];
    const readings = new Set([...named, ...all].map((each) => each.replaceAll('ü', 'v')));
    if (HAN.test(character)) this.#readings.set(key, readings);
    return readings;
  }

  /** Whether two names sound alike, character by character. Neither says anything about who is meant. */
  soundAlike(one: string, other: string): boolean {
    const [mine, theirs] = [charactersOf(one), charactersOf(other)];
    if (mine.length !== theirs.length || mine.length < LENGTH_MIN) return false;
    return mine.every((character, at) => {
      if (character === theirs[at]) return true;
      const readings = this.readingsOf(theirs[at] as string, at === 0);
      return [...this.readingsOf(character, at === 0)].some((each) => readings.has(each));
    });
  }

  /** Names, folded, that sound like this one and are not folded like it, at most `ALIKE_MAX`; none for what is no name. */
  namesLike(name: string): string[] {
    const characters = charactersOf(name);
    const isName = characters.length >= LENGTH_MIN && characters.length <= LENGTH_MAX;
    if (!isName || !characters.every((each) => HAN.test(each))) return [];
    const choices = characters.map((character, at) => this.#alike(character, at === 0));
    while (choices.reduce((product, { length }) => product * length, 1) > ALIKE_MAX) {
      const fullest = choices.reduce((a, b) => (b.length > a.length ? b : a));
      fullest.length -= 1;
    }
    let names = [''];
    for (const choice of choices) names = names.flatMap((name_) => choice.map((c) => name_ + c));
    return names.slice(1);
  }

  /** Characters, folded, that sound like this one, which comes first; in place of a surname, surnames. */
  #alike(character: string, isSurname: boolean): string[] {
    const alike = new Set([character]);
    for (const reading of this.readingsOf(character, isSurname)) {
      for (const other of this.#bySyllable.get(reading) ?? []) {
        if (!isSurname || SURNAMES.has(other)) alike.add(foldName(other));
      }
      // Surnames that are read like this only as surnames.
      for (const other of isSurname ? SURNAMES : []) {
        if (this.readingsOf(other, true).has(reading)) alike.add(foldName(other));
      }
    }
    return [...alike];
  }
}

const charactersOf = (name: string): string[] => Array.from(foldName(name));

function* charactersOfGb2312(): Generator<string> {
  const decoder = new TextDecoder('gbk');
  for (const [first, last] of [
    [AREA_FIRST, AREA_COMMON_LAST],
    [AREA_COMMON_LAST + 1, AREA_LAST],
  ] as const) {
    for (let area = first; area <= last; area += 1) {
      for (let cell = CELL_FIRST; cell <= CELL_LAST; cell += 1) {
        const character = decoder.decode(Uint8Array.of(area, cell));
        if (HAN.test(character)) yield character;
      }
    }
  }
}
