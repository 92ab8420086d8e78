import { plainRecords, plainTree } from '../../test/support/plain-tree.js';
import { Malformed } from './malformed.js';
import { sha256Tree, sm3Tree } from './node-hash.js';
import {
  emptyMemory,
  extendSigned,
  formatMemory,
  nextIndex,
  parseMemory,
  type SignerMemory,
} from './signer.js';

const ORIGIN = 'audit.example/tlog/fund-plan';
const tree = sha256Tree;
const records = plainRecords(300);
const plain = plainTree(tree, records);
const hashes = (log: readonly string[]) => log.map((record) => tree.leaf(record));

/** What a signer does each round: read from where it must begin, in pages. */
function signUpTo(memory: SignerMemory, log: readonly string[], page = 7) {
  let current = memory;
  for (let round = 0; round < 1000; round += 1) {
    const first = nextIndex(current);
    const leaves = hashes(log.slice(first, first + page));
    const step = extendSigned(tree, current, { first, leaves, logSize: log.length });
    if (step.outcome === 'refused') return step;
    current = step.memory;
    if (current.range.size === log.length) return step;
  }
  throw new Error('the signer does not come to an end');
}

function signed(log: readonly string[], memory = emptyMemory(ORIGIN, tree)): SignerMemory {
  const step = signUpTo(memory, log);
  if (step.outcome === 'refused') throw new Error(step.reason);
  return step.memory;
}

describe('the signer', () => {
  it('signs the root of the definition at every size, page by page', () => {
    let memory = emptyMemory(ORIGIN, tree);
    for (const size of [0, 1, 2, 3, 50, 50, 51, 128, 300]) {
      memory = signed(records.slice(0, size), memory);
      expect(memory.range.size).toBe(size);
      expect(memory.range.root()).toEqual(plain.root(size));
    }
  });

  it('refuses a log that lost its tail', () => {
    const memory = signed(records.slice(0, 120));
    expect(signUpTo(memory, records.slice(0, 119))).toEqual({
      outcome: 'refused',
      reason: 'log-is-shorter',
      signedSize: 120,
      logSize: 119,
    });
    expect(signUpTo(memory, [])).toMatchObject({ reason: 'log-is-shorter' });
  });

  it('refuses an old backup that has grown again beyond what was signed', () => {
    const memory = signed(records.slice(0, 120));
    const regrown = [...records.slice(0, 100), ...plainRecords(60).map((text) => `new ${text}`)];
    expect(signUpTo(memory, regrown)).toEqual({
      outcome: 'refused',
      reason: 'history-changed',
      signedSize: 120,
      logSize: 160,
    });
  });

  it('signs an unchanged log again without another checkpoint', () => {
    const memory = signed(records.slice(0, 120));
    const step = signUpTo(memory, records.slice(0, 120));
    expect(step).toMatchObject({ outcome: 'extended', memory: { range: { size: 120 } } });
  });

  it('changes nothing that it was given', () => {
    const memory = signed(records.slice(0, 5));
    signed(records.slice(0, 9), memory);
    expect(memory.range.size).toBe(5);
  });

  it('will not be fed from another place', () => {
    const memory = signed(records.slice(0, 5));
    const from = (first: number) =>
      extendSigned(tree, memory, { first, leaves: hashes(records.slice(first, 9)), logSize: 9 });
    expect(() => from(5)).toThrow(RangeError);
    expect(() => from(0)).toThrow(RangeError);
    expect(from(4)).toMatchObject({ outcome: 'extended' });
  });
});

describe('the memory of the signer', () => {
  const memory = signed(records.slice(0, 123));
  const text = formatMemory(memory, tree);

  it('reads back as it was, empty or not', () => {
    for (const size of [0, 1, 2, 123, 256]) {
      const before = signed(records.slice(0, size));
      const after = parseMemory(formatMemory(before, tree), tree);
      expect(after.range.root()).toEqual(before.range.root());
      expect(signed(records, after).range.root()).toEqual(plain.root(300));
    }
  });

  it('cut off anywhere it is none', () => {
    for (let end = 0; end < text.length; end += 1) {
      expect(() => parseMemory(text.slice(0, end), tree)).toThrow(Malformed);
    }
  });

  it('with one character changed in a size, root or hash it is none', () => {
    const start = text.indexOf('123\n');
    for (let i = start; i < text.length; i += 1) {
      const other = text[i] === 'A' ? 'B' : 'A';
      const lines = text.split('\n');
      // The last leaf is compared with the log instead: see "history-changed".
      if (text.slice(0, i).split('\n').length === 6 || lines.length === 0) continue;
      expect(() => parseMemory(text.slice(0, i) + other + text.slice(i + 1), tree)).toThrow(
        Malformed,
      );
    }
  });

  it('of another tree hash or version it is none', () => {
    expect(() => parseMemory(text, sm3Tree)).toThrow(Malformed);
    expect(() => parseMemory(text.replace('/v1', '/v2'), tree)).toThrow(Malformed);
    expect(() => parseMemory(text.replace(/\n[^\n]+\n$/, '\n'), tree)).toThrow(Malformed);
  });
});
