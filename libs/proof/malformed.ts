/**
 * A text or file that is not of the form its specification asks for: cut off, padded, out of range.
 * The message is one English sentence that says what and where. It proves nothing, neither way.
 */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}
