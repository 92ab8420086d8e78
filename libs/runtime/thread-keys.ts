import type { KeyObject } from 'node:crypto';
import type { VaultKey, VaultKeys } from '@fundflow/vault/vault-key';

/** The keys that a thread is given. */
export interface ThreadKeys {
  readonly current: VaultKey;
  readonly index: KeyObject;
}

/** As they arrive in the thread: a buffer comes as plain bytes. */
export function arrivedKeys({ current: given, index }: ThreadKeys): VaultKeys {
  const [idBytes, check] = [Buffer.from(given.idBytes), Buffer.from(given.check)];
  const current = { ...given, idBytes, check };
  return { current, index, find: (id) => (id.equals(idBytes) ? current : null) };
}
