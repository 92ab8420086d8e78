import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { hidePersonalNumbers } from '@fundflow/domain/personal-numbers';
import { ROW_KINDS, type RowKind } from '@fundflow/domain/rows';
import type { Officer } from '@fundflow/domain/submission/submission';
import { kindOf } from '@fundflow/intake/enumerations';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { Idempotency } from '@fundflow/nest-edge/idempotency/idempotency';
import { Problem } from '@fundflow/nest-edge/problem';
import { receiveUpload } from '@fundflow/nest-edge/upload';
import { REQUEST_ROWS_MAX, SubmissionDesk } from '@fundflow/submissions/submission-desk';
import type { SubmissionRecord } from '@fundflow/submissions/staged';

/** A file that takes longer to read than this is answered 202; its state is asked for by GET. */
export const ANSWER_WITHIN_MS = 3_000;

/** Hands in rows of one kind, or (rows null) the file in the request. */
export class HandIn {
  constructor(
    readonly maker: Officer,
    readonly request: EdgeRequest,
    readonly body: { readonly kind: string; readonly rows: readonly unknown[] } | null,
  ) {}
}

/** What was given is not repeated: it may be a cell of a list that slipped. */
export const badKind = (): Problem =>
  new Problem({
    status: 400,
    code: 'unknown-kind',
    title: '不认识的文件类型',
    titleEn: 'Unknown kind of file',
    detail: `类型不认识，可用：${ROW_KINDS.join('、')}。`,
  });

/** What `done` gives, or `late` after so many milliseconds. */
export async function within<T>(done: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, ms, 'late');
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Validates a submission whole and keeps it for another person; answers how it stands. */
@CommandHandler(HandIn)
export class HandInHandler implements ICommandHandler<HandIn, SubmissionRecord> {
  constructor(
    private readonly desk: SubmissionDesk,
    private readonly idempotency: Idempotency,
  ) {}

  async execute({ maker, request, body }: HandIn): Promise<SubmissionRecord> {
    if (body === null) return this.#handInFile(maker, request);
    const kind = kindOf(body.kind);
    if (kind === null) throw badKind();
    if (body.rows.length > REQUEST_ROWS_MAX) {
      throw new Problem({
        status: 413,
        code: 'too-many-rows',
        title: '行数过多',
        titleEn: 'Too many rows',
        detail: `一次请求最多 ${REQUEST_ROWS_MAX} 行，请改用文件提交。`,
      });
    }
    return this.desk.handInRows(kind, body.rows, maker);
  }

  async #handInFile(maker: Officer, request: EdgeRequest): Promise<SubmissionRecord> {
    const id = randomUUID();
    const path = this.desk.uploadPath(id);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const handle = await open(path, 'wx', 0o600);
    try {
      this.desk.expectFile(Number(request.headers['content-length'] ?? 0));
      // Acknowledged means durable: flushed before the submission exists.
      const upload = await receiveUpload(request, () => handle.createWriteStream({ flush: true }));
      const { file, fields, digest } = upload;
      await this.idempotency.claimUpload(request, digest);
      const kind = this.#kindGiven(fields.get('kind'));
      const { record, done } = await this.desk.handInFile({
        ...{ id, maker, kind, fileName: hidePersonalNumbers(file.fileName.slice(0, 200)) },
        ...{ bytes: file.bytes, sha256: file.sha256 },
      });
      const finished = (await within(done, ANSWER_WITHIN_MS)) !== 'late';
      return (finished && (await this.desk.find(id))) || record;
    } catch (error) {
      if (!(await this.desk.find(id))) await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await handle.close().catch(() => undefined);
    }
  }

  #kindGiven(given: string | undefined): RowKind | null {
    if (given === undefined || given === '') return null;
    const kind = kindOf(given);
    if (kind === null) throw badKind();
    return kind;
  }
}
