import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** RFC 6238 with what every authenticator understands: SHA-1, six digits, 30 seconds. */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** Steps a clock may be off, either way. */
const WINDOW = 1;
const SECRET_BYTES = 20;
const ISSUER = 'Fundflow 扶贫资金台账';

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

function totp(secret: Buffer, label = ''): TOTP {
  const bytes = new Uint8Array(secret).buffer;
  const fixed = { algorithm: 'SHA1', digits: DIGITS, period: STEP_SECONDS } as const;
  return new TOTP({ issuer: ISSUER, label, secret: new Secret({ buffer: bytes }), ...fixed });
}

/** What an authenticator is given, as text to type and as an `otpauth:` address to scan. */
export function totpEnrolment(secret: Buffer, login: string): { secret: string; uri: string } {
  const own = totp(secret, login);
  return { secret: own.secret.base32, uri: own.toString() };
}

/** The code of a moment. */
export const totpCode = (secret: Buffer, atMs: number): string =>
  totp(secret).generate({ timestamp: atMs });

/**
 * The time step whose code this is, within one step of now; null when it is none. A step is to be accepted once: whoever
 * saw the code typed must not use it again (RFC 6238 §5.2).
 */
export function totpStep(secret: Buffer, code: string, atMs: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const delta = totp(secret).validate({ token: code, timestamp: atMs, window: WINDOW });
  return delta === null ? null : Math.floor(atMs / 1000 / STEP_SECONDS) + delta;
}
