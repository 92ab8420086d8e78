import { eventStoreContract } from './contract.js';
import { InMemoryEventStore } from './in-memory.js';

eventStoreContract('the store in memory', async () => {
  const store = new InMemoryEventStore();
  return async () => store;
});
