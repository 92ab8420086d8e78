import { totpCode, totpEnrolment, totpStep } from './totp.js';

/** RFC 6238 appendix B, SHA-1; the last six of its eight digits. */
const SECRET = Buffer.from('12345678901234567890');
const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

describe('codes of an authenticator', () => {
  it.each(VECTORS)('at %i s are those of RFC 6238: %s', (seconds, code) => {
    expect(totpCode(SECRET, seconds * 1000)).toBe(code);
    expect(totpStep(SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it.each([
    [-60, null],
    [-30, -1],
    [0, 0],
    [30, 1],
    [60, null],
  ])('of a clock that is %i s off: step %s', (offSeconds, step) => {
    const atMs = 1_234_567_890_000;
    const code = totpCode(SECRET, atMs + offSeconds * 1000);
    const expected = step === null ? null : Math.floor(atMs / 30_000) + step;
    expect(totpStep(SECRET, code, atMs)).toBe(expected);
  });

  it.each([[''], ['28708'], ['2870820'], ['28708a'], [' 287082']])('%j is none', (code) => {
    expect(totpStep(SECRET, code, 59_000)).toBeNull();
  });

  it('are scanned from an address that names the account', () => {
    const { secret, uri } = totpEnrolment(SECRET, 'wei');
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    const url = new URL(uri);
    expect(`${url.protocol}//${url.host}`).toBe('otpauth://totp');
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ secret, algorithm: 'SHA1', digits: '6', period: '30' },
    });
    expect(decodeURIComponent(url.pathname)).toContain('wei');
  });
});
