import { handInBadInputs, type InputKind, type InputTally } from './bad-inputs.js';

const COUNT = 4_000;
const SEED = 20200117;
const KINDS: readonly InputKind[] = ['bundle', 'receipt', 'checkpoint', 'log', 'openings', 'tile'];

describe('bad input to the verifier', () => {
  let tallies: Record<InputKind, InputTally>;
  beforeAll(async () => {
    tallies = await handInBadInputs(COUNT, SEED);
  });

  it.each(KINDS)('of %s is never valid, never a crash, and answered in one sentence', (kind) => {
    const { inputs, tampered, undecided, harmless, ...wrong } = tallies[kind];
    expect(wrong).toEqual({ wronglyValid: [], failed: [], unclear: [] });
    expect(inputs).toBeGreaterThan(COUNT / 20);
    expect(tampered + undecided).toBe(inputs - harmless);
    // Nearly every change says something: the mutants ask what they should.
    expect(harmless).toBeLessThan(inputs / 3);
  });
});
