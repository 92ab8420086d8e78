import { Problem } from './problem.js';

/** 409 `attachment-missing`: what the log names and the disk has not is said, not left out. */
export const attachmentMissing = (sha256: string): Problem =>
  new Problem({
    status: 409,
    code: 'attachment-missing',
    title: '附件文件缺失',
    titleEn: 'The file of an attachment is gone',
    detail: `账本记有附件（SHA-256 ${sha256}），但附件存储中没有它的文件，请从备份恢复后再试。`,
  });
