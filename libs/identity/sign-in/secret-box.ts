import {
  createCipheriv,
  createDecipheriv,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** A key that is kept outside the database; what seals here is derived from it. */
export interface SealingKey {
  readonly idBytes: Buffer;
  readonly wrapping: KeyObject;
}

export interface Opened {
  readonly plain: Buffer;
  /** Sealed under the key in use; else it should be sealed anew while the older key is still at hand. */
  readonly isCurrent: boolean;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LABEL = 'fundflow-identity/1 secrets';

/** Seals the secrets of second factors (AES-256-GCM), so that a copy of the database opens no account. */
export class SecretBox {
  /** @param keys the keys at hand; the last one seals */
  constructor(private readonly keys: () => readonly SealingKey[]) {}

  /** @param bound what it belongs to: opens for nothing else */
  seal(plain: Buffer, bound: string): Buffer {
    const key = this.keys().at(-1);
    if (!key) throw new Error('there is no key to seal with');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, derived(key), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(bound, 'utf8'));
    const body = [cipher.update(plain), cipher.final()];
    return Buffer.concat([key.idBytes, nonce, ...body, cipher.getAuthTag()]);
  }

  /** @returns null when the key is gone, or a byte or what it belongs to is another */
  open(sealed: Buffer, bound: string): Opened | null {
    const keys = this.keys();
    const key = keys.find(({ idBytes }) => idBytes.equals(sealed.subarray(0, ID_BYTES)));
    if (!key || sealed.length < ID_BYTES + NONCE_BYTES + TAG_BYTES) return null;
    const nonce = sealed.subarray(ID_BYTES, ID_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, derived(key), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(bound, 'utf8'));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const body = decipher.update(sealed.subarray(ID_BYTES + NONCE_BYTES, -TAG_BYTES));
      const plain = Buffer.concat([body, decipher.final()]);
      return { plain, isCurrent: key === keys.at(-1) };
    } catch {
      return null;
    }
  }
}

const derived = ({ wrapping }: SealingKey): Buffer =>
  Buffer.from(hkdfSync('sha256', wrapping, '', LABEL, KEY_BYTES));
