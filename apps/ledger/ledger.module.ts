import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { PostingLane } from '@fundflow/command-handling/posting-lane';
import { sharedReads } from '@fundflow/command-handling/shared-reads';
import { OversightLog } from '@fundflow/oversight/oversight-log';
import { JsonLogger } from '@fundflow/nest-edge/json-logger';
import { AttachmentFiles } from '@fundflow/evidence/attachment-files';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { attachmentDirectoryOf, uploadDirectoryOf } from '@fundflow/runtime/open-process';
import { readSubmissionFile } from '@fundflow/intake/read-submission-file';
import { ReadingThreads } from '@fundflow/runtime/read-apart';
import type { FileToRead } from '@fundflow/submissions/hand-in/handed-in';
import type { SealApart } from '@fundflow/submissions/people/sealed-person';
import { type HandedInBatch, handedIn } from '@fundflow/submissions/hand-in/handed-in-batch';
import { KnownPeople } from '@fundflow/submissions/people/known-people';
import { PayeeKeeper } from '@fundflow/submissions/people/payee-keeper';
import { AsStagedInPostgres } from '@fundflow/submissions/postgres/as-staged-in-postgres';
import { PostgresStaging } from '@fundflow/submissions/postgres/postgres-staging';
import { Administrators } from '@fundflow/identity/accounts/administrators';
import { SettingProposals } from '@fundflow/oversight/postgres/setting-proposals';
import { SecondChecks } from '@fundflow/submissions/postgres/second-checks';
import { type DeskParts, SubmissionDesk } from '@fundflow/submissions/submission-desk';
import { SubmissionPoster } from '@fundflow/submissions/posting/submission-poster';
import { LEFT_OVER_MS } from '@fundflow/submissions/hand-in/upload-sweep';
import { TokenFiling } from '@fundflow/vault/postgres/token-filing';
import { WholePoster } from '@fundflow/submissions/posting/whole-poster';
import { PersonalSettingsController } from './settings/personal-settings.controller.js';
import { SecondCheckerController } from './settings/second-checker.controller.js';
import { LimitsController } from './settings/limits.controller.js';
import { SetRuleLimitHandler, SettingsLedger } from './settings/set-rule-limit.js';
import { SettingDesk } from './settings/setting-desk.js';
import { settingKinds } from './settings/setting-kinds.js';
import { SettingsController } from './settings/settings.controller.js';
import { SecondCheck } from './submissions/second-check.js';
import { CertifySubmissionHandler } from './submissions/certify.js';
import { AttachmentDesk } from './attachments/attachment-desk.js';
import { AttachmentsController } from './attachments/attachments.controller.js';
import { HandInHandler } from './submissions/hand-in.js';
import { ReceiptController, ReceiptSource } from './submissions/receipt.controller.js';
import { SubmissionsInSight } from './submissions/submissions-in-sight.js';
import { SubmissionsController } from './submissions/submissions.controller.js';
import { TemplatesController } from './templates/templates.controller.js';

/** Puts the write side together: reads the ledger, decides, appends; and the desk before it. */
function submissionDesk(ledger: LedgerProcess): SubmissionDesk {
  const { store, clock, keyedPool, regions, vault, sealing, configuration, logger } = ledger;
  const staging = new PostgresStaging(keyedPool);
  const sealApart: SealApart | null = sealing && ((people) => sealing.seal(people, vault.keys));
  const payees = new PayeeKeeper(vault, vault.keys, sealApart);
  // Posting and validating keep caches of their own: what is being validated is no posted state.
  const reader = new LedgerReader(sharedReads(store));
  const lane = new PostingLane(store, new LedgerReader(store), (requests, events) =>
    reader.learn(requests, events),
  );
  const asStaged = new AsStagedInPostgres({
    appendSelected: (group) => store.appendSelected(group),
    beginPutSelected: (selection) => vault.beginPutSelected(selection),
  });
  const posting = { store, lane, staging, payees, regions, asStaged };
  return new SubmissionDesk({
    ...{ staging, payees, regions, filesUnderWay: ledger.filesUnderWay },
    poster: new SubmissionPoster(posting),
    wholePoster: new WholePoster(posting),
    reader,
    ...fileReader(ledger),
    uploadDirectory: uploadDirectoryOf(configuration),
    now: () => clock.moment(),
    onFailure: (submission, error) => logger.failure('submission-waits', error, { submission }),
  });
}

function settingDesk(
  { pool, database, oversight, store }: LedgerProcess,
  checks: SecondChecks,
  commands: CommandBus,
): SettingDesk {
  return new SettingDesk({
    proposals: new SettingProposals(pool),
    administrators: new Administrators(database),
    kinds: settingKinds({ commands, checks, oversight }),
    ...{ oversight, store },
  });
}

function tokenFiling(ledger: LedgerProcess): TokenFiling {
  const { pool, store, filesUnderWay, filesBeingRead } = ledger;
  return new TokenFiling(pool, {
    head: () => store.head(),
    isBusy: () => filesUnderWay.count + filesBeingRead.count > 0,
  });
}

