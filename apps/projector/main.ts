import { identityModule } from '@fundflow/identity/http/identity.module';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { runService } from '@fundflow/runtime/run-service';
import { ProjectorModule } from './projector.module.js';

/** The projections alone, against a PostgreSQL server. Any number may run: one wins each page. */
await runService('projector', (ledger) => {
  const { database, logger, configuration, oversight, secrets } = ledger;
  const { demo } = configuration;
  const edge = edgeModule({ database, logger });
  return [
    edge,
    identityModule({ database, edge, demo, oversight, secrets }),
    ProjectorModule.on(ledger, edge),
  ];
});
