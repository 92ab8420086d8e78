import type { KeyObject } from 'node:crypto';
import { writeCanonicalWire } from '@fundflow/event-store/canonical-bytes';
import type { PayeeValues } from '@fundflow/vault/payload';
import { placeBytesMax, writeToSeal } from '@fundflow/vault/seal';

/** UTF-8 of one UTF-16 unit. */
const BYTES_OF_UNIT_MAX = 3;

/** Where a piece of bytes lies. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** The same bytes, not copied. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Bytes that are written one behind the other, in memory that grows. */
export class GrowingBytes {
  #buffer: Buffer;
  #length = 0;

  /** @param size about how many there will be */
  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.#length;
  }

  /** Where they lie: what is written later goes behind them, and over them after `clear`. */
  get written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Where these stand first behind so many; -1: nowhere. */
  indexOf(bytes: Buffer, from: number): number {
    return this.written.indexOf(bytes, from);
  }

  /** In UTF-8. */
  write(text: string): void {
    this.#reserve(text.length * BYTES_OF_UNIT_MAX);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** The canonical form of a value, see `canonicalWire`. */
  writeCanonical(input: object): void {
    let end = writeCanonicalWire(this.#buffer, this.#length, input);
    if (end > this.#buffer.length) {
      this.#reserve(end - this.#length);
      end = writeCanonicalWire(this.#buffer, this.#length, input);
    }
    this.#length = end;
  }

  /** A person to be sealed where they lie. @throws RangeError as `writeToSeal` */
  writeToSeal(values: PayeeValues, index: KeyObject): void {
    this.#reserve(placeBytesMax(values));
    this.#length = writeToSeal(this.#buffer, this.#length, values, index);
  }

  copy({ bytes, from, to }: Piece): void {
    this.#reserve(to - from);
    this.#buffer.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** The memory behind so many of them is used again. */
  truncate(length = 0): void {
    this.#length = length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
