import { vaultContract } from './contract.js';
import { inMemoryVault } from './in-memory.js';

vaultContract('in memory', async (key) => inMemoryVault(key));
