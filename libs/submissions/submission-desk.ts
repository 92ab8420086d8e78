import { hash, randomUUID } from 'node:crypto';
import { access, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegionTable } from '@fundflow/domain/region';
import type { RowKind } from '@fundflow/domain/rows';
import {
  type Officer,
  refuseCertification,
  type RowsChoice,
} from '@fundflow/domain/submission/submission';
import type { LedgerReader } from '@fundflow/command-handling/ledger-reader';
import { FileRefused } from '@fundflow/intake/file-refusal';
import type { FileToRead } from './hand-in/handed-in.js';
import type { HandedInBatch } from './hand-in/handed-in-batch.js';
import type { PayeeKeeper } from './people/payee-keeper.js';
import type { PostgresStaging } from './postgres/postgres-staging.js';
import type { ReportEntry, StagedRow, SubmissionRecord } from './staged.js';
import { readRequestRows } from './hand-in/request-rows.js';
import { noteEntry } from './validation/row-report.js';
import { RepeatedWork } from './posting/repeated-work.js';
import { type CertificationResult, SmallCertifications } from './posting/small-certifications.js';
import type { SubmissionPoster } from './posting/submission-poster.js';
import { SubmissionValidator } from './validation/submission-validator.js';
import { sweepUploads } from './hand-in/upload-sweep.js';
import type { WholePoster } from './posting/whole-poster.js';

/** Rows of one JSON request: one atomic part. Larger things come as files. */
export const REQUEST_ROWS_MAX = 10_000;
/** A posting of so many rows goes in one part, without a lock or a mark of its own. */
const SMALL_ROWS_MAX = 2_000;
/** Submissions looked at together for what a crash left behind. */
const RESUME_PAGE = 1_000;

export interface DeskParts {
  readonly staging: PostgresStaging;
  readonly reader: LedgerReader;
  readonly payees: PayeeKeeper;
  readonly poster: SubmissionPoster;
  readonly wholePoster: WholePoster;
  readonly regions: RegionTable;
  /** Where uploads lie until they are read, readable by this process alone. */
  readonly uploadDirectory: string;
  /** A file of about so many bytes has begun to arrive. */
  expectFile(bytes: number): void;
  /** The rows of an uploaded file. @throws FileRefused while iterating, as `readSubmissionFile` */
  readFile(file: FileToRead): AsyncIterable<HandedInBatch>;
  /** Counts the files being posted: what only has to keep up gives way to them meanwhile. */
  readonly filesUnderWay: { count: number };
  /** Moment of record, epoch milliseconds. */
  now(): number;
  /** Work that goes on after its answer failed; it is repeated. */
  onFailure(submissionId: string, error: unknown): void;
}

export interface UploadedSubmission {
  readonly id: string;
  readonly fileName: string;
  readonly kind: RowKind | null;
  readonly maker: Officer;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The desk between hand-in and ledger: validates a submission whole, keeps it until another person certifies it, posts
 * it. Nothing of it reaches the ledger before certification (contract §3).
 */
export class SubmissionDesk {
  readonly #work: RepeatedWork;
  readonly #small: SmallCertifications;

  constructor(private readonly parts: DeskParts) {
    this.#work = new RepeatedWork((id, error) => parts.onFailure(id, error));
    this.#small = new SmallCertifications(parts, this.#work);
  }

  /** Where an upload has to lie before `handInFile`. */
  uploadPath(id: string): string {
    return join(this.parts.uploadDirectory, id);
  }

  /** A file of about so many bytes has begun to arrive: what reads it may start meanwhile. */
  expectFile(bytes: number): void {
    this.parts.expectFile(bytes);
  }

