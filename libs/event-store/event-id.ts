import { hash } from 'node:crypto';

/** The name space of all event ids of this ledger; changing it would make every retry look new. */
const EVENT_ID_NAMESPACE = 'baf1d0d7-562a-4326-8123-b8b4e179c2e1';

/**
 * Id of the `index`-th event (from 0) of the command with this idempotency key: the RFC 9562 UUID
 * version 5 of `key + "/" + index`. The same command repeated, also by another process, gives the
 * same ids, and the store answers with the first result.
 *
 * @throws RangeError for an empty key, one with a lone surrogate (two such keys would meet in one
 * id) or an index that is no whole number from 0.
 */
export function eventIdOf(key: string, index: number): string {
  if (key === '' || LONE_SURROGATE.test(key)) throw new RangeError('the key is empty or broken');
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`index ${index}`);
  return uuidV5(EVENT_ID_NAMESPACE, `${key}/${index}`);
}

/** RFC 9562 UUID version 5: SHA-1 over the name space and the name in UTF-8, lower case. */
export function uuidV5(namespace: string, name: string): string {
  const digest = hash('sha1', named(namespace, name), 'binary');
  for (let i = 0; i < UUID_BYTES_AT.length; i += 1) {
    let byte = digest.charCodeAt(i);
    if (i === VERSION_BYTE) byte = (byte & 0x0f) | 0x50;
    if (i === VARIANT_BYTE) byte = (byte & 0x3f) | 0x80;
    const at = UUID_BYTES_AT[i] as number;
    written[at] = DIGITS[byte >> 4] as number;
    written[at + 1] = DIGITS[byte & 0x0f] as number;
  }
  return written.toString('latin1');
}

/** Where the two digits of each byte stand in the text. */
const UUID_BYTES_AT = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const [VERSION_BYTE, VARIANT_BYTE] = [6, 8];
const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
// The text before it is one: put together of its parts it would be a dozen of objects.
const written = Buffer.alloc(36, '-');

const LONE_SURROGATE = /\p{Surrogate}/u;
const NAMESPACE_BYTES = 16;
const NAME_BYTES_REUSED_MAX = 1024;

// One buffer for all short names: an allocation a name costs more than the hash itself.
const reused = Buffer.alloc(NAMESPACE_BYTES + NAME_BYTES_REUSED_MAX);
let reusedNamespace = '';

function named(namespace: string, name: string): Buffer {
  if (name.length * 3 > NAME_BYTES_REUSED_MAX) {
    return Buffer.concat([namespaceBytes(namespace), Buffer.from(name, 'utf8')]);
  }
  if (reusedNamespace !== namespace) {
    namespaceBytes(namespace).copy(reused);
    reusedNamespace = namespace;
  }
  return reused.subarray(0, NAMESPACE_BYTES + reused.write(name, NAMESPACE_BYTES, 'utf8'));
}

function namespaceBytes(namespace: string): Buffer {
  return Buffer.from(namespace.replaceAll('-', ''), 'hex');
}
