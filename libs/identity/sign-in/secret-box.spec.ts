import fc from 'fast-check';
import { deriveVaultKey } from '@fundflow/vault/vault-key';
import { SecretBox } from './secret-box.js';

const [older, newer] = [1, 2].map((byte) => deriveVaultKey(Buffer.alloc(32, byte)));

describe('a sealed secret', () => {
  it('opens for what it belongs to, and for nothing else, whatever byte is changed', () => {
    const box = new SecretBox(() => [older as NonNullable<typeof older>]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.string(), fc.nat(), (bytes, bound, at) => {
        const plain = Buffer.from(bytes);
        const sealed = box.seal(plain, bound);
        expect(box.open(sealed, bound)).toEqual({ plain, isCurrent: true });
        expect(box.open(sealed, `${bound}x`)).toBeNull();
        const changed = Buffer.from(sealed);
        changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ 1;
        expect(box.open(changed, bound)).toBeNull();
      }),
    );
  });

  it('opens while its key is at hand, and says that there is a newer one', () => {
    let keys = [older];
    const box = new SecretBox(() => keys as NonNullable<typeof older>[]);
    const sealed = box.seal(Buffer.from('secret'), 'u-1');
    keys = [older, newer];
    expect(box.open(sealed, 'u-1')).toMatchObject({ isCurrent: false });
    expect(box.open(box.seal(Buffer.from('secret'), 'u-1'), 'u-1')).toMatchObject({
      isCurrent: true,
    });
    keys = [newer];
    expect(box.open(sealed, 'u-1')).toBeNull();
  });
});