  /** Rows of one request: validated and stored when this answers. */
  async handInRows(
    kind: RowKind,
    rows: readonly unknown[],
    maker: Officer,
  ): Promise<SubmissionRecord> {
    const { handedIn, ahead } = readRequestRows(kind, rows, this.parts);
    const text = JSON.stringify({ kind, rows });
    const validator = this.#validator(maker, () => Promise.resolve([]), rows.length === 1);
    const validated = await validator.validate(handedIn, ahead);
    const record: SubmissionRecord = {
      ...this.#newRecord(maker, kind, null, Buffer.byteLength(text)),
      ...validator.counts,
      status: 'validated',
      handedInSha256: hash('sha256', text, 'hex'),
    };
    await this.parts.staging.insertWhole({ record, ...validated });
    this.#small.keepRows(record.id, validated.rows);
    return record;
  }

  /**
   * A file lying at `uploadPath(id)`: accepted when this answers, read when `done` settles. A file that cannot be read
   * makes the submission `rejected`; `done` never rejects.
   */
  async handInFile(
    upload: UploadedSubmission,
  ): Promise<{ readonly record: SubmissionRecord; readonly done: Promise<void> }> {
    const { id, maker, kind, fileName, bytes, sha256 } = upload;
    const record = { ...this.#newRecord(maker, kind, fileName, bytes), id, handedInSha256: sha256 };
    await this.parts.staging.insertValidating(record);
    return { record, done: this.#work.untilDone(id, () => this.#readUpload(record)) };
  }

  /** Certifies and posts. Refuses as `refuseCertification` says. */
  async certify(
    record: SubmissionRecord,
    checker: Officer,
    rows: RowsChoice,
  ): Promise<CertificationResult> {
    const refusal = refuseCertification(record, checker, rows, this.parts.regions);
    if (refusal) return { outcome: 'refused', refusal };
    const certifiedAt = new Date(this.parts.now()).toISOString();
    const mark = { id: record.id, checker, certifiedAt, rowsChoice: rows };
    const certified: SubmissionRecord = { ...record, ...mark, status: 'posting' };
    if (isSmall(record)) return this.#small.certify(certified, mark);
    const marked = await this.parts.staging.markPosting(mark);
    if (!marked) return { outcome: 'refused', refusal: 'already-certified' };
    const done = this.#post(certified).then(() => this.find(record.id));
    return { outcome: 'posting', done, keep: () => Promise.resolve() };
  }

  find(id: string): Promise<SubmissionRecord | null> {
    return this.parts.staging.find(id);
  }

  report(id: string, after: number, limit: number): Promise<{ seq: number; entry: ReportEntry }[]> {
    return this.parts.staging.readReport(id, after, limit);
  }

  /** Every flex header that a finding of the report carries. */
  flexColumns(id: string): Promise<string[]> {
    return this.parts.staging.readFlexColumns(id);
  }

  /**
   * Goes on with what a crash left unfinished: reads files again from their start, posts from the part where it stood,
   * and completes what the log has and the submission does not know of yet.
   */
  async resume(): Promise<void> {
    for (const { id, status } of await this.parts.staging.unfinished()) {
      const record = await this.parts.staging.find(id);
      if (!record) continue;
      void (status === 'posting'
        ? this.#post(record)
        : this.#work.untilDone(id, () => this.#readUpload(record)));
    }
    for (let after: string | null = null; ;) {
      const ids: string[] = await this.parts.staging.validated(after, RESUME_PAGE);
      for (const id of await this.#small.amongPosted(ids)) {
        const record = await this.parts.staging.find(id);
        if (record) void this.#post(record);
      }
      if (ids.length < RESUME_PAGE) return;
      after = ids.at(-1) ?? null;
    }
  }

  /** Removes uploads that a crash left and nobody will read. */
  async sweepUploads(): Promise<void> {
    const unfinished = await this.parts.staging.unfinished();
    const waiting = unfinished.filter(({ status }) => status === 'validating');
    const ids = new Set(waiting.map(({ id }) => id));
    await sweepUploads(this.parts.uploadDirectory, ids, this.parts.now());
  }

  close(): void {
    this.#work.close();
  }

  #post(record: SubmissionRecord): Promise<void> {
    return this.#work.untilDone(record.id, async () => {
      // One atomic append: the submission's stream alone keeps two processes apart.
      if (isSmall(record)) return this.#small.resume(record);
      await this.parts.staging.alone(record.id, async () => {
        const now = await this.parts.staging.find(record.id);
        if (now?.status === 'posting') await this.#postFile(now);
      });
    });
  }

