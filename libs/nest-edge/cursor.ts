import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type JsonValue, Problem } from './problem.js';

const TEXT_LENGTH_MAX = 4096;
const SEAL_BYTES = 16;

let key: Buffer = randomBytes(32);

/**
 * Sets the key that seals cursors, 32 bytes; `sharedSecret(database, 'cursor')` gives one that survives a restart and
 * is the same for every process of a ledger. Until it is set, cursors are sealed with a key of this process alone.
 */
export function useCursorKey(shared: Buffer): void {
  if (shared.length !== 32) throw new Error('the cursor key has 32 bytes');
  key = shared;
}

function seal(kind: string, payload: string): Buffer {
  return createHmac('sha256', key).update(`${kind}\0${payload}`).digest().subarray(0, SEAL_BYTES);
}

/**
 * An opaque place in a list. It is sealed, not secret: it says where to go on, never something the asker may not see.
 *
 * @param kind the question and the version of its payload, such as `trail/1`: a cursor of another list is refused
 */
export function encodeCursor(kind: string, payload: JsonValue): string {
  const text = Buffer.from(JSON.stringify(payload), 'utf8').toString('base64url');
  return `${text}.${seal(kind, text).toString('base64url')}`;
}

const badCursor = () =>
  new Problem({
    status: 400,
    code: 'bad-cursor',
    title: '翻页标记无效',
    titleEn: 'Bad cursor',
    detail: '翻页标记无效或不属于本查询，请从第一页重新查询。',
  });

/**
 * The payload given to `encodeCursor` for this kind; its shape is the caller's own, which the seal vouches for.
 *
 * @throws Problem 400 `bad-cursor` on anything that `encodeCursor` of the same kind and key did not make
 */
export function decodeCursor<Payload extends JsonValue>(kind: string, text: string): Payload {
  if (text.length > TEXT_LENGTH_MAX) throw badCursor();
  const [payload, sealed, ...rest] = text.split('.');
  if (payload === undefined || sealed === undefined || rest.length > 0) throw badCursor();
  const expected = seal(kind, payload);
  // Compared as text too: base64url ignores stray bits and characters, and one place has one cursor.
  const given = Buffer.from(sealed, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw badCursor();
  if (sealed !== expected.toString('base64url')) throw badCursor();
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Payload;
}
