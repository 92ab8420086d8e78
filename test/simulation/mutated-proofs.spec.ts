import { mutateProofs } from './mutated-proofs.js';

const COUNT = 12_000;
const SEED = 20200117;

describe('mutated proofs', () => {
  const tallies = mutateProofs(COUNT, SEED);

  it.each(Object.entries(tallies))('of %s: none is accepted', (_kind, tally) => {
    expect(tally.accepted).toBe(0);
    expect(tally.mutated).toBeGreaterThan(COUNT / 20);
    // Nearly all mutants state something else or nothing: the campaign asks what it should.
    expect(tally.harmless).toBeLessThan(tally.mutated / 10);
  });
});