  async #postFile(record: SubmissionRecord): Promise<void> {
    const { filesUnderWay, poster } = this.parts;
    filesUnderWay.count += 1;
    try {
      await poster.post(record);
    } finally {
      filesUnderWay.count -= 1;
    }
  }

  async #readUpload(record: SubmissionRecord): Promise<void> {
    const path = this.uploadPath(record.id);
    await this.parts.staging.alone(record.id, async () => {
      const now = await this.parts.staging.find(record.id);
      if (now?.status !== 'validating') return;
      if (!(await exists(path))) {
        const message = '上传的文件在处理前丢失，请重新上传。';
        return this.parts.staging.reject(record.id, {
          ...{ code: 'upload-lost', message, row: null, part: null },
        });
      }
      await this.parts.staging.clearValidation(record.id);
      try {
        await this.#validateFile(record, path);
      } catch (error) {
        if (!(error instanceof FileRefused)) throw error;
        const { code, message, row } = error.refusal;
        await this.parts.staging.reject(record.id, { code, message, row: row ?? null, part: null });
      }
    });
    await unlink(path).catch(() => undefined);
  }

  async #validateFile(record: SubmissionRecord, path: string): Promise<void> {
    const { staging } = this.parts;
    const validator = this.#validator(record.maker, async (block) => {
      await writing;
      return (await staging.readBlock(record.id, block)) ?? [];
    });
    const { fileName, kind: said, bytesTotal } = record;
    const kinds = new Set<RowKind>();
    let [firstSeq, block] = [0, 0];
    // One block is written while the next is validated.
    let writing: Promise<void> = Promise.resolve();
    const upload = { path, fileName: fileName ?? '', kind: said, bytes: bytesTotal };
    for await (const batch of this.parts.readFile(upload)) {
      if (batch.plain) kinds.add('payments');
      for (const { kind } of batch.rows) kinds.add(kind);
      const validated = await validator.validateBlock(batch);
      await writing;
      const { bytesRead, bytesTotal: bytesInAll } = batch.progress;
      // A workbook is counted unpacked; the share is what a person wants to see.
      const share = bytesInAll > 0 ? Math.min(1, bytesRead / bytesInAll) : 1;
      const counts = { ...validator.counts, bytesRead: Math.floor(bytesTotal * share) };
      const findings = {
        firstSeq,
        entries: [...batch.notes.map(noteEntry), ...validated.findings],
      };
      writing = staging.writeBlock(record.id, block, validated.staged, findings, counts);
      // An early failure must not go unhandled before it is awaited.
      writing.catch(() => undefined);
      firstSeq += findings.entries.length;
      block += 1;
    }
    await writing;
    await staging.finishValidation(record.id, record.handedInSha256 ?? '', kinds);
  }

  #validator(
    maker: Officer,
    readBlock: (block: number) => Promise<readonly StagedRow[]>,
    singleRow = false,
  ): SubmissionValidator {
    const { reader, payees, regions } = this.parts;
    const context = { jurisdiction: maker.region, regions };
    return new SubmissionValidator({ reader, payees, context, readBlock, singleRow });
  }

  #newRecord(
    maker: Officer,
    kind: RowKind | null,
    fileName: string | null,
    bytesTotal: number,
  ): SubmissionRecord {
    return {
      id: randomUUID(),
      createdAt: new Date(this.parts.now()).toISOString(),
      status: 'validating',
      ...{ kind, fileName, maker, bytesTotal, bytesRead: 0, handedInSha256: null },
      ...{ rows: 0, acceptedRows: 0, alreadyPostedRows: 0, errors: 0, warnings: 0, refusal: null },
      ...{ checker: null, certifiedAt: null, rowsChoice: null, postedParts: 0, postedRows: 0 },
      ...{ firstPosition: null, lastPosition: null },
    };
  }
}

const isSmall = ({ acceptedRows }: SubmissionRecord): boolean => acceptedRows <= SMALL_ROWS_MAX;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
