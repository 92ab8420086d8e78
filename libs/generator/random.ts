/**
 * Chance for the generator: 32-bit integers only, so the same seed gives the same bytes on every machine and in every
 * version of Node (`Math.exp` and its kin may differ in the last bit).
 *
 * The algorithm is sfc32 (Chris Doty-Humphrey, PractRand), seeded by hashing text with FNV-1a.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(a: number, b: number, c: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 … n − 1, for n up to 2^21 (the product stays an exact double). */
  below(n: number): number {
    return Math.floor((this.#next() * n) / 4_294_967_296);
  }

  /** Both ends included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True in `ppm` of a million cases. */
  chance(ppm: number): boolean {
    return this.below(1_000_000) < ppm;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** The index of one of these whole weights, drawn in proportion; their sum is at most 2^21. */
  weighted(weights: readonly number[]): number {
    let left = this.below(weights.reduce((a, b) => a + b, 0));
    for (let index = 0; index < weights.length; index += 1) {
      left -= weights[index] as number;
      if (left < 0) return index;
    }
    return weights.length - 1;
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  }
  return hash >>> 0;
}

/** A stream of its own for every label: what one part draws never shifts what another part gets. */
export function randomFor(seed: number, label: string): Random {
  const text = `${seed}/${label}`;
  return new Random(fnv1a(text, 0x811c9dc5), fnv1a(text, 0x2545f491), fnv1a(text, 0x9e3779b9));
}

/** A well mixed 32-bit number of two small ones (the finaliser of MurmurHash3). */
export function mixed(a: number, b: number): number {
  let hash = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
