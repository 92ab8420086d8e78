import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  OPENING_BYTES,
  PERSONAL_FIELDS,
  canonicalValue,
  commit,
  verifyCommitment,
} from './commitment.js';

const OPENING = Buffer.from(Array.from({ length: OPENING_BYTES }, (_, i) => i));
const field = fc.constantFrom(...PERSONAL_FIELDS);
const text = fc.string({ unit: 'binary', maxLength: 40 });
const opening = fc
  .uint8Array({ minLength: OPENING_BYTES, maxLength: OPENING_BYTES })
  .map((bytes) => Buffer.from(bytes));

describe('the canonical value', () => {
  it.each([
    ['name', '  韦小某　', '韦小某'],
    ['name', 'é', 'é'],
    ['name', '韦 小某', '韦 小某'],
    ['code', '45012419650101123x', '45012419650101123X'],
    ['code', ' 91450100mA5kC3xY1Q ', '91450100MA5KC3XY1Q'],
    ['account', ' 6228 4804\t0012　', '622848040012'],
  ] as const)('of the %s %j is %j', (name, value, canonical) => {
    expect(canonicalValue(name, value)).toBe(canonical);
  });

  it('is its own canonical value', () => {
    fc.assert(
      fc.property(field, text, (name, value) => {
        const canonical = canonicalValue(name, value);
        expect(canonicalValue(name, canonical)).toBe(canonical);
      }),
    );
  });
});

describe('a commitment', () => {
  // Computed with another implementation of HMAC-SHA256; these bytes may never change.
  it.each([
    ['name', '韦小某', 'kdpbsYJJQ6hvs6ywHcpl1EEAPnpoEVMwhZACSF4FaWw'],
    ['code', '45012419650101123x', 'APpDiKLw5ni1fgchutmfV28jRcpaVsUBJtgPSa_l9oQ'],
    ['account', '6228 4804 0012', 'etkYenqnE26o-41YOE38QGi_Ahau8VC6dmfXE6QadSY'],
  ] as const)('to the %s %s is settled for ever', (name, value, expected) => {
    expect(commit(name, value, OPENING)).toEqual({ commitment: `hmac-sha256:${expected}` });
  });

  it('is verified by its value in any spelling and its opening', () => {
    const commitment = commit('code', '45012419650101123X', OPENING);
    expect(verifyCommitment(commitment, 'code', ' 45012419650101123x', OPENING)).toBe(true);
    fc.assert(
      fc.property(field, text, opening, (name, value, bytes) => {
        expect(verifyCommitment(commit(name, value, bytes), name, value, bytes)).toBe(true);
      }),
    );
  });

  it('is never verified by another opening, another value or another field', () => {
    fc.assert(
      fc.property(field, text, text, opening, opening, (name, value, other, right, wrong) => {
        const commitment = commit(name, value, right);
        if (!right.equals(wrong)) {
          expect(verifyCommitment(commitment, name, value, wrong)).toBe(false);
        }
        if (canonicalValue(name, value) !== canonicalValue(name, other)) {
          expect(verifyCommitment(commitment, name, other, right)).toBe(false);
        }
        for (const another of PERSONAL_FIELDS.filter((one) => one !== name)) {
          expect(verifyCommitment(commitment, another, value, right)).toBe(false);
        }
      }),
    );
  });

  it('is not verified by an opening of another length', () => {
    const commitment = commit('name', '韦小某', OPENING);
    // HMAC pads a short key with zeros, so these would otherwise be one.
    const padded = Buffer.concat([OPENING, Buffer.alloc(8)]);
    expect(commit('name', '韦小某', padded)).toEqual(commitment);
    expect(verifyCommitment(commitment, 'name', '韦小某', padded)).toBe(false);
  });

  it('tells nothing: equal values give different commitments', () => {
    fc.assert(
      fc.property(field, text, (name, value) => {
        const [one, two] = [randomBytes(OPENING_BYTES), randomBytes(OPENING_BYTES)];
        expect(commit(name, value, one)).not.toEqual(commit(name, value, two));
      }),
    );
  });
});
