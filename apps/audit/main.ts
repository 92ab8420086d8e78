import { identityModule } from '@fundflow/identity/http/identity.module';
import { oidcOf } from '@fundflow/runtime/oidc-of';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { runService } from '@fundflow/runtime/run-service';
import { witnessPolicyOf } from '@fundflow/runtime/public-log';
import { AuditModule } from './audit.module.js';

/** The read side alone, against a PostgreSQL server that a projector keeps up to date. */
await runService('audit', (ledger) => {
  const { database, logger, configuration, oversight, secrets } = ledger;
  const edge = edgeModule({ database, logger });
  const { publicOrigin, demo } = configuration;
  const oidc = oidcOf(configuration);
  return [
    edge,
    identityModule({ database, edge, publicOrigin, demo, oidc, oversight, secrets }),
    AuditModule.on(ledger, edge, witnessPolicyOf(process.env)),
  ];
});
