import { edgeModule } from '@fundflow/nest-edge/edge.module';
import { identityOf } from '@fundflow/runtime/identity-of';
import { runService } from '@fundflow/runtime/run-service';
import { witnessPolicyOf } from '@fundflow/runtime/public-log';
import { AuditModule } from './audit.module.js';

/** The read side alone, against a PostgreSQL server that a projector keeps up to date. */
await runService('audit', (ledger) => {
  const edge = edgeModule(ledger);
  const audit = AuditModule.on(ledger, edge, witnessPolicyOf(process.env));
  return [edge, identityOf(ledger, edge), audit];
});
