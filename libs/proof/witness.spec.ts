import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { plainRecords, plainTree } from '../../test/support/plain-tree.js';
import { formatCheckpoint } from './checkpoint.js';
import {
  cosignText,
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  signText,
} from './ed25519.js';
import { fromHex } from './encoding.js';
import { Malformed } from './malformed.js';
import { sha256Tree } from './node-hash.js';
import { checkNote } from './note-check.js';
import { ED25519, ED25519_COSIGNATURE, noteKey } from './note-key.js';
import { formatNote, parseNote } from './note.js';
import type { Hash } from './tree-hash.js';
import {
  cosignedAnswer,
  decideAddCheckpoint,
  formatAddCheckpoint,
  malformedAnswer,
  parseAddCheckpoint,
  parseConflict,
  type WitnessedTree,
} from './witness.js';

const golden = JSON.parse(readFileSync('test/golden/proof/notes.json', 'utf8')) as {
  addCheckpoint: { publicKeyHex: string; origin: string; body: string };
  specificationRequest: { body: string };
};
const means = { tree: sha256Tree, crypto: nodeCrypto };
const ORIGIN = 'audit.example/tlog/fund-plan';
const log = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
const thief = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
const witness = parseSigningKey(generateSigningKey('discipline.example', ED25519_COSIGNATURE));
const plain = plainTree(sha256Tree, plainRecords(64));
const forked = plainTree(sha256Tree, [...plainRecords(5), 'another', ...plainRecords(64).slice(6)]);

const treeAt = (size: number): WitnessedTree => ({ size, root: plain.root(size) });
function signed(size: number, { signer = log, root = plain.root(size), origin = ORIGIN } = {}) {
  const text = formatCheckpoint({ origin, size, root });
  return formatNote({ text, signatures: [signText(signer, text)] });
}
function ask(
  body: string,
  kept: WitnessedTree | null,
  keys: readonly (typeof log)['key'][] = [log.key],
) {
  const request = parseAddCheckpoint(body);
  const known = request.checkpoint.origin === ORIGIN ? { keys, kept } : null;
  return decideAddCheckpoint(request, known, means);
}
const refusal = (decision: ReturnType<typeof ask>) =>
  decision.outcome === 'refuse' ? decision.answer : null;
const grow = (oldSize: number, size: number, proof: readonly Hash[] = way(oldSize, size)) =>
  formatAddCheckpoint(oldSize, proof, signed(size));
const way = (oldSize: number, size: number): Hash[] => plain.consistency(oldSize, size);

