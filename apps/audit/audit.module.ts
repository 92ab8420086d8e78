import { type DynamicModule, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { CqrsModule, QueryBus } from '@nestjs/cqrs';
import { AttachmentFiles } from '@fundflow/evidence/attachment-files';
import { PublicTotals } from '@fundflow/public-totals/public-totals';
import { CostlyQuestions } from '@fundflow/identity/http/costly-questions';
import { attachmentDirectoryOf, type LedgerProcess } from '@fundflow/runtime/open-process';
import { AskAlertsHandler } from './answers/alerts.js';
import { AskEventsHandler } from './answers/events.js';
import { AskHoldingHandler } from './answers/holding.js';
import { AskProjectHandler } from './answers/project.js';
import { AskSummaryHandler } from './answers/summary.js';
import { AskTraceHandler } from './answers/trace.js';
import { AskTrailHandler } from './answers/trail.js';
import { AskTrialBalanceHandler } from './answers/trial-balance.js';
import { AnswersController } from './answers.controller.js';
import { AuditBooks } from './audit-books.js';
import { EvidenceDesk } from './evidence/evidence-desk.js';
import { EvidenceController } from './evidence/evidence.controller.js';
import { finishErasures } from './personal/erasures.js';
import { PersonalController } from './personal/personal.controller.js';
import { PersonalDesk } from './personal/personal-desk.js';
import { PublicTotalsController } from './public-totals.controller.js';

/** The read side: trails, traces, summaries, alerts, the log, and evidence of what it answers. */
@Module({})
export class AuditModule implements OnApplicationBootstrap {
  constructor(private readonly personal: PersonalDesk) {}

  /** @param witnessPolicy whom a checkpoint must have convinced: a C2SP tlog-policy without the line of the log */
  static on(ledger: LedgerProcess, edge: DynamicModule, witnessPolicy: string): DynamicModule {
    const files = new AttachmentFiles(attachmentDirectoryOf(ledger.configuration));
    return {
      module: AuditModule,
      imports: [CqrsModule.forRoot(), edge],
      controllers: [
        EvidenceController,
        AnswersController,
        PersonalController,
        PublicTotalsController,
      ],
      providers: [
        { provide: AuditBooks, useValue: new AuditBooks(ledger) },
        { provide: PublicTotals, useValue: new PublicTotals(ledger.pool, ledger.store) },
        {
          provide: CostlyQuestions,
          useValue: new CostlyQuestions(ledger.configuration.questionsAtOnce),
        },
        { provide: PersonalDesk, useValue: new PersonalDesk(ledger) },
        {
          provide: EvidenceDesk,
          useFactory: (queries: QueryBus) =>
            new EvidenceDesk(ledger, files, witnessPolicy, queries),
          inject: [QueryBus],
        },
        AskAlertsHandler,
        AskEventsHandler,
        AskHoldingHandler,
        AskProjectHandler,
        AskSummaryHandler,
        AskTraceHandler,
        AskTrailHandler,
        AskTrialBalanceHandler,
      ],
    };
  }

  /** Goes on with erasures a crash left approved and not destroyed. */
  async onApplicationBootstrap(): Promise<void> {
    // A log that does not answer now must not keep questions from being answered: the next start tries again.
    await finishErasures(this.personal).catch((error: unknown) =>
      this.personal.ledger.logger.failure('erasure-waits', error),
    );
  }
}
