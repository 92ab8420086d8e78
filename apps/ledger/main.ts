import { identityModule } from '@fundflow/identity/http/identity.module';
import { oidcOf } from '@fundflow/runtime/oidc-of';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { runService } from '@fundflow/runtime/run-service';
import { LedgerModule } from './ledger.module.js';

/** The write side alone, against a PostgreSQL server. */
await runService('ledger', (ledger) => {
  const { database, logger, configuration, oversight, secrets } = ledger;
  const edge = edgeModule({ database, logger });
  const { publicOrigin, demo } = configuration;
  const oidc = oidcOf(configuration);
  return [
    edge,
    identityModule({ database, edge, publicOrigin, demo, oidc, oversight, secrets }),
    LedgerModule.on(ledger, edge),
  ];
});
