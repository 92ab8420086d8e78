import { hash, randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** 256 random bits, base64url. Shown once; only its hash is kept. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** SHA-256. A slow hash guards what people think up; nobody guesses 256 random bits. */
export function hashToken(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** The same as text, for a map: one call a request, so the cheapest there is. */
export function tokenKey(token: string): string {
  return hash('sha256', token, 'base64');
}
