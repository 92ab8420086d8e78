/**
 * The only cryptography that checking a proof needs, as a seam: Node fills it (`ed25519.ts`), a
 * browser brings its own. Both answer at once.
 */
export interface ProofCrypto {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Whether this is the RFC 8032 signature of the message; false also for a key that is none. */
  readonly verifyEd25519: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => boolean;
}
