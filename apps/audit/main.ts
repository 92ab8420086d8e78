import { identityModule } from '@fundflow/identity/http/identity.module';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { runService } from '@fundflow/runtime/run-service';
import { AuditModule } from './audit.module.js';

/** The read side alone, against a PostgreSQL server that a projector keeps up to date. */
await runService('audit', (ledger) => {
  const { database, logger, configuration, oversight } = ledger;
  const edge = edgeModule({ database, logger });
  const { publicOrigin } = configuration;
  return [
    edge,
    identityModule({ database, edge, publicOrigin, oversight }),
    AuditModule.on(ledger, edge),
  ];
});
