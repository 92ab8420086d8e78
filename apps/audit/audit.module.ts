import { type DynamicModule, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
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

/** The read side: trails, traces, summaries, alerts, the log. */
@Module({})
export class AuditModule {
  static on(ledger: LedgerProcess, edge: DynamicModule): DynamicModule {
    return {
      module: AuditModule,
      imports: [CqrsModule.forRoot(), edge],
      controllers: [AnswersController],
      providers: [
        { provide: AuditBooks, useValue: new AuditBooks(ledger) },
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
}
