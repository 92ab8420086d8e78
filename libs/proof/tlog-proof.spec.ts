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
import { Malformed } from './malformed.js';
import { sha256Tree, sm3Tree } from './node-hash.js';
import { ED25519, ED25519_COSIGNATURE, formatVerifierKey } from './note-key.js';
import { formatNote } from './note.js';
import { parsePolicy } from './policy.js';
import { formatTlogProof, judgeProof, parseTlogProof } from './tlog-proof.js';

const means = { tree: sha256Tree, crypto: nodeCrypto };
const ORIGIN = 'audit.example/tlog/fund-plan';
const log = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
const witness = parseSigningKey(generateSigningKey('discipline.example', ED25519_COSIGNATURE));
const records = plainRecords(50);
const plain = plainTree(sha256Tree, records);
const policy = parsePolicy(
  `log ${formatVerifierKey(log.key)}\nwitness 纪委 ${formatVerifierKey(witness.key)}\nquorum 纪委\n`,
  nodeCrypto,
);

function receipt(index: number, size: number, extra: Uint8Array | null = null): string {
  const text = formatCheckpoint({ origin: ORIGIN, size, root: plain.root(size) });
  const signatures = [signText(log, text), cosignText(witness, text, 1_700_000_000n)];
  const checkpointText = formatNote({ text, signatures });
  const inclusion = plain.inclusion(index, size);
  return formatTlogProof({ extra, index, inclusion, checkpointText });
}
const judge = (text: string, record: string) =>
  judgeProof(parseTlogProof(text), sha256Tree.leaf(record), policy, means);

describe('a receipt (C2SP tlog-proof)', () => {
  it('has the lines of the specification', () => {
    const lines = receipt(5, 6, new TextEncoder().encode('extra information')).split('\n');
    expect(lines[0]).toBe('c2sp.org/tlog-proof@v1');
    expect(lines[1]).toBe('extra ZXh0cmEgaW5mb3JtYXRpb24=');
    expect(lines[2]).toBe('index 5');
    expect(lines.slice(3, 7).map((line) => line.length)).toEqual([44, 44, 0, ORIGIN.length]);
  });

  it('reads back as it was written', () => {
    for (const extra of [null, new Uint8Array(0), new Uint8Array(300).fill(200)]) {
      const text = receipt(3, 40, extra);
      const proof = parseTlogProof(text);
      expect(proof.extra).toEqual(extra);
      expect(formatTlogProof(proof)).toBe(text);
    }
  });

  it('shows of every record in every tree that it is there', () => {
    for (const size of [1, 2, 3, 31, 50]) {
      for (let index = 0; index < size; index += 1) {
        expect(judge(receipt(index, size), records[index]!)).toMatchObject({
          outcome: 'accepted',
          witnesses: new Map([['纪委', 1_700_000_000n]]),
        });
      }
    }
  });

  it('shows nothing of another record, at another place, in another tree', () => {
    const text = receipt(3, 40);
    const refused = { outcome: 'refused', reason: 'not-included' };
    expect(judge(text, 'another record')).toMatchObject(refused);
    expect(judge(text, records[4]!)).toMatchObject(refused);
    expect(judge(text.replace('index 3', 'index 2'), records[3]!)).toMatchObject(refused);
    expect(judge(text.replace('index 3', 'index 40'), records[3]!)).toMatchObject(refused);
    const sm3 = judgeProof(parseTlogProof(text), sm3Tree.leaf(records[3]!), policy, {
      ...means,
      tree: sm3Tree,
    });
    expect(sm3).toMatchObject(refused);
  });

  it('is judged by its checkpoint first', () => {
    const changed = receipt(3, 40).replace(`${ORIGIN}\n40`, `${ORIGIN}\n41`);
    expect(judge(changed, records[3]!)).toMatchObject({ reason: 'bad-signature' });
    const foreign = parsePolicy('quorum none\n', nodeCrypto);
    const proof = parseTlogProof(receipt(3, 40));
    const judged = judgeProof(proof, sha256Tree.leaf(records[3]!), foreign, means);
    expect(judged).toMatchObject({ reason: 'unknown-log' });
  });

  const good = receipt(3, 40);
  it.each([
    ['nothing', ''],
    ['another header', good.replace('@v1', '@v2')],
    ['no index', good.replace('index 3\n', '')],
    ['an index with a leading zero', good.replace('index 3', 'index 03')],
    ['a negative index', good.replace('index 3', 'index -3')],
    ['an absurd index', good.replace('index 3', `index ${'9'.repeat(25)}`)],
    ['extra data that is not base64', good.replace('index', 'extra !!\nindex')],
    ['extra data after the index', good.replace('index 3', 'index 3\nextra AAAA')],
    ['a short hash', good.replace('index 3', 'index 3\nAAAA')],
    ['too many hashes', good.replace('index 3', `index 3${`\n${'A'.repeat(43)}=`.repeat(60)}`)],
    ['no checkpoint', good.split('\n\n')[0]!],
    ['a checkpoint without signatures', good.split('\n\n').slice(0, 2).join('\n\n')],
    ['Windows line ends', good.replaceAll('\n', '\r\n')],
    ['no end', good.replace('index', `extra ${'A'.repeat(1_000_000)}\nindex`)],
  ])('with %s is none', (_what, text) => {
    expect(() => parseTlogProof(text)).toThrow(Malformed);
  });

  it('cut off anywhere it is none, or proves nothing', () => {
    for (let end = 0; end < good.length; end += 1) {
      let outcome = 'malformed';
      try {
        outcome = judge(good.slice(0, end), records[3]!).outcome;
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed);
      }
      expect(outcome).not.toBe('accepted');
    }
  });

  it('with any character changed it is none or proves nothing', () => {
    const character = fc.string({ minLength: 1, maxLength: 1, unit: 'binary' });
    fc.assert(
      fc.property(fc.nat(good.length - 1), character, (at, other) => {
        const text = good.slice(0, at) + other + good.slice(at + 1);
        fc.pre(text !== good);
        let outcome = 'malformed';
        try {
          outcome = judge(text, records[3]!).outcome;
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
        expect(outcome).not.toBe('accepted');
      }),
      { numRuns: 2000 },
    );
  });
});