describe('a witness asked to cosign (C2SP tlog-witness)', () => {
  it('cosigns the first checkpoint of a log, and every one that grows from the last', () => {
    let kept: WitnessedTree | null = null;
    for (const size of [1, 2, 7, 7, 8, 40, 64]) {
      const decision = ask(grow(kept?.size ?? 0, size), kept);
      if (decision.outcome !== 'cosign') throw new Error(decision.answer.body);
      kept = decision.tree;
      const line = cosignText(witness, decision.text, 1_700_000_000n);
      const answer = cosignedAnswer([line]);
      expect(answer).toMatchObject({ status: 200 });
      const note = parseNote(`${signed(size)}${answer.body}`);
      expect(checkNote(note, [witness.key, log.key], nodeCrypto).valid).toHaveLength(2);
    }
    expect(kept).toEqual(treeAt(64));
  });

  it('the example request of the specification is read whole', () => {
    const request = parseAddCheckpoint(golden.specificationRequest.body);
    expect(request).toMatchObject({ oldSize: 20852014, checkpoint: { size: 20852163 } });
    expect(request.proof).toHaveLength(4);
    expect(request.note.signatures).toHaveLength(2);
  });

  it('a request that a public witness answers with 200 is cosigned here too', () => {
    const { publicKeyHex, origin, body } = golden.addCheckpoint;
    const publicKey = fromHex(publicKeyHex, 'vector');
    const key = noteKey({ name: origin, type: ED25519, publicKey }, nodeCrypto);
    const request = parseAddCheckpoint(body);
    const decision = decideAddCheckpoint(request, { keys: [key], kept: null }, means);
    expect(decision).toMatchObject({ outcome: 'cosign', tree: { size: 1 } });
  });

  it('404 for an origin it does not know, before anything else', () => {
    const body = formatAddCheckpoint(9, [], signed(3, { origin: 'other.example', signer: thief }));
    expect(refusal(ask(body, null))).toMatchObject({ status: 404 });
  });

  it('403 when no trusted key signed, before sizes are looked at', () => {
    const body = formatAddCheckpoint(9, [], signed(3, { signer: thief }));
    expect(refusal(ask(body, treeAt(5)))).toMatchObject({ status: 403 });
    const tampered = grow(3, 5).replace('\n5\n', '\n6\n');
    expect(refusal(ask(tampered, treeAt(3)))).toMatchObject({ status: 403 });
  });

  it('400 for an old size above the new one', () => {
    const body = formatAddCheckpoint(9, [], signed(3));
    expect(refusal(ask(body, treeAt(9)))).toMatchObject({ status: 400 });
  });

  it.each([
    ['never cosigned', 3, null, '0\n'],
    ['cosigned further', 3, treeAt(5), '5\n'],
    ['cosigned less far', 5, treeAt(3), '3\n'],
    ['asked anew from nothing', 0, treeAt(7), '7\n'],
  ])('409 with the size it has: %s', (_why, oldSize, kept, body) => {
    const answer = refusal(ask(grow(oldSize, 9), kept));
    expect(answer).toEqual({ status: 409, contentType: 'text/x.tlog.size', body });
    expect(parseConflict(body)).toBe(kept?.size ?? 0);
  });

  it('409 for the same size and another root: two histories', () => {
    const body = formatAddCheckpoint(9, [], signed(9, { root: forked.root(9) }));
    expect(refusal(ask(body, treeAt(9)))).toMatchObject({ status: 409, body: '9\n' });
  });

  it('422 for a proof that does not hold', () => {
    const bad = (proof: readonly Hash[]) => refusal(ask(grow(3, 9, proof), treeAt(3)));
    expect(bad([])).toMatchObject({ status: 422 });
    expect(bad(way(3, 9).slice(1))).toMatchObject({ status: 422 });
    expect(bad([...way(3, 9), plain.root(1)])).toMatchObject({ status: 422 });
    expect(refusal(ask(grow(0, 9, [plain.root(1)]), null))).toMatchObject({ status: 422 });
  });

  it('422 for a tree that forked off, whatever proof comes with it', () => {
    const note = signed(20, { root: forked.root(20) });
    for (const proof of [forked.consistency(9, 20), plain.consistency(9, 20), []]) {
      const body = formatAddCheckpoint(9, proof, note);
      expect(refusal(ask(body, treeAt(9)))).toMatchObject({ status: 422 });
    }
  });

  it('an empty tree has the root of nothing', () => {
    const empty = { size: 0, root: sha256Tree.empty() };
    expect(ask(formatAddCheckpoint(0, [], signed(0)), null)).toMatchObject({ tree: empty });
    const wrong = formatAddCheckpoint(0, [], signed(0, { root: plain.root(1) }));
    expect(refusal(ask(wrong, null))).toMatchObject({ status: 409 });
  });

  it.each([
    ['nothing', ''],
    ['no old size', grow(3, 9).replace('old 3\n', '')],
    ['an old size with a leading zero', grow(3, 9).replace('old 3', 'old 03')],
    ['a negative old size', grow(3, 9).replace('old 3', 'old -3')],
    ['an absurd old size', grow(3, 9).replace('old 3', `old ${'9'.repeat(30)}`)],
    ['a line that is no hash', grow(3, 9).replace('old 3\n', 'old 3\nAAAA\n')],
    ['a line that is not base64', grow(3, 9).replace('old 3\n', 'old 3\n*\n')],
    ['64 proof lines', formatAddCheckpoint(3, Array(64).fill(plain.root(1)) as Hash[], signed(9))],
    ['no checkpoint', 'old 3\n\n'],
    ['a checkpoint without signatures', `old 0\n\n${signed(9).split('\n\n')[0]}\n`],
    ['no end', `old 0\n${'A'.repeat(600_000)}\n\n${signed(9)}`],
  ])('400 for a request with %s', (_what, body) => {
    const error = (() => {
      try {
        return parseAddCheckpoint(body);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Malformed);
    expect(malformedAnswer(error as Malformed)).toMatchObject({ status: 400 });
  });

  it('63 proof lines are read', () => {
    const body = formatAddCheckpoint(3, Array(63).fill(plain.root(1)) as Hash[], signed(9));
    expect(refusal(ask(body, treeAt(3)))).toMatchObject({ status: 422 });
  });

  it('never cosigns two trees of which one is not the beginning of the other', () => {
    const step = fc.record({
      oldSize: fc.nat(20),
      size: fc.nat(20),
      isForked: fc.boolean(),
      proofFrom: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let kept: WitnessedTree | null = null;
        const cosigned: WitnessedTree[] = [];
        for (const { oldSize, size, isForked, proofFrom } of steps) {
          const tree = isForked ? forked : plain;
          const proof = proofFrom <= size ? tree.consistency(proofFrom, size) : [];
          const note = signed(size, { root: tree.root(size) });
          const decision = ask(formatAddCheckpoint(oldSize, proof, note), kept);
          if (decision.outcome !== 'cosign') continue;
          kept = decision.tree;
          cosigned.push(kept);
        }
        const isOf = (tree: typeof plain) =>
          cosigned.every(({ size, root }) => Buffer.from(tree.root(size)).equals(root));
        expect(isOf(plain) || isOf(forked)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
