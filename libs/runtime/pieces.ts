/** Byte strings as one, and where each of them ends: what goes from thread to thread without a copy of each. */
export interface Pieces {
  readonly ends: readonly number[];
  /** Memory of its own, so that it can be handed over. */
  readonly bytes: Uint8Array;
}

export function oneBehindTheOther(pieces: readonly Uint8Array[]): Pieces {
  let length = 0;
  const ends = pieces.map((piece) => (length += piece.length));
  const bytes = new Uint8Array(length);
  pieces.forEach((piece, at) => bytes.set(piece, (ends[at] as number) - piece.length));
  return { ends, bytes };
}

/** The same strings, over the memory of all. */
export function piecesOf({ ends, bytes }: Pieces): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return ends.map((end, at) => all.subarray(at === 0 ? 0 : ends[at - 1], end));
}
