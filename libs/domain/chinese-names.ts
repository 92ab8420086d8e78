import type { LedgerEventType } from './events.js';
import type { SubmissionStatus } from './submission/submission.js';
import type { Severity } from './rules/rule.js';

/**
 * What people read where the API says a literal: the one table of Chinese names for command line, console and exports.
 * Kinds of files, fund types and methods of payment have theirs in intake/enumerations, rules in their own files.
 */
export const EVENT_NAMES: Readonly<Record<LedgerEventType, string>> = {
  AllocationIssued: '指标下达',
  AllocationReceived: '指标收文',
  SupplementIssued: '追加下达',
  SupplementDrawn: '追加划出',
  SupplementReceived: '追加收文',
  CashDisbursed: '资金拨付',
  CashCredited: '拨付到账',
  PaymentMade: '支付',
  PaymentReturned: '银行退票',
  CashReturned: '资金退回',
  CashReturnReceived: '退回收到',
  AuthorityRecalled: '指标收回',
  RecallReceived: '收回收到',
  MovementReversed: '冲销',
  DrawRestored: '冲销恢复额度',
  ProjectRegistered: '项目登记',
  ProjectEnteredLibrary: '项目入库',
  ProjectApproved: '项目批复',
  ProjectAccepted: '项目验收',
  ProjectClosed: '项目完结',
  NoticePosted: '公示开始',
  NoticeRemoved: '公示结束',
  SubmissionCertified: '提交复核',
  SubmissionPartPosted: '分批入账',
  RuleLimitSet: '限期设置',
  AttachmentAdded: '添加附件',
  PersonalDataRead: '查看个人信息',
  PersonalDataUnmasked: '明文查看个人信息',
  PersonalDataSearched: '查找个人信息',
  DataExported: '导出数据',
  AccessDenied: '拒绝访问',
  AccountChanged: '账户变更',
  SignInRecorded: '登录记录',
  SettingChanged: '设置变更',
  SettingProposed: '申请变更设置',
  PersonalSettingProposed: '申请变更个人信息设置',
  PersonalSettingApproved: '批准变更个人信息设置',
  SubmissionCheckedFirst: '第一次复核',
  GrantProposed: '授权申请',
  GrantApproved: '授权批准',
  GrantRevoked: '授权撤销',
  ErasureProposed: '申请删除个人信息',
  SubjectErased: '删除个人信息',
  LegalHoldSet: '设置保全',
  LegalHoldLifted: '解除保全',
  ProcessingRestricted: '限制处理',
  RestrictionLifted: '解除限制',
};

/** Effect of a record on the region whose trail it stands in (contract §6, Trail). */
export const EFFECT_NAMES = {
  in: '收入',
  out: '支出',
  within: '区内',
  none: '不计',
} as const;

export const HOLDING_KIND_NAMES = { allocation: '指标', disbursement: '拨付' } as const;

export const HOLDING_STATUS_NAMES = {
  'in-transit': '在途',
  open: '有结余',
  spent: '已用完',
  overdrawn: '超支',
  closed: '已关闭',
  reversed: '已冲销',
} as const;

export const ALERT_STATUS_NAMES = { open: '未消除', closed: '已消除' } as const;

export const SEVERITY_NAMES: Readonly<Record<Severity, string>> = { high: '高', medium: '中' };

export const SUBMISSION_STATUS_NAMES: Readonly<Record<SubmissionStatus, string>> = {
  validating: '校验中',
  validated: '待复核',
  rejected: '已退回',
  posting: '入账中',
  posted: '已入账',
};

export const FINDING_SEVERITY_NAMES = { error: '错误', warning: '提醒', info: '说明' } as const;

/** How far a payment to a person is what was sought. */
export const MATCH_NAMES = { exact: '完全一致', variant: '异体字或遮盖', sound: '同音' } as const;

export const TRACE_NODE_NAMES = {
  allocation: '指标',
  disbursement: '拨付',
  payment: '支付',
  project: '项目',
  outside: '账外',
} as const;

/** The Chinese name of a literal; of a newer ledger's literal, the literal itself rather than nothing. */
export function chineseName(names: Readonly<Record<string, string>>, literal: unknown): string {
  if (literal === null || literal === undefined) return '';
  const text = String(literal);
  return Object.hasOwn(names, text) ? (names[text] as string) : text;
}
