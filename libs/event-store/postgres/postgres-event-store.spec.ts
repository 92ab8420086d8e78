import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { eventStoreContract } from '../contract.js';
import { openPostgresEventStore } from './postgres-event-store.js';
import { createEventStoreSchema } from './schema.js';

eventStoreContract('the store on PostgreSQL', async () => {
  const connectionString = await (await startTestDatabase()).createDatabase();
  await createEventStoreSchema({ connectionString });
  return () => openPostgresEventStore({ connectionString });
});
