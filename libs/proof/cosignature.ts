import { toUtf8 } from './encoding.js';

/** Bytes of a `timestamped_signature` with Ed25519: eight of time, 64 of signature. */
const COSIGNATURE_BYTES = 72;
const TIME_MAX = 2n ** 63n - 1n;

/** A cosignature taken apart: when the witness signed, in seconds since 1970, and its signature. */
export interface Cosignature {
  readonly timeSec: bigint;
  readonly signature: Uint8Array;
}

/** What a witness signs: the header line, the time line and the body of the checkpoint. */
export function cosignedMessage(body: string, timeSec: bigint): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${timeSec}\n${body}`);
}

/** The bytes behind the key id of a cosignature line; null when they are none. */
export function parseCosignature(bytes: Uint8Array): Cosignature | null {
  if (bytes.length !== COSIGNATURE_BYTES) return null;
  const timeSec = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  return timeSec > TIME_MAX ? null : { timeSec, signature: bytes.slice(8) };
}

/** @throws RangeError for a time before 1970 or beyond 2^63 − 1 */
export function formatCosignature({ timeSec, signature }: Cosignature): Uint8Array {
  if (timeSec < 0n || timeSec > TIME_MAX) throw new RangeError(`${timeSec} is no time`);
  const bytes = new Uint8Array(8 + signature.length);
  new DataView(bytes.buffer).setBigUint64(0, timeSec);
  bytes.set(signature, 8);
  return bytes;
}
