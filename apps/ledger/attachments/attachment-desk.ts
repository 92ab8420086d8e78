import type { Readable } from 'node:stream';
import { groupOf } from '@fundflow/command-handling/envelopes';
import { recordKey } from '@fundflow/domain/books';
import {
  type AttachmentAdded,
  attachmentStream,
  MEDIA_TYPES,
} from '@fundflow/domain/attachment/events';
import { mediaTypeOf } from '@fundflow/domain/attachment/media-type';
import type { RegionCode } from '@fundflow/domain/region';
import type { Officer } from '@fundflow/domain/submission/submission';
import { eventIdOf } from '@fundflow/event-store/event-id';
import { type EventStore, PAGE_MAX } from '@fundflow/event-store/event-store';
import { isEventWithin } from '@fundflow/queries/events';
import type { LedgerProcess } from '@fundflow/runtime/open-process';
import type { Scope } from '@fundflow/identity/scope';
import type { EdgeRequest } from '@fundflow/nest-edge/edge-request';
import { attachmentMissing } from '@fundflow/nest-edge/attachment-missing';
import { Problem } from '@fundflow/nest-edge/problem';
import { receiveUpload } from '@fundflow/nest-edge/upload';
import {
  ATTACHMENT_BYTES_MAX,
  type AttachmentFiles,
  AttachmentTooLarge,
  type ReceivedFile,
} from '@fundflow/evidence/attachment-files';

/** An attachment as the log has it. */
export interface Attachment {
  readonly subjectId: string;
  readonly sha256: string;
  readonly sm3: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly recordedAt: string;
  /** Pseudonymous id. */
  readonly actor: string;
  readonly position: number;
}

/** Papers of one record. */
const ATTACHMENTS_MAX = 1_000;
const ATTEMPTS_MAX = 20;

/** Papers beside records: their bytes on disk, their digests in the log. */
export class AttachmentDesk {
  constructor(
    private readonly store: EventStore,
    private readonly files: AttachmentFiles,
    private readonly ledger: Pick<LedgerProcess, 'clock' | 'regions' | 'within'>,
  ) {}

  /**
   * Takes the one file of a form and puts it beside the record its field `subjectId` names. The bytes are durable before
   * the log names them; the same paper again answers with the first.
   *
   * @throws Problem 400 `bad-value`, 404 `unknown-record` (also outside the scope), 413 `file-too-large`, 415
   * `unsupported-attachment`
   */
  async add(request: EdgeRequest, by: Officer, scope: Scope): Promise<Attachment> {
    const incoming = await this.files.begin();
    try {
      const { fields } = await receiveUpload(request, () => incoming.sink);
      const subjectId = fields.get('subjectId') ?? '';
      const region = await this.#regionOf(subjectId, scope);
      const file = incoming.received();
      const mediaType = mediaTypeOf(file.head);
      if (mediaType === null) throw unsupported();
      await incoming.keep();
      return await this.#record({ subjectId, region, mediaType }, file, by);
    } catch (error) {
      throw error instanceof AttachmentTooLarge ? tooLarge() : error;
    } finally {
      await incoming.drop();
    }
  }

  /** @throws Problem 404 `unknown-record` (also outside the scope) */
  async list(subjectId: string, scope: Scope): Promise<readonly Attachment[]> {
    await this.#regionOf(subjectId, scope);
    const stored = await this.store.readStream(
      attachmentStream(subjectId),
      0,
      Math.min(ATTACHMENTS_MAX, PAGE_MAX),
    );
    return stored.map(({ position, record }) => attachmentOf(position, record));
  }

  /** @throws Problem 404 `unknown-record`, 404 `unknown-attachment`, 409 `attachment-missing` */
  async open(
    subjectId: string,
    sha256: string,
    scope: Scope,
  ): Promise<{ readonly attachment: Attachment; readonly bytes: Readable }> {
    const all = await this.list(subjectId, scope);
    const attachment = all.find((each) => each.sha256 === sha256);
    if (!attachment) throw notFound('unknown-attachment', '没有这个附件');
    const bytes = await this.files.read(sha256);
    if (bytes === null) throw attachmentMissing(sha256);
    return { attachment, bytes };
  }

  async #regionOf(subjectId: string, scope: Scope): Promise<RegionCode> {
    const isId = subjectId.length > 0 && subjectId.length <= 64;
    const eventId = eventIdOf(recordKey(subjectId), 0);
    const [stored] = isId ? await this.store.findEvents([eventId]) : [];
    const hidden = notFound('unknown-record', '没有这条记录');
    if (!stored) throw hidden;
    const { region } = JSON.parse(stored.record) as { region: RegionCode };
    const isVisible =
      scope.covers(region, this.ledger.regions) &&
      (await isEventWithin(this.ledger.within(scope), eventId));
    if (isVisible) return region;
    throw hidden.denying({ code: 'out-of-jurisdiction', about: region });
  }

  async #record(
    about: Pick<AttachmentAdded['data'], 'subjectId' | 'mediaType'> & { region: RegionCode },
    { sha256, sm3, bytes }: ReceivedFile,
    by: Officer,
  ): Promise<Attachment> {
    const { subjectId, region, mediaType } = about;
    const event: AttachmentAdded = {
      type: 'AttachmentAdded',
      streamId: attachmentStream(subjectId),
      key: `attachment:${subjectId}:${sha256}`,
      index: 0,
      occurredOn: null,
      region,
      data: { subjectId, sha256, sm3, bytes, mediaType },
    };
    const stamp = {
      recordedAt: this.ledger.clock.recordedAt(),
      actor: by.id,
      unit: by.unit,
      cause: event.key,
    };
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const versions = await this.store.streamVersions([event.streamId]);
      await this.store.append(groupOf('', [event], [], versions, stamp));
      const [stored] = await this.store.findEvents([eventIdOf(event.key, 0)]);
      if (stored) return attachmentOf(stored.position, stored.record);
    }
    throw new Problem({
      status: 503,
      code: 'busy',
      title: '系统繁忙，请稍后再试',
      detail: '附件尚未记入账本，请稍后重发；重发不会重复。',
    });
  }
}

function attachmentOf(position: bigint, record: string): Attachment {
  const { data, recordedAt, actor } = JSON.parse(record) as {
    data: AttachmentAdded['data'];
    recordedAt: string;
    actor: string;
  };
  return { ...data, recordedAt, actor, position: Number(position) };
}

const notFound = (code: string, title: string): Problem =>
  new Problem({ status: 404, code, title, detail: '编号不存在，或不在您的管辖范围内。' });

const tooLarge = (): Problem =>
  new Problem({
    status: 413,
    code: 'file-too-large',
    title: '附件过大',
    titleEn: 'Attachment too large',
    detail: `一个附件最大 ${ATTACHMENT_BYTES_MAX / 1_048_576} MiB。`,
  });

const unsupported = (): Problem =>
  new Problem({
    status: 415,
    code: 'unsupported-attachment',
    title: '不支持的附件类型',
    titleEn: 'Unsupported attachment',
    detail: `附件须为 PDF、PNG、JPEG 或 OFD（按内容识别，与文件名无关）：${MEDIA_TYPES.join('、')}。`,
  });
