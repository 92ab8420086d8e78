const UUID_LENGTH = 36;
const DASH = 0x2d;
/** Where the sixteen bytes of a UUID stand in its text. */
const PAIRS = Uint8Array.of(0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34);
const DASHES = Uint8Array.of(8, 13, 18, 23);
const NO_DIGIT = 0xff;
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? NO_DIGIT : digit;
});

/** In the form 8-4-4-4-12. Digit by digit: a call out of JavaScript for each part takes twice as long. */
export function writeUuid(bytes: Buffer, from: number, uuid: string): void {
  let all = 0;
  for (let i = 0; i < PAIRS.length; i += 1) {
    const at = PAIRS[i] as number;
    const [high, low] = [digitOf(uuid, at), digitOf(uuid, at + 1)];
    all |= high | low;
    bytes[from + i] = high * 16 + low;
  }
  let isUuid = all < 16 && uuid.length === UUID_LENGTH;
  for (const at of DASHES) isUuid &&= uuid.charCodeAt(at) === DASH;
  if (!isUuid) throw new Error(`${uuid} is no UUID`);
}

/** The same of a UUID in ASCII. */
export function writeUuidOf(
  target: Buffer,
  at: number,
  { bytes, from, to }: { readonly bytes: Uint8Array; readonly from: number; readonly to: number },
): void {
  let all = 0;
  for (let i = 0; i < PAIRS.length; i += 1) {
    const pair = from + (PAIRS[i] as number);
    const high = DIGITS[bytes[pair] as number] ?? NO_DIGIT;
    const low = DIGITS[bytes[pair + 1] as number] ?? NO_DIGIT;
    all |= high | low;
    target[at + i] = high * 16 + low;
  }
  let isUuid = all < 16 && to - from === UUID_LENGTH;
  for (const dash of DASHES) isUuid &&= bytes[from + dash] === DASH;
  if (!isUuid) throw new Error(`${Buffer.from(bytes.subarray(from, to)).toString()} is no UUID`);
}

const digitOf = (text: string, at: number): number => DIGITS[text.charCodeAt(at)] ?? NO_DIGIT;
