import { verifyConsistency } from '@fundflow/proof/consistency';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Random } from '@fundflow/generator/random';
import { verifyInclusion } from '@fundflow/proof/inclusion';
import { Malformed } from '@fundflow/proof/malformed';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { judgeCheckpoint, parsePolicy } from '@fundflow/proof/policy';
import { formatTlogProof, judgeProof, parseTlogProof } from '@fundflow/proof/tlog-proof';
import { witnessedLog } from '../support/evidence.js';
import { plainRecords } from '../support/plain-tree.js';
import { flipBit, isSameList, mutateList, mutateText } from './mutations.js';

/** What one kind of mutation came to. */
export interface Tally {
  /** Mutants that differ from what they were made of. */
  mutated: number;
  /** Accepted, and something else than what was signed: must stay 0. */
  accepted: number;
  /**
   * Accepted, and stating the very same: a line left out or doubled that no quorum needs. Counted
   * apart, since it is no forgery.
   */
  harmless: number;
}

export type MutationKind = 'inclusion' | 'consistency' | 'checkpoint' | 'receipt';

// Texts cost three signatures each, paths a few hashes.
const WEIGHTS: readonly (readonly [MutationKind, number])[] = [
  ['inclusion', 45],
  ['consistency', 30],
  ['checkpoint', 10],
  ['receipt', 15],
];
const LEAVES = 300;
const tree = sha256Tree;

/**
 * Makes `count` mutants of valid inclusion and consistency proofs, signed checkpoints and receipts,
 * and asks the verifiers about each.
 *
 * Of bare proofs everything is changed but the size: RFC 6962 roots do not commit to it, so a path
 * may hold for two sizes. The signed checkpoint does, and there sizes are changed too.
 */
export function mutateProofs(count: number, seed: number): Record<MutationKind, Tally> {
  const random = new Random(seed, 0x9e3779b9, 0x243f6a88);
  const desk = openDesk();
  const tallies = { ...empty('inclusion'), ...empty('consistency') } as Record<MutationKind, Tally>;
  Object.assign(tallies, empty('checkpoint'), empty('receipt'));
  for (let made = 0; made < count;) {
    const [kind] = WEIGHTS[random.weighted(WEIGHTS.map(([, weight]) => weight))]!;
    const verdict = desk[kind](random);
    if (verdict === 'same') continue;
    made += 1;
    const tally = tallies[kind];
    tally.mutated += 1;
    if (verdict === 'accepted') tally.accepted += 1;
    if (verdict === 'harmless') tally.harmless += 1;
  }
  return tallies;
}

const empty = (kind: MutationKind) => ({ [kind]: { mutated: 0, accepted: 0, harmless: 0 } });

/** `same`: the mutant is what it was made of, so there is nothing to ask. */
type Verdict = 'same' | 'refused' | 'accepted' | 'harmless';

function openDesk(): Record<MutationKind, (random: Random) => Verdict> {
  const log = witnessedLog(plainRecords(LEAVES));
  const other = log.fork(plainRecords(LEAVES).map((text) => `other ${text}`));
  const policy = parsePolicy(log.policy, nodeCrypto);
  const leaves = log.records.map((record) => tree.leaf(record));
  const strangers = [...leaves.slice(0, 20), tree.empty(), other.plain.root(7), log.plain.root(8)];
  const notes = new Map<number, string>();
  const checkpoint = (size: number): string => {
    const note = notes.get(size) ?? log.checkpoint(size);
    notes.set(size, note);
    return note;
  };

  return {
    inclusion: (random) => {
      const size = 1 + random.below(LEAVES);
      const index = random.below(size);
      const proof = log.plain.inclusion(index, size);
      const claim = { index, size, leaf: leaves[index]!, root: log.plain.root(size) };
      const verify = (changed: typeof claim, path = proof): Verdict =>
        verifyInclusion(tree, changed, path) ? 'accepted' : 'refused';
      const place = random.below(size);
      switch (random.below(6)) {
        case 0:
          return place === index ? 'same' : verify({ ...claim, index: place });
        case 1:
          return verify({ ...claim, leaf: flipBit(claim.leaf, random) });
        case 2:
          return verify({ ...claim, root: flipBit(claim.root, random) });
        case 3:
          return place === index ? 'same' : verify({ ...claim, leaf: leaves[place]! });
        default: {
          const path = mutateList(proof, strangers, random);
          return isSameList(path, proof) ? 'same' : verify(claim, [...path]);
        }
      }
    },

    consistency: (random) => {
      const size = 1 + random.below(LEAVES);
      const oldSize = 1 + random.below(size);
      const { plain } = log;
      const proof = plain.consistency(oldSize, size);
      const claim = { oldSize, size, oldRoot: plain.root(oldSize), root: plain.root(size) };
      const verify = (changed: typeof claim, path = proof): Verdict =>
        verifyConsistency(tree, changed, path) ? 'accepted' : 'refused';
      switch (random.below(6)) {
        case 0:
          return verify({ ...claim, oldRoot: flipBit(claim.oldRoot, random) });
        case 1:
          return verify({ ...claim, root: flipBit(claim.root, random) });
        case 2:
          return verify({ ...claim, root: other.plain.root(size) });
        case 3:
          return verify({ ...claim, oldRoot: other.plain.root(oldSize) });
        default: {
          const path = mutateList(proof, strangers, random);
          return isSameList(path, proof) ? 'same' : verify(claim, [...path]);
        }
      }
    },

    checkpoint: (random) => {
      const size = 1 + random.below(LEAVES);
      const note = checkpoint(size);
      const mutant = mutateText(note, checkpoint(1 + random.below(LEAVES)), random);
      if (mutant === note || isKnown(notes, mutant)) return 'same';
      return verdictOf(() => {
        const judged = judgeCheckpoint(mutant, policy, nodeCrypto);
        if (judged.outcome === 'refused') return 'refused';
        const { checkpoint: head } = judged;
        return isTrue(log, head) ? 'harmless' : 'accepted';
      });
    },

    receipt: (random) => {
      const size = 1 + random.below(LEAVES);
      const index = random.below(size);
      const text = receiptOf(log, index, size, checkpoint(size));
      const otherSize = 1 + random.below(LEAVES);
      const otherIndex = random.below(otherSize);
      const from = receiptOf(log, otherIndex, otherSize, checkpoint(otherSize));
      const mutant = mutateText(text, from, random);
      if (mutant === text || mutant === from) return 'same';
      return verdictOf(() => {
        const proof = parseTlogProof(mutant);
        const means = { tree, crypto: nodeCrypto };
        const judged = judgeProof(proof, leaves[index]!, policy, means);
        if (judged.outcome === 'refused') return 'refused';
        const isSame = proof.index === index && isTrue(log, judged.checkpoint);
        return isSame ? 'harmless' : 'accepted';
      });
    },
  };
}

function receiptOf(
  log: ReturnType<typeof witnessedLog>,
  index: number,
  size: number,
  checkpointText: string,
): string {
  const inclusion = log.plain.inclusion(index, size);
  return formatTlogProof({ extra: null, index, inclusion, checkpointText });
}

function isTrue(
  log: ReturnType<typeof witnessedLog>,
  { origin, size, root }: { origin: string; size: number; root: Uint8Array },
): boolean {
  return origin === log.origin && size <= LEAVES && Buffer.from(root).equals(log.plain.root(size));
}

const isKnown = (notes: ReadonlyMap<number, string>, note: string): boolean =>
  [...notes.values()].includes(note);

function verdictOf(judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Malformed) return 'refused';
    throw error;
  }
}
