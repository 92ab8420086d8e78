import type { Finding } from './findings.js';

export type Language = 'zh' | 'en';

/** What no proof of the log can show: said wherever something is called valid. */
export const NOT_DETECTED: Readonly<Record<Language, string>> = {
  zh: '不能发现：录入时就不真实的内容；提交后至首次见证前的改动；日志密钥与多数见证人串通。',
  en: 'Not detected: false data at entry; a change between commit and the first witnessed checkpoint; collusion of the log key and a quorum of witnesses.',
};

/** The finding as one sentence for people; indexes and positions as the record keepers count them. */
export function sentenceOf(finding: Finding, language: Language): string {
  return printable((language === 'zh' ? inChinese : inEnglish)(finding));
}

/** Without what a terminal or a page would not show as it is: names come from files of strangers. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

const list = (names: readonly string[]): string => names.join('、');

function inChinese(f: Finding): string {
  switch (f.code) {
    case 'bad-signature':
      return `已被改动：${list(f.names)} 的签名与内容不符。`;
    case 'wrong-origin':
      return `已被改动：检查点自称来自“${f.origin}”，签名的却是 ${list(f.names)}。`;
    case 'digest-differs':
      return `已被改动：“${f.member}”的内容与清单所列的摘要不符。`;
    case 'member-missing':
      return `已被改动：缺少“${f.member}”。`;
    case 'member-unlisted':
      return `已被改动：“${f.member}”不在清单之内。`;
    case 'keys-differ':
      return '已被改动：公钥一览（keys）与策略（policy）不一致。';
    case 'not-included':
      return `已被改动：第 ${f.position} 条记录不是账本在该位置的记录。`;
    case 'other-checkpoint':
      return `已被改动：“${f.member}”出自另一个检查点。`;
    case 'attachment-unnamed':
      return `已被改动：没有任何记录提到附件“${f.member}”。`;
    case 'opening-differs':
      return `已被改动：${f.subject} 的个人信息（${f.field}）与记录中的承诺值不符。`;
    case 'log-shorter':
      return `已被改动：检查点签有 ${f.size} 条记录，只找到 ${f.found} 条，自第 ${f.found + 1} 条起缺失。`;
    case 'position-gap':
      return `已被改动：应为第 ${f.expected} 条记录，却是第 ${f.found} 条。`;
    case 'record-differs':
      return `已被改动：第一条不符的记录是第 ${f.index + 1} 条（索引 ${f.index}）。`;
    case 'root-differs':
      return `已被改动：第 ${f.from + 1} 至 ${f.size} 条记录之中有与检查点不符的；加上 --tiles 可指出是哪一条。`;
    case 'tile-differs':
      return `已被改动：哈希瓦片不属于检查点的树（${f.tile}）。`;
    case 'equivocation':
      return `日志“${f.origin}”对 ${f.size} 条记录签出了两个不同的树根：同一账本给出了两种历史，下列两个检查点就是证据。`;
    case 'inconsistent':
      return `日志“${f.origin}”${f.size} 条记录的树不是由其 ${f.oldSize} 条记录的树续写而成：历史被改写，下列两个检查点就是证据。`;
    case 'malformed':
      return `无法判定：“${f.what}”不是规定的格式，或不完整。`;
    case 'missing':
      return `无法判定：缺少“${f.what}”。`;
    case 'unknown-log':
      return `无法判定：检查点（“${f.origin}”）没有策略所信任的日志签名。`;
    case 'other-log':
      return `无法判定：两个检查点分属不同的日志（“${f.origins[0]}”与“${f.origins[1]}”）。`;
    case 'no-quorum':
      return `无法判定：检查点（${f.size} 条记录）见证不足，只有 ${f.witnesses.length} 家（${list(f.witnesses) || '无'}）。`;
    case 'no-records':
      return '无法判定：证据包里没有记录。';
    case 'needs-tiles':
      return `无法判定：两个检查点大小不同（${f.oldSize} 与 ${f.size}），需要一致性证明（--proof）或哈希瓦片（--tiles）。`;
    case 'no-such-record':
      return `无法判定：没有找到 ${f.subject} 的记录。`;
    case 'unsupported':
      return `无法判定：此处不能计算 ${f.what}。`;
    case 'failed':
      return `无法判定：核验程序出错（${f.detail}）。`;
  }
}

function inEnglish(f: Finding): string {
  switch (f.code) {
    case 'bad-signature':
      return `Tampered: the signature of ${f.names.join(', ')} does not match the text.`;
    case 'wrong-origin':
      return `Tampered: the checkpoint says it is of "${f.origin}", but ${f.names.join(', ')} signed it.`;
    case 'digest-differs':
      return `Tampered: "${f.member}" does not have the digest the manifest lists.`;
    case 'member-missing':
      return `Tampered: "${f.member}" is missing.`;
    case 'member-unlisted':
      return `Tampered: "${f.member}" is not listed in the manifest.`;
    case 'keys-differ':
      return 'Tampered: the keys are not those of the policy.';
    case 'not-included':
      return `Tampered: record ${f.position} is not what the log has at that position.`;
    case 'other-checkpoint':
      return `Tampered: "${f.member}" is of another checkpoint.`;
    case 'attachment-unnamed':
      return `Tampered: no record names the attachment "${f.member}".`;
    case 'opening-differs':
      return `Tampered: the personal data (${f.field}) of ${f.subject} does not open the commitment of the record.`;
    case 'log-shorter':
      return `Tampered: ${f.size} records were signed and ${f.found} are there; record ${f.found + 1} is the first that is missing.`;
    case 'position-gap':
      return `Tampered: record ${f.expected} was due and record ${f.found} came.`;
    case 'record-differs':
      return `Tampered: the first record that differs is record ${f.index + 1} (index ${f.index}).`;
    case 'root-differs':
      return `Tampered: among records ${f.from + 1} to ${f.size} one differs from the checkpoint; --tiles tells which.`;
    case 'tile-differs':
      return `Tampered: a hash tile is not of the tree of the checkpoint (${f.tile}).`;
    case 'equivocation':
      return `The log "${f.origin}" signed two different roots for ${f.size} records: it told two histories, and the two checkpoints below are the proof.`;
    case 'inconsistent':
      return `The tree of ${f.size} records of the log "${f.origin}" did not grow from its tree of ${f.oldSize}: history was rewritten, and the two checkpoints below are the proof.`;
    case 'malformed':
      return `Cannot decide: "${f.what}" is malformed or incomplete (${f.detail}).`;
    case 'missing':
      return `Cannot decide: "${f.what}" is missing.`;
    case 'unknown-log':
      return `Cannot decide: the checkpoint of "${f.origin}" has no signature of a log the policy trusts.`;
    case 'other-log':
      return `Cannot decide: the checkpoints are of two logs ("${f.origins[0]}" and "${f.origins[1]}").`;
    case 'no-quorum':
      return `Cannot decide: too few witnesses cosigned the checkpoint of ${f.size} records (${f.witnesses.join(', ') || 'none'}).`;
    case 'no-records':
      return 'Cannot decide: the bundle has no records.';
    case 'needs-tiles':
      return `Cannot decide: the sizes differ (${f.oldSize} and ${f.size}); a consistency proof (--proof) or hash tiles (--tiles) are needed.`;
    case 'no-such-record':
      return `Cannot decide: there is no record of ${f.subject}.`;
    case 'unsupported':
      return `Cannot decide: ${f.what} cannot be computed here.`;
    case 'failed':
      return `Cannot decide: the verifier failed (${f.detail}).`;
  }
}
