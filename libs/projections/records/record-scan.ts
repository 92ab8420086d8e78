const [QUOTE, BACKSLASH, ZERO, NINE] = [0x22, 0x5c, 0x30, 0x39];

/** It goes on otherwise. */
export const OTHER = -1;

/** What a value may be; `personal`: a commitment or null. */
export type Form = 'text' | 'text or null' | 'personal' | 'flag' | 'digits';

/** Bytes that must stand somewhere, four of them in a number: comparing one by one takes three times as long. */
export class Label {
  readonly words: Int32Array;
  readonly rest: Uint8Array;
  readonly length: number;

  constructor(text: string) {
    const bytes = Uint8Array.from(Buffer.from(text));
    const view = new DataView(bytes.buffer);
    const words = Math.floor(bytes.length / 4);
    this.words = Int32Array.from({ length: words }, (_, at) => view.getInt32(at * 4, true));
    this.rest = bytes.slice(words * 4);
    this.length = bytes.length;
  }
}

const [NULL, TRUE, FALSE] = ['null', 'true', 'false'].map((text) => new Label(text)) as [
  ...[Label, Label, Label],
];
const [COMMITMENT, CLOSING_BRACE] = [new Label('{"commitment":'), new Label('}')];

/** Every byte of a number once. */
const [ONES, TOPS] = [0x01010101, 0x80808080];
const [QUOTES, BACKSLASHES] = [QUOTE * ONES, BACKSLASH * ONES];

/** Steps through canonical JSON byte by byte, where it is known what comes. Answers where it goes on, or `OTHER`. */
export class RecordScan {
  /** Where the record ends: nothing behind it is read. */
  end = 0;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(buffer: ArrayBufferLike) {
    this.#view = new DataView(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  behindLabel(from: number, { words, rest, length }: Label): number {
    if (from < 0 || from + length > this.end) return OTHER;
    let at = from;
    for (let i = 0; i < words.length; i += 1, at += 4) {
      if (this.#view.getInt32(at, true) !== words[i]) return OTHER;
    }
    for (let i = 0; i < rest.length; i += 1, at += 1) {
      if (this.#bytes[at] !== rest[i]) return OTHER;
    }
    return at;
  }

  behindValue(at: number, form: Form): number {
    switch (form) {
      case 'text':
        return this.#behindText(at);
      case 'text or null':
        return this.#bytes[at] === QUOTE ? this.#behindText(at) : this.behindLabel(at, NULL);
      case 'personal': {
        const value = this.behindLabel(at, COMMITMENT);
        if (value === OTHER) return this.behindLabel(at, NULL);
        return this.behindLabel(this.#behindText(value), CLOSING_BRACE);
      }
      case 'flag': {
        const behind = this.behindLabel(at, FALSE);
        return behind === OTHER ? this.behindLabel(at, TRUE) : behind;
      }
      case 'digits': {
        let behind = at;
        while (behind < this.end && isDigit(this.#bytes[behind] as number)) behind += 1;
        return behind === at ? OTHER : behind;
      }
    }
  }

  /** A text without an escape. A byte of a character beyond ASCII is neither a quote nor a backslash. */
  #behindText(from: number): number {
    if (from >= this.end || this.#bytes[from] !== QUOTE) return OTHER;
    let at = from + 1;
    for (; at + 4 <= this.end; at += 4) {
      const word = this.#view.getInt32(at, true);
      if (((zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES)) & TOPS) !== 0) break;
    }
    for (; at < this.end; at += 1) {
      const byte = this.#bytes[at];
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH) return OTHER;
    }
    return OTHER;
  }
}

/** The top bit of the lowest byte that is zero is set; none is where no byte is. */
const zeros = (word: number): number => (word - ONES) & ~word;

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** @returns OTHER where there is anything but digits */
export function numberAt(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    if (!isDigit(byte)) return OTHER;
    number = number * 10 + byte - ZERO;
  }
  return number;
}
