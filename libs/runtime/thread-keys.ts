import type { KeyObject } from 'node:crypto';
import type { VaultKey, VaultKeys } from '@fundflow/vault/vault-key';

/** The keys that a thread is given. */
export interface ThreadKeys {
  readonly current: VaultKey;
  readonly index: KeyObject;
  readonly indexNo: number;
}

/** Of keys that change: those of the moment, to be given to a thread. */
export const keysNow = ({ current, index, indexNo }: ThreadKeys): ThreadKeys => ({
  ...{ current, index, indexNo },
});

/** As they arrive in the thread: a buffer comes as plain bytes. */
export function arrivedKeys({ current: given, index, indexNo }: ThreadKeys): VaultKeys {
  const [idBytes, check] = [Buffer.from(given.idBytes), Buffer.from(given.check)];
  const current = { ...given, idBytes, check };
  return { current, index, indexNo, find: (id) => (id.equals(idBytes) ? current : null) };
}
