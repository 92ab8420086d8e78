import { createHash } from 'node:crypto';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { EdgeRequest } from './edge-request.js';
import { Problem, problemOfStatus } from './problem.js';

export interface UploadedFile {
  readonly fileName: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Of the content, hex. */
  readonly sha256: string;
}

export interface Upload {
  readonly file: UploadedFile;
  /** The text fields, wherever they stood in the form. */
  readonly fields: ReadonlyMap<string, string>;
  /** Stands for the whole form, for `Idempotency.claimUpload`: hex. */
  readonly digest: string;
}

/** Where the bytes go: called once, when the file begins. */
export type OpenUpload = (file: {
  readonly fileName: string;
  readonly mediaType: string;
}) => Writable;

const badUpload = (code: string, detail: string) =>
  new Problem({ status: 400, code, title: '上传内容有误', titleEn: 'Bad upload', detail });

const isOfFastify = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';

/** What the reader of forms cannot read: its errors carry no status, and none of them is a defect of ours. */
const brokenForm = (error: unknown): unknown =>
  isOfFastify(error) || error instanceof Problem
    ? error
    : problemOfStatus(400, '上传的表单不完整或格式有误。');

/** An error of the form; what goes wrong where a part is used does not pass here. */
async function* partsOf(request: EdgeRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts();
  } catch (error) {
    throw brokenForm(error);
  }
}

/** No text column can hold NUL. */
const refuseNul = (...texts: readonly (string | undefined)[]): void => {
  if (texts.some((text) => text?.includes('\0'))) {
    throw problemOfStatus(400, '表单的字段或文件名不得含有空字符。');
  }
};

/**
 * A broken form is the caller's mistake, a full disk is ours. Known by the target alone: the form may have failed before
 * anybody listened to it.
 */
async function pumped(from: Readable, through: Transform, to: Writable): Promise<void> {
  let formFailed = from.errored !== null;
  let targetFailed = false;
  from.once('error', () => (formFailed ||= !targetFailed));
  to.once('error', () => (targetFailed ||= !formFailed));
  try {
    await pipeline(from, through, to);
  } catch (error) {
    throw targetFailed ? error : brokenForm(error);
  }
}

async function receiveFile(part: MultipartFile, open: OpenUpload): Promise<UploadedFile> {
  const { filename: fileName, mimetype: mediaType } = part;
  refuseNul(fileName, mediaType);
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pumped(part.file, meter, open({ fileName, mediaType }));
  if (part.file.truncated) {
    throw new Problem({
      status: 413,
      code: 'file-too-large',
      title: '文件过大',
      titleEn: 'File too large',
      detail: `文件超过上限，已接收 ${bytes} 字节后停止。`,
    });
  }
  return { fileName, mediaType, bytes, sha256: hash.digest('hex') };
}

function digestOf(file: UploadedFile, fields: ReadonlyMap<string, string>): string {
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : 1));
  const content = JSON.stringify([file.fileName, file.sha256, sorted]);
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Streams the one file of a multipart form to where `open` says, hashing as it goes; nothing is held in memory. What was
 * written is the caller's to remove when this throws.
 *
 * Refuses, first match wins: 415 `unsupported-media-type` (not multipart), 413 (more parts or longer fields than the
 * application allows), 400 `bad-request` (the form is broken, or NUL in a name or
 * a field), 413 `file-too-large`, 400 `field-repeated`, 400 `file-missing`.
 */
export async function receiveUpload(request: EdgeRequest, open: OpenUpload): Promise<Upload> {
  if (!request.isMultipart()) throw problemOfStatus(415);
  // The reader of forms waits for the end of a connection, and would for ever where it was before it began to read.
  if (request.raw.destroyed) throw problemOfStatus(400, '上传中断。');
  const fields = new Map<string, string>();
  let file: UploadedFile | null = null;
  for await (const part of partsOf(request)) {
    if (part.type === 'file') {
      file = await receiveFile(part, open);
      continue;
    }
    if (part.valueTruncated || part.fieldnameTruncated) throw problemOfStatus(413);
    refuseNul(part.fieldname, String(part.value));
    if (fields.has(part.fieldname)) {
      throw badUpload('field-repeated', `表单字段 ${part.fieldname} 出现多次。`);
    }
    fields.set(part.fieldname, String(part.value));
  }
  if (file === null) throw badUpload('file-missing', '表单中没有文件，请以 file 字段上传。');
  return { file, fields, digest: digestOf(file, fields) };
}
