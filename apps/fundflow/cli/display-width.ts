/** First and last code points that take two columns of a terminal (Unicode East Asian Width W and F, and emoji). */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

const PLAIN = /^[\x20-\x7e]*$/;

/** Columns a text takes on a terminal: two for a Chinese character, none for a combining mark. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    const point = character.codePointAt(0) as number;
    width += WIDE.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
  }
  return width;
}

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;

/** A value on one line. What moves the cursor or turns the reading direction could forge a line of an audit trail. */
export const oneLine = (text: string): string => text.replace(CONTROL, ' ');

/** What is not parted: a word of Latin letters, or one Chinese character, with the punctuation that closes it. */
const PIECES = /\s+|(?:[\x21-\x7e]+|[^\s\x21-\x7e])[，。；：！？、）》”…]*/gu;
const OPENING = /^[（《“]$/u;

/** Breaks lines at a width of the terminal, between any two Chinese characters too; breaks that are there stay. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrappedLine(line, width))
    .join('\n');
}

function wrappedLine(line: string, width: number): string {
  const lines: string[] = [];
  let current = '';
  let opening = '';
  for (const piece of line.match(PIECES) ?? []) {
    // What opens a bracket goes with what follows it.
    if (OPENING.test(piece)) {
      opening += piece;
      continue;
    }
    const next = opening + piece;
    opening = '';
    if (current !== '' && displayWidth(current + next.trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = next.trimStart();
    } else current += next;
  }
  lines.push(current + opening);
  return lines.join('\n');
}
