import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { PERSONAL_FIELDS, verifyCommitment } from './commitment.js';
import { PERSONAL_VALUE_BYTES_MAX, type PayeeValues, valuesOf } from './payload.js';
import { SealBroken, sealPayee, subjectOf, unseal } from './seal.js';
import { BODY_AT, TOKENS_AT } from './sealed-row.js';
import { tokenBytes, tokensOf } from './search-tokens.js';
import { deriveVaultKey, keysOf } from './vault-key.js';

const keys = keysOf(deriveVaultKey(randomBytes(32)));
const otherKeys = keysOf(deriveVaultKey(randomBytes(32)));
const RECORD = 'record:P-2018-1';

const cell = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter((text) => text.trim() !== '');
const payee = fc.record({ name: cell, code: fc.option(cell), account: fc.option(cell) });

const WEI: PayeeValues = {
  name: '韦小某',
  code: '45012419650101123X',
  account: '6228480400123456789',
};

const flip = (bytes: Buffer, at: number, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 << bit);
  return changed;
};

describe('sealing a payee', () => {
  it('gives every value back as it was handed in, with openings that verify', () => {
    fc.assert(
      fc.property(payee, cell, (values, recordKey) => {
        const { sealed, subject, ...commitments } = sealPayee(values, recordKey, keys);
        const openings = unseal({ recordKey, sealed, subject }, keys);
        for (const field of PERSONAL_FIELDS) {
          const [commitment, opened] = [commitments[field], openings[field]];
          expect(opened?.value ?? null).toBe(values[field]);
          if (commitment === null || opened === null) expect(commitment).toEqual(opened);
          else expect(verifyCommitment(commitment, field, opened.value, opened.opening)).toBe(true);
        }
      }),
    );
  });

  it('takes an empty cell for none', () => {
    const { sealed, subject, ...commitments } = sealPayee(
      { name: '韦某', code: ' ', account: '' },
      RECORD,
      keys,
    );
    expect(commitments).toMatchObject({ code: null, account: null });
    const openings = unseal({ recordKey: RECORD, sealed, subject }, keys);
    expect(openings).toMatchObject({ name: { value: '韦某' }, code: null, account: null });
  });

  it('seals equal payees differently, under one subject', () => {
    fc.assert(
      fc.property(payee, (values) => {
        const [one, two] = [sealPayee(values, RECORD, keys), sealPayee(values, RECORD, keys)];
        expect(one.sealed.equals(two.sealed)).toBe(false);
        expect(one.name).not.toEqual(two.name);
        expect(one.subject.equals(two.subject)).toBe(true);
      }),
    );
  });

  it('keeps the search tokens of the row, as they are worked out by themselves', () => {
    fc.assert(
      fc.property(payee, (values) => {
        const { sealed } = sealPayee(values, RECORD, keys);
        const tokens = tokenBytes(tokensOf(values, keys.index));
        expect(sealed.subarray(TOKENS_AT, BODY_AT)).toEqual(tokens);
      }),
    );
  });

  // Computed with another implementation; entries are found by them.
  it('keeps search tokens that are settled as long as entries carry them', () => {
    const index = createSecretKey(Buffer.alloc(32, 7));
    const { sealed } = sealPayee(WEI, RECORD, { ...keys, index });
    const expected = [
      'cb97298b581ba7b2',
      'bb6841f4e01cdac9',
      'ca4fbc5a39af595b',
      '87c00ff7799c4ce5',
    ];
    expect(sealed.toString('hex', TOKENS_AT, BODY_AT)).toBe(expected.join(''));
  });

  // The pool of random bytes is refilled every few hundred payees.
  it('never uses an opening or a data key twice', () => {
    const seen = Array.from({ length: 1_500 }, () => sealPayee(WEI, RECORD, keys));
    const texts = seen.flatMap((one) => PERSONAL_FIELDS.map((field) => one[field]?.commitment));
    expect(new Set(texts).size).toBe(3 * seen.length);
    const wrapped = seen.map((one) => one.sealed.toString('hex', 9, 69));
    expect(new Set(wrapped).size).toBe(seen.length);
  });

  it('refuses a value that is far too long', () => {
    const long = (bytes: number): PayeeValues => ({ ...WEI, name: 'w'.repeat(bytes) });
    expect(sealPayee(long(PERSONAL_VALUE_BYTES_MAX), RECORD, keys).name).not.toBeNull();
    expect(() => sealPayee(long(PERSONAL_VALUE_BYTES_MAX + 1), RECORD, keys)).toThrow(RangeError);
  });
});

