import { type PayeeValues, present } from '@fundflow/vault/payload';
import { type Commitments, sealInPlace } from '@fundflow/vault/seal';
import { HELD_KEY_BYTES, SUBJECT_BYTES } from '@fundflow/vault/subject-key';
import type { PersonPayee } from '@fundflow/vault/vault';
import type { VaultKeys } from '@fundflow/vault/vault-key';
import { bytesOf } from '../growing-bytes.js';

/*
 * People of a block of payments, sealed where they lie: whoever reads a row leaves room in its record for each
 * commitment, and behind it blind index and values in clear, in a place as long as what becomes of them. Sealing needs
 * these bytes alone and makes none longer: another thread can do it while the next block is read, and nothing is put together again.
 */

/** The people in the bytes of a block. */
export interface PeopleToSeal {
  readonly count: number;
  /** Of each: where the payee begins within the record, where the person's place begins, and ends. */
  readonly places: Uint32Array;
  /** Keys of their records, a line each: a key holds no control character. */
  readonly recordKeys: string;
}

const NUMBERS = 3;
/** As long as any, and none. */
const NO_COMMITMENT = `hmac-sha256:${'?'.repeat(43)}`;

/** Where a payee begins: as a text within a record its quotation marks would be escaped. */
export const PAYEE_START = Buffer.from('"payee":{"account":');
const [NULL, BEFORE_COMMITMENT, BEHIND_COMMITMENT] = ['null', '{"commitment":"', '"}'];
const OPENING_BRACE = 0x7b;
const [BEFORE_CODE, BEFORE_NAME] = [',"code":', ',"kind":"person","name":'];

const room = (value: string | null): PersonPayee['name'] =>
  present(value) === null ? null : { commitment: NO_COMMITMENT };

/** The payee of a person's record with room for the commitments. */
export const payeeToSeal = ({ name, code, account }: PayeeValues): PersonPayee => ({
  ...{ kind: 'person', name: room(name), code: room(code), account: room(account) },
});

/**
 * Seals all of them, in `bytes`.
 *
 * @param bytes of the block, changed
 * @param held what `KnownPeople` says of them
 */
export function sealPeople(
  bytes: Uint8Array,
  { places, recordKeys }: PeopleToSeal,
  keys: VaultKeys,
  held: Uint8Array | null,
): void {
  const target = bytesOf(bytes);
  const keysHeld = held && bytesOf(held);
  const numberOf = (nth: number, which: number): number => places[NUMBERS * nth + which] as number;
  recordKeys.split('\n').forEach((recordKey, nth) => {
    const place = { target, at: numberOf(nth, 1), end: numberOf(nth, 2) };
    const key = keysHeld && keysHeld.subarray(nth * HELD_KEY_BYTES, (nth + 1) * HELD_KEY_BYTES);
    putCommitments(target, numberOf(nth, 0), sealInPlace(place, recordKey, keys, key));
  });
}

/** Blind indexes of some of them, one behind the other. @param every of so many the first */
export function subjectsOf(
  bytes: Uint8Array,
  { count, places }: PeopleToSeal,
  every: number,
): Buffer {
  const subjects = Buffer.allocUnsafe(Math.ceil(count / every) * SUBJECT_BYTES);
  const source = bytesOf(bytes);
  for (let nth = 0, to = 0; nth < count; nth += every, to += SUBJECT_BYTES) {
    const from = places[NUMBERS * nth + 1] as number;
    source.copy(subjects, to, from, from + SUBJECT_BYTES);
  }
  return subjects;
}

function putCommitments(target: Buffer, payee: number, commitments: Commitments): void {
  const put = (from: number, field: PersonPayee['name']): number => {
    if ((field !== null) !== (target[from] === OPENING_BRACE)) {
      throw new Error(`no room for this commitment at byte ${from}`);
    }
    if (field === null) return from + NULL.length;
    const at = from + BEFORE_COMMITMENT.length;
    return at + target.write(field.commitment, at, 'latin1') + BEHIND_COMMITMENT.length;
  };
  const behindAccount = put(payee + PAYEE_START.length, commitments.account);
  const behindCode = put(behindAccount + BEFORE_CODE.length, commitments.code);
  put(behindCode + BEFORE_NAME.length, commitments.name);
}
