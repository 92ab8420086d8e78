import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { QueryBus } from '@nestjs/cqrs';
import { dayInShanghai } from '@fundflow/domain/calendar';
import type { Officer } from '@fundflow/domain/submission/submission';
import type { AttachmentFiles } from '@fundflow/evidence/attachment-files';
import { writeBundle } from '@fundflow/evidence/bundle-file';
import { openProvedLog, type ProvedLog } from '@fundflow/evidence/proved-log';
import { reportHtml } from '@fundflow/evidence/report-html';
import { reportPdf } from '@fundflow/evidence/report-pdf';
import { verifyPage } from '@fundflow/evidence/verify-page';
import { recordedFirst } from '@fundflow/identity/recorded-first';
import type { Scope } from '@fundflow/identity/scope';
import { attachmentMissing } from '@fundflow/nest-edge/attachment-missing';
import { Problem } from '@fundflow/nest-edge/problem';
import { toUtf8 } from '@fundflow/proof/encoding';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import type { EvidenceBody } from './evidence-body.js';
import { evidenceReport } from './evidence-report.js';
import { gather } from './gather.js';

const QUESTION = 'POST /api/v1/evidence';
/** A checkpoint is signed within two seconds; who asks right after a posting waits for it. */
const CHECKPOINT_WAITS_MAX = 40;
const CHECKPOINT_WAIT_MS = 250;

export interface EvidenceFile {
  readonly fileName: string;
  readonly zip: Readable;
}

/** Makes evidence bundles: the question asked, the records behind the answer, and their proofs. */
export class EvidenceDesk {
  constructor(
    private readonly ledger: Pick<LedgerProcess, 'pool' | 'store' | 'oversight'>,
    private readonly files: AttachmentFiles,
    /** Whom the checkpoint must have convinced: a C2SP tlog-policy without the line of the log. */
    private readonly witnessPolicy: string,
    private readonly queries: QueryBus,
  ) {}

  /**
   * No log, no data: that it was exported is recorded before the first byte leaves.
   *
   * @throws Problem of the question; 413 `evidence-too-large`, 404 `no-records`, 409 `not-witnessed`, 503 `not-recorded`
   */
  async make(body: EvidenceBody, by: Officer, scope: Scope): Promise<EvidenceFile> {
    const createdAt = new Date();
    const { store, oversight } = this.ledger;
    const found = await gather({ queries: this.queries, store, scope, by }, body);
    const log = await this.#provedLog(found.records.at(-1)?.position ?? 0);
    await recordedFirst(
      oversight.record(by, {
        type: 'DataExported',
        data: {
          ...{ question: QUESTION, about: body.id, format: 'evidence-zip' },
          ...{ rows: found.records.length, sha256: null, caseId: body.caseId ?? null },
        },
      }),
    );
    const asOf = body.asOf ?? dayInShanghai(createdAt.getTime());
    const knownAt = body.knownAt ?? createdAt.toISOString();
    const report = evidenceReport(body, { found, log, by, createdAt, asOf, knownAt });
    const pages = [
      { path: 'report.html', bytes: toUtf8(reportHtml(report)) },
      { path: 'report.pdf', bytes: await reportPdf(report, createdAt) },
      { path: 'verify.html', bytes: toUtf8(await verifyPage()) },
    ];
    const { reason, caseId, ...asked } = body;
    // Members that were not given are not said.
    const question = Object.fromEntries(
      Object.entries(asked).filter(([, value]) => value !== undefined),
    );
    const about = {
      createdAt: createdAt.toISOString(),
      exporter: { actor: by.id, unit: by.unit },
      ...{ reason, caseId: caseId ?? null, question: { ...question, asOf, knownAt } },
    };
    const attachments = found.attachments.map(({ sha256 }) => sha256);
    await this.#assertAllThere(attachments);
    const read = (sha256: string): Promise<Uint8Array> => this.files.whole(sha256);
    const zip = writeBundle({
      about,
      log,
      records: found.records,
      pages,
      attachments: { names: attachments, read },
    });
    const name = body.id.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 60);
    const stamp = about.createdAt.replace(/[-:]|\.\d+/g, '');
    return { fileName: `evidence-${body.kind}-${name}-${stamp}.zip`, zip };
  }

  async #assertAllThere(attachments: readonly string[]): Promise<void> {
    for (const sha256 of attachments) {
      if (await this.files.has(sha256)) continue;
      throw attachmentMissing(sha256);
    }
  }

  async #provedLog(position: number): Promise<ProvedLog> {
    for (let wait = 0; wait < CHECKPOINT_WAITS_MAX; wait += 1) {
      const log = await openProvedLog(this.ledger.pool, LOG_NAME, this.witnessPolicy);
      if (log !== null && log.size >= position) return log;
      await pause(CHECKPOINT_WAIT_MS);
    }
    throw new Problem({
      status: 409,
      code: 'not-witnessed',
      title: '尚无覆盖这些记录的检查点',
      titleEn: 'No checkpoint has these records yet',
      detail: '公证程序还没有签署（或见证人还没有联署）包含这些记录的检查点，请稍后再试。',
      headers: { 'retry-after': '15' },
    });
  }
}