describe('sealed bytes', () => {
  const { sealed, subject } = sealPayee(WEI, RECORD, keys);
  const entry = { recordKey: RECORD, sealed, subject };

  it('open only unchanged: any flipped bit is found', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      // Nothing is opened by the search tokens; they are computed anew from what opens.
      if (at >= TOKENS_AT && at < BODY_AT) continue;
      const changed = { ...entry, sealed: flip(sealed, at, at % 8) };
      expect(() => unseal(changed, keys)).toThrow(SealBroken);
    }
    for (let at = 0; at < subject.length; at += 1) {
      const changed = { ...entry, subject: flip(subject, at, at % 8) };
      expect(() => unseal(changed, keys)).toThrow(SealBroken);
    }
    expect(unseal(entry, keys).name?.value).toBe(WEI.name);
  });

  it('open only whole', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      const cut = { ...entry, sealed: sealed.subarray(0, length) };
      expect(() => unseal(cut, keys)).toThrow(SealBroken);
    }
    const longer = { ...entry, sealed: Buffer.concat([sealed, Buffer.alloc(1)]) };
    expect(() => unseal(longer, keys)).toThrow(SealBroken);
  });

  it('open only for their record, their person and their key', () => {
    const another = sealPayee({ ...WEI, code: null }, 'record:P-2018-2', keys);
    expect(() => unseal({ ...entry, recordKey: 'record:P-2018-2' }, keys)).toThrow(SealBroken);
    expect(() => unseal({ ...entry, subject: another.subject }, keys)).toThrow(SealBroken);
    expect(() => unseal({ ...entry, sealed: another.sealed }, keys)).toThrow(SealBroken);
    expect(() => unseal(entry, otherKeys)).toThrow(SealBroken);
    expect(() => unseal({ ...entry, recordKey: '' }, keys)).toThrow(/of {2}does not open/);
  });
});

describe('a row sealed in the first version', () => {
  it('still opens, and only with its key', () => {
    const golden = JSON.parse(
      readFileSync(new URL('../../test/golden/vault-first-version.json', import.meta.url), 'utf8'),
    ) as Record<'key' | 'recordKey' | 'subject' | 'sealed', string> & { values: PayeeValues };
    const entry = {
      recordKey: golden.recordKey,
      subject: Buffer.from(golden.subject, 'hex'),
      sealed: Buffer.from(golden.sealed, 'hex'),
    };
    const own = keysOf(deriveVaultKey(Buffer.from(golden.key, 'hex')));
    expect(valuesOf(unseal(entry, own))).toEqual(golden.values);
    expect(subjectOf(golden.values, own.index).equals(entry.subject)).toBe(true);
    expect(() => unseal(entry, keys)).toThrow(SealBroken);
    for (let at = 0; at < entry.sealed.length; at += 1) {
      const changed = { ...entry, sealed: flip(entry.sealed, at, at % 8) };
      expect(() => unseal(changed, own)).toThrow(SealBroken);
    }
  });
});

describe('the subject of a payee', () => {
  const subject = (values: Partial<PayeeValues>): string =>
    subjectOf({ ...WEI, ...values }, keys.index).toString('hex');

  it('is the resident ID, whatever else the row says', () => {
    expect(subject({ name: '韦晓某', account: null })).toBe(subject({}));
    expect(subject({ code: ' 45012419650101123x ' })).toBe(subject({}));
    expect(subject({ code: '450124196501011248' })).not.toBe(subject({}));
  });

  it('is name and account where there is no whole ID', () => {
    const noId = subject({ code: null });
    expect(subject({ code: null, account: '6228 4804 0012 3456 789' })).toBe(noId);
    expect(subject({ code: null, name: '韦晓某' })).not.toBe(noId);
    expect(subject({ code: null, account: null })).not.toBe(noId);
    expect(subject({ code: '450124********123X' })).not.toBe(noId);
    // What stands in one cell is never taken for another.
    expect(subject({ name: '韦', account: '小', code: null })).not.toBe(
      subject({ name: '韦小', account: null, code: null }),
    );
  });

  // Computed with another implementation; the log names people by it.
  it.each([
    [WEI, '4cd82226ed2daa8bc35ea18082b6e080d0a385098bbd988fb0ced3ff4f7cb188'],
    [
      { name: '韦"小\\某', code: null, account: '6228 4804' },
      '3b4663e50aeebe758db0190b40cafc63e81721fe587f41ea02f1807eca1fa7f5',
    ],
    [
      { name: '甲例 [1]', code: '', account: null },
      'e3de380e44cfa99eb722803e83e7cc260ff1838a2c0f8e9d9cdbb481c23c7af1',
    ],
  ] as const)('of %j is settled for ever', (values, expected) => {
    const index = createSecretKey(Buffer.alloc(32, 7));
    expect(subjectOf(values, index).toString('hex')).toBe(expected);
  });

  it('says nothing without the key', () => {
    expect(subjectOf(WEI, otherKeys.index).equals(subjectOf(WEI, keys.index))).toBe(false);
  });
});

describe('what leaves the sealing', () => {
  it('holds no clear value, in any of the shapes it is kept or shown in', () => {
    fc.assert(
      fc.property(payee, fc.stringMatching(/^record:[a-z0-9]{4}$/), (values, recordKey) => {
        const result = sealPayee(values, recordKey, keys);
        const { sealed, subject, ...commitments } = result;
        const record = JSON.stringify({ data: { payee: { kind: 'person', ...commitments } } });
        const bytes = Buffer.concat([sealed, subject]);
        for (const value of [values.name, values.code, values.account]) {
          // One or two letters of base64 prove nothing.
          if (value === null || Buffer.byteLength(value) < 6) continue;
          expect(record).not.toContain(value);
          expect(bytes.includes(value, 0, 'utf8')).toBe(false);
          expect(inspect(result)).not.toContain(value);
        }
      }),
    );
  });
});
