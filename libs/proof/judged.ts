import { Found } from './findings.js';
import type { JudgedCheckpoint, Policy } from './policy.js';
import { toHex } from './encoding.js';
import type { ProofCrypto } from './proof-crypto.js';

/** A checkpoint that was accepted, and who stands for it. */
export interface Accepted {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly witnesses: readonly { readonly name: string; readonly timeSec: string }[];
}

/** @throws Found when the policy refused it */
export function accepted(judged: JudgedCheckpoint): Accepted {
  const { origin, size, root } = judged.checkpoint;
  if (judged.outcome === 'accepted') {
    const witnesses = [...judged.witnesses].map(([name, timeSec]) => ({
      name,
      timeSec: String(timeSec),
    }));
    return { origin, size, root, witnesses };
  }
  const { reason, names } = judged;
  switch (reason) {
    case 'bad-signature':
      throw new Found({ code: reason, names });
    case 'unknown-log':
      throw new Found({ code: reason, origin });
    case 'wrong-origin':
      throw new Found({ code: reason, origin, names });
    case 'no-quorum':
      throw new Found({ code: reason, origin, size, witnesses: names });
  }
}

/** A key for people to compare with a published one. */
export interface Fingerprint {
  readonly role: 'log' | 'witness';
  readonly name: string;
  /** SHA-256 of the public key, lower-case hexadecimal. */
  readonly sha256: string;
}

/** The keys of a policy, logs first, in its order. */
export function fingerprintsOf(
  policy: Policy,
  crypto: Pick<ProofCrypto, 'sha256'>,
): readonly Fingerprint[] {
  const print = (publicKey: Uint8Array): string => toHex(crypto.sha256(publicKey));
  return [
    ...policy.logs.map(({ key }) => ({
      role: 'log' as const,
      name: key.name,
      sha256: print(key.publicKey),
    })),
    ...[...policy.witnesses].map(([name, { key }]) => ({
      role: 'witness' as const,
      name,
      sha256: print(key.publicKey),
    })),
  ];
}