function attachmentDesk(ledger: LedgerProcess): AttachmentDesk {
  const files = new AttachmentFiles(attachmentDirectoryOf(ledger.configuration));
  return new AttachmentDesk(ledger.store, files, ledger);
}

/** A thread of its own costs a moment to start, and its memory: for files that are long under way. */
const APART_FROM_BYTES = 2 * 1024 ** 2;
/** How often the ledger is asked whether it has time to file search tokens. */
const FILING_MS = 2_000;
function fileReader({
  configuration,
  regions,
  vault,
  sealing,
  filesBeingRead,
}: LedgerProcess): Pick<DeskParts, 'expectFile' | 'readFile'> {
  const heldKeysOf = (subjects: Buffer): Promise<Buffer> => vault.heldKeysOf(subjects);
  const threads = sealing && new ReadingThreads(sealing, heldKeysOf, configuration.regionsFile);
  const batchesOf = (file: FileToRead): AsyncGenerator<HandedInBatch> => {
    if (threads && file.bytes >= APART_FROM_BYTES) return threads.read(file, vault.keys);
    const { path, fileName, kind } = file;
    const input = { source: { path }, fileName, kind: kind ?? undefined, regionTable: regions };
    return handedIn(readSubmissionFile(input), vault.keys, new KnownPeople(heldKeysOf));
  };
  const expectFile = (bytes: number): void => {
    if (bytes < APART_FROM_BYTES) return;
    threads?.prepare();
    sealing?.prepare();
  };
  const readFile = async function* (file: FileToRead): AsyncGenerator<HandedInBatch> {
    filesBeingRead.count += 1;
    try {
      // A file may wait long for certification: under keys that are not about to go.
      await vault.refreshKeys();
      yield* batchesOf(file);
    } finally {
      filesBeingRead.count -= 1;
    }
  };
  return { expectFile, readFile };
}

@Module({})
export class LedgerModule implements OnApplicationShutdown {
  #sweeping: NodeJS.Timeout | undefined;
  #filing: NodeJS.Timeout | undefined;
  #filed: Promise<unknown> | undefined;

  constructor(
    private readonly desk: SubmissionDesk,
    private readonly tokens: TokenFiling,
    private readonly logger: JsonLogger,
  ) {}

  /** The write side: hand-in, certification, templates, settings. */
  static on(ledger: LedgerProcess, edge: DynamicModule): DynamicModule {
    const { oversight, regions } = ledger;
    const now = () => Date.now();
    const staging = new PostgresStaging(ledger.pool);
    // Only for how long its list is believed: a clock that is set back would have it believed for as long.
    const checks = new SecondChecks(ledger.pool, staging, () => performance.now());
    return {
      module: LedgerModule,
      imports: [CqrsModule.forRoot(), edge],
      controllers: [
        SubmissionsController,
        ReceiptController,
        TemplatesController,
        SettingsController,
        LimitsController,
        SecondCheckerController,
        PersonalSettingsController,
        AttachmentsController,
      ],
      providers: [
        { provide: SubmissionsInSight, useValue: new SubmissionsInSight(ledger) },
        { provide: TokenFiling, useValue: tokenFiling(ledger) },
        { provide: SubmissionDesk, useFactory: () => submissionDesk(ledger) },
        { provide: ReceiptSource, useValue: new ReceiptSource(ledger) },
        { provide: OversightLog, useValue: oversight },
        {
          provide: SettingDesk,
          useFactory: (commands: CommandBus) => settingDesk(ledger, checks, commands),
          inject: [CommandBus],
        },
        {
          provide: SecondCheck,
          useValue: new SecondCheck({ checks, oversight, regions, now }),
        },
        {
          provide: SettingsLedger,
          useValue: new SettingsLedger(ledger.store, ledger.regions, ledger.clock),
        },
        { provide: AttachmentDesk, useValue: attachmentDesk(ledger) },
        HandInHandler,
        CertifySubmissionHandler,
        SetRuleLimitHandler,
      ],
      exports: [SubmissionDesk],
    };
  }

  /** Goes on with what a crash left unfinished. */
  async onApplicationBootstrap(): Promise<void> {
    await this.desk.resume();
    const sweep = (): void => {
      this.desk.sweepUploads().catch((error: unknown) => this.logger.failure('sweep-waits', error));
    };
    sweep();
    this.#sweeping = setInterval(sweep, LEFT_OVER_MS).unref();
    this.#filing = setInterval(() => this.#fileTokens(), FILING_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#sweeping);
    clearInterval(this.#filing);
    this.desk.close();
    this.tokens.close();
    await this.#filed;
  }

  #fileTokens(): void {
    this.#filed ??= this.tokens
      .turn()
      .catch((error: unknown) => this.logger.failure('token-filing-waits', error))
      .finally(() => (this.#filed = undefined));
  }
}
