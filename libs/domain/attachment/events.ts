import type { EventHead } from '../holding/events.js';

/** What an attachment may be: a closed list, told by its bytes and not by its name. */
export const MEDIA_TYPES = [
  'application/pdf',
  'image/png',
  'image/jpeg',
  /** 版式文档 OFD (GB/T 33190): a zip that begins with OFD.xml. */
  'application/ofd',
] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/**
 * A paper was put beside a record. The log has its digests, never its name, which may hold somebody's: the bytes lie in
 * the store of attachments under the SHA-256, and an evidence bundle brings them along.
 *
 * Stream `attachment-<id of the record>`, key `attachment:<id>:<sha256>`: the same paper is put beside a record once.
 */
export interface AttachmentAdded extends EventHead<'AttachmentAdded'> {
  readonly data: {
    readonly subjectId: string;
    /** Lower-case hexadecimal, as is `sm3`. */
    readonly sha256: string;
    readonly sm3: string;
    readonly bytes: number;
    readonly mediaType: MediaType;
  };
}

export type AttachmentEvent = AttachmentAdded;

export const attachmentStream = (subjectId: string): string => `attachment-${subjectId}`;
