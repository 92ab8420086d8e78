import { HELD_KEY_BYTES } from '@fundflow/vault/subject-key';
import { type PeopleToSeal, subjectsOf } from './people-to-seal.js';

/** As `PostgresVault.heldKeysOf`. */
export type HeldKeysOf = (subjects: Buffer) => Promise<Buffer>;

/** A block of `UnsealedPayments`. */
interface BlockToSeal {
  readonly unsealed: Uint8Array;
  readonly people: PeopleToSeal | null;
}

/** Of a block whose people seem to be new so many are asked for, from all over it. */
const SAMPLE = 16;
/** One in so many known pays for asking for all. */
const WORTH_IT = 16;

/**
 * Which people of a file have a key in the vault: rows about them are sealed under it at once, and not a second time when
 * they are posted. Of a file of new people a sample of each block is all that is asked for. It is a help and never a
 * condition.
 */
export class KnownPeople {
  #areKnown = false;

  constructor(private readonly heldKeysOf: HeldKeysOf) {}

  /**
   * Keys of the people of a block, in their order, wrapped, `HELD_KEY_BYTES` each; zeros for whoever has none. Null where
   * there is nobody to ask for, or hardly anybody has one, or the vault does not answer.
   */
  async keysHeld({ unsealed, people }: BlockToSeal): Promise<Buffer | null> {
    if (!people) return null;
    const every = this.#areKnown ? 1 : Math.ceil(people.count / SAMPLE);
    const held = await this.#ask(subjectsOf(unsealed, people, every));
    if (held === null || every === 1) return held;
    return this.#ask(subjectsOf(unsealed, people, 1));
  }

  /** Null where too few are known. */
  async #ask(subjects: Buffer): Promise<Buffer | null> {
    const held = await this.heldKeysOf(subjects).catch(() => null);
    this.#areKnown = held !== null && knownOf(held) * WORTH_IT * HELD_KEY_BYTES >= held.length;
    return this.#areKnown ? held : null;
  }
}

/** A key begins with an id, and none with zeros: see `KEY_ID_BYTES`. */
function knownOf(held: Buffer): number {
  let known = 0;
  for (let at = 0; at < held.length; at += HELD_KEY_BYTES) {
    if (held.readBigUInt64LE(at) !== 0n) known += 1;
  }
  return known;
}
