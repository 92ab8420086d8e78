import { Random } from '@fundflow/generator/random';

/** Flips one bit. */
export function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  // Not slice(): of a Buffer that is the same memory.
  const changed = Uint8Array.from(bytes);
  const at = random.below(changed.length);
  changed[at]! ^= 1 << random.below(8);
  return changed;
}

/** A list with one element flipped, left out, doubled, swapped with another, or put in from elsewhere. */
export function mutateList(
  list: readonly Uint8Array[],
  strangers: readonly Uint8Array[],
  random: Random,
): readonly Uint8Array[] {
  const at = random.below(list.length + 1);
  const own = list[at];
  switch (own === undefined ? 4 : random.below(6)) {
    case 0:
      return list.with(at, flipBit(own!, random));
    case 1:
      return list.toSpliced(at, 1);
    case 2:
      return list.toSpliced(at, 0, own!);
    case 3: {
      const other = random.below(list.length);
      return list.with(at, list[other]!).with(other, own!);
    }
    case 4:
      return list.toSpliced(at, 0, random.pick(strangers));
    default:
      return list.with(at, random.pick(strangers));
  }
}

/** Whether two lists hold the same bytes. */
export function isSameList(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((bytes, i) => Buffer.from(bytes).equals(b[i]!));
}

const CHARACTERS = 'ABCabc019+/= \n—\t\r\0纪';

/**
 * A text with one character changed, left out or put in, a line left out, doubled or taken from
 * another text, or cut off.
 */
export function mutateText(text: string, other: string, random: Random): string {
  const at = random.below(text.length);
  const character = random.pick([...CHARACTERS]);
  const lines = text.split('\n');
  const line = random.below(lines.length);
  switch (random.below(8)) {
    case 0:
      return text.slice(0, at) + character + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + character + text.slice(at);
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.toSpliced(line, 0, lines[line]!).join('\n');
    case 5:
      return lines.with(line, other.split('\n')[line] ?? '').join('\n');
    case 6:
      return text.slice(0, at);
    default:
      return text.slice(0, at) + other.slice(at);
  }
}
