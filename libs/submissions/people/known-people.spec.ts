import type { ReadRow } from '@fundflow/intake/batches';
import type { ParsedRow } from '@fundflow/intake/parsed-row';
import { subjectOf } from '@fundflow/vault/seal';
import { HELD_KEY_BYTES, SUBJECT_BYTES, wrapSubjectKey } from '@fundflow/vault/subject-key';
import { deriveVaultKey, keysOf } from '@fundflow/vault/vault-key';
import { payment } from '../../../test/support/rows.js';
import { KnownPeople } from './known-people.js';
import { type UnsealedPayments, sealed, personPiece } from '../hand-in/plain-payments.js';
import { PlainPaymentsWriter } from '../hand-in/plain-payments-writer.js';

const keys = keysOf(deriveVaultKey(Buffer.alloc(32, 7)));
const values = (at: number) => ({ name: `甲例${at}`, code: null, account: null });
const NOBODY = Buffer.alloc(HELD_KEY_BYTES);

/** A block of payments to these people, with one to a unit before each. */
function blockTo(people: readonly number[]): UnsealedPayments {
  const writer = new PlainPaymentsWriter(keys.index);
  for (const [place, at] of people.entries()) {
    for (const kind of ['unit', 'person'] as const) {
      const id = `${kind}-${place}`;
      const row = { ...payment({ id }), payee: { kind, ...values(at) } } as ParsedRow;
      const read = { kind: 'payments', rowNumber: place + 2, id, row, flex: {}, error: null };
      writer.add({ ...read, warnings: [] } as ReadRow, () => null);
    }
  }
  return writer.take().plain as UnsealedPayments;
}

/** A vault that holds keys of some people, and how many it was asked for at a time. */
function vaultOf(known: readonly number[]) {
  const held = new Map(
    known.map((at) => {
      const subject = subjectOf(values(at), keys.index);
      return [subject.toString('hex'), wrapSubjectKey(Buffer.alloc(32, at), subject, keys.current)];
    }),
  );
  const asked: number[] = [];
  const heldKeysOf = (subjects: Buffer): Promise<Buffer> => {
    const count = subjects.length / SUBJECT_BYTES;
    asked.push(count);
    const each = Array.from({ length: count }, (_, at) =>
      subjects.toString('hex', at * SUBJECT_BYTES, (at + 1) * SUBJECT_BYTES),
    );
    return Promise.resolve(Buffer.concat(each.map((subject) => held.get(subject) ?? NOBODY)));
  };
  const keyOf = (at: number) => held.get(subjectOf(values(at), keys.index).toString('hex'));
  return { heldKeysOf, asked, keyOf };
}

const upTo = (count: number, from = 0): number[] =>
  Array.from({ length: count }, (_, at) => from + at);

describe('people of a file', () => {
  it('are asked for by a sample of each block while nobody of it has a key', async () => {
    const { heldKeysOf, asked } = vaultOf([]);
    const known = new KnownPeople(heldKeysOf);
    for (const from of [0, 960]) {
      expect(await known.keysHeld(blockTo(upTo(960, from)))).toBeNull();
    }
    expect(asked).toEqual([16, 16]);
  });

  it('are asked for one and all where some of the sample have one, from then on at once', async () => {
    const { heldKeysOf, asked, keyOf } = vaultOf(upTo(60));
    const known = new KnownPeople(heldKeysOf);
    const people = upTo(640);
    const expected = Buffer.concat(people.map((at) => keyOf(at) ?? NOBODY));
    expect(await known.keysHeld(blockTo(people))).toEqual(expected);
    expect(await known.keysHeld(blockTo(upTo(640, 30)))).toBeNull();
    expect(await known.keysHeld(blockTo(upTo(640, 640)))).toBeNull();
    expect(asked).toEqual([16, 640, 640, 16]);
  });

  it('are all asked for where they are few, and not at all where there are none', async () => {
    const { heldKeysOf, asked, keyOf } = vaultOf([3]);
    const known = new KnownPeople(heldKeysOf);
    expect(await known.keysHeld(blockTo([2, 3]))).toEqual(
      Buffer.concat([NOBODY, keyOf(3) as Buffer]),
    );
    expect(await known.keysHeld({ ...blockTo([]), people: null })).toBeNull();
    expect(asked).toEqual([2]);
  });

  it('are sealed under it, and under keys of their own where the vault does not answer', async () => {
    const { heldKeysOf, keyOf } = vaultOf([3]);
    const firstBytes = async (known: KnownPeople): Promise<(Buffer | undefined)[]> => {
      const block = blockTo([3]);
      const held = await known.keysHeld(block);
      const plain = sealed(block, keys, held);
      const { bytes, from } = personPiece(plain, 1);
      const row = Buffer.from(bytes).subarray(from + SUBJECT_BYTES);
      return [row.subarray(1, 1 + HELD_KEY_BYTES)];
    };
    expect(await firstBytes(new KnownPeople(heldKeysOf))).toEqual([keyOf(3)]);
    const silent = new KnownPeople(() => Promise.reject(new Error('no database')));
    expect(await firstBytes(silent)).not.toEqual([keyOf(3)]);
  });
});
