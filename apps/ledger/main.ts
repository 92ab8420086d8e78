import { identityModule } from '@fundflow/identity/http/identity.module';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { runService } from '@fundflow/runtime/run-service';
import { LedgerModule } from './ledger.module.js';

/** The write side alone, against a PostgreSQL server. */
await runService('ledger', (ledger) => {
  const { database, logger, configuration, oversight } = ledger;
  const edge = edgeModule({ database, logger });
  const { publicOrigin } = configuration;
  return [
    edge,
    identityModule({ database, edge, publicOrigin, oversight }),
    LedgerModule.on(ledger, edge),
  ];
});
