import { type DynamicModule, Module } from '@nestjs/common';
import { identityOf } from '@fundflow/runtime/identity-of';
import { edgeModule } from '@fundflow/nest-edge/edge.module';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { witnessPolicyOf } from '@fundflow/runtime/public-log';
import { AuditModule } from '../audit/audit.module.js';
import { LedgerModule } from '../ledger/ledger.module.js';
import { NotaryModule } from '../notary/notary.module.js';
import type { NotarySettings } from '../notary/settings.js';
import { ProjectorModule } from '../projector/projector.module.js';

/** The notary beside the ledger; `execArgv` is how Node is started for its thread, by default as this process was. */
export interface NotaryBeside {
  readonly settings: NotarySettings;
  readonly execArgv?: readonly string[];
}

/** Every process of the ledger in one: the write side, the projections, the read side, and the notary unless it is off. */
@Module({})
export class FundflowModule {
  static on(ledger: LedgerProcess, notary: NotaryBeside | null): DynamicModule {
    const edge = edgeModule(ledger);
    return {
      module: FundflowModule,
      imports: [
        edge,
        identityOf(ledger, edge),
        LedgerModule.on(ledger, edge),
        ProjectorModule.on(ledger, edge),
        AuditModule.on(ledger, edge, notary?.settings.policy ?? witnessPolicyOf(process.env)),
        ...(notary ? [NotaryModule.on(ledger, edge, notary.settings, notary.execArgv)] : []),
      ],
    };
  }
}
