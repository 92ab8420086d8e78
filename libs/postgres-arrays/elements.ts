const WORD = 4;
/** Dimensions, whether there are nulls, type; and of the one dimension its length and where it begins. */
const COUNT_AT = 3 * WORD;
const HEADER_BYTES = 5 * WORD;

/**
 * The values of a column in binary form, as `ColumnBytes` writes and `array_send` gives one; each lies where it lay.
 *
 * @throws RangeError for an array with nulls or of more than one dimension
 */
export function elementsOf(array: Buffer): Buffer[] {
  const dimensions = array.readInt32BE(0);
  if (dimensions === 0) return [];
  if (dimensions !== 1 || array.readInt32BE(WORD) !== 0) throw new RangeError('no plain list');
  let at = HEADER_BYTES;
  return Array.from({ length: array.readInt32BE(COUNT_AT) }, () => {
    const from = at + WORD;
    at = from + array.readInt32BE(at);
    return array.subarray(from, at);
  });
}
