import { randomBytes } from 'node:crypto';
import { vaultContract } from './contract.js';
import { inMemoryVault } from './in-memory.js';
import { deriveVaultKey, keysOf } from './vault-key.js';

vaultContract('in memory', async () => {
  const key = deriveVaultKey(randomBytes(32));
  return { vault: inMemoryVault(key), keys: keysOf(key) };
});
