/**
 * Characters that are written for one another in names, one of each group first: traditional forms that slip in from old
 * lists, simplified forms of 1977 that were taken back (闫 for 阎, 肖 for 萧, 付 for 傅, 兰 for 蓝, 代 for 戴), and rare
 * characters that keyboards lack.
 */
const GROUPS = [
  ...[
    '蓝兰藍蘭',
    '阎闫閻閆',
    '萧肖蕭',
    '傅付',
    '戴代',
    '覃谭',
    '丘邱',
    '侯候',
    '韦韋',
    '罗羅',
    '陆陸',
  ],
  ...[
    '黄黃',
    '农農',
    '邓鄧',
    '刘劉',
    '陈陳',
    '杨楊',
    '张張',
    '赵趙',
    '吴吳',
    '郑鄭',
    '谢謝',
    '许許',
  ],
  ...[
    '韩韓',
    '冯馮',
    '贺賀',
    '龙龍',
    '万萬',
    '叶葉',
    '卢盧',
    '苏蘇',
    '吕呂',
    '蒋蔣',
    '钟鍾鐘',
    '宁甯寧',
  ],
  ...[
    '邹鄒',
    '欧歐',
    '区區',
    '凤鳳',
    '华華',
    '国國',
    '贵貴',
    '荣榮',
    '兴興',
    '丽麗',
    '红紅',
    '莲蓮',
  ],
  ...['峰峯', '群羣', '强強', '升昇', '杰傑', '裕祐', '梁樑', '玉钰', '英瑛'],
] as const;

const FIRST = new Map<string, string>();
for (const group of GROUPS) {
  const [first = '', ...others] = Array.from(group);
  for (const other of others) if (!FIRST.has(other)) FIRST.set(other, FIRST.get(first) ?? first);
}

/** Unified ideographs, digits, small letters: NFKC leaves them as they are, and none is taken out. */
const FOLDED_BUT_VARIANTS = /^[0-9a-z\u4e00-\u9fff]*$/;
const VARIANT = new RegExp(`[${[...FIRST.keys()].join('')}]`);

/** What people put between the parts of a name: dots of several sorts, spaces, hyphens. */
const SEPARATORS = /[\s·•・‧∙.．﹒。\-‐‑–—_]/gu;

/**
 * A name as it is searched for: NFKC, without spaces and dots, letters small, characters of one group as one. Two names
 * that fold alike are candidates, never the same person.
 */
export function foldName(name: string): string {
  if (FOLDED_BUT_VARIANTS.test(name)) return VARIANT.test(name) ? firstsOf(name) : name;
  return firstsOf(name.normalize('NFKC').replace(SEPARATORS, '').toLowerCase());
}

function firstsOf(plain: string): string {
  let folded = '';
  for (const character of plain) folded += FIRST.get(character) ?? character;
  return folded;
}
