import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { identityOf } from '@fundflow/runtime/identity-of';
import { runService } from '@fundflow/runtime/run-service';
import { LedgerModule } from './ledger.module.js';

/** The write side alone, against a PostgreSQL server. */
await runService('ledger', (ledger) => {
  const edge = edgeModule(ledger);
  return [edge, identityOf(ledger, edge), LedgerModule.on(ledger, edge)];
});
