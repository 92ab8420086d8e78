import {
  ALERT_STATUS_NAMES,
  EFFECT_NAMES,
  EVENT_NAMES,
  SEVERITY_NAMES,
  TRACE_NODE_NAMES,
} from '@fundflow/domain/chinese-names';
import { formatYuan, parseFenText } from '@fundflow/domain/money';
import type { Officer } from '@fundflow/domain/submission/submission';
import { digestOfRecords } from '@fundflow/evidence/bundle-file';
import type { ProvedLog } from '@fundflow/evidence/proved-log';
import { REMARKS, type Report, type ReportTable } from '@fundflow/evidence/report';
import type { EvidenceBody } from './evidence-body.js';
import type { Gathered } from './gather.js';

/** What the report is made from beside the question; the two times are those it was answered for. */
export interface Exported {
  readonly found: Gathered;
  readonly log: Pick<ProvedLog, 'origin' | 'size'>;
  readonly by: Officer;
  readonly createdAt: Date;
  readonly asOf: string;
  readonly knownAt: string;
}

const TITLES: Readonly<Record<EvidenceBody['kind'], string>> = {
  trail: '扶贫资金轨迹证据',
  trace: '扶贫资金追踪证据',
  alert: '扶贫资金预警证据',
  lead: '扶贫资金问题线索证据',
  complaint: '扶贫资金来电核查证据',
};
const DIRECTIONS = { up: '来源', down: '去向' } as const;

const yuan = (fenText: string | null): string => {
  const amount = fenText === null ? null : parseFenText(fenText);
  return amount === null ? '' : formatYuan(amount);
};

/** The printable report of a bundle (zh-CN). */
export function evidenceReport(body: EvidenceBody, exported: Exported): Report {
  const { found } = exported;
  const tables = [
    ...(found.alert ? [alertTable(found.alert)] : []),
    ...(found.entries.length > 0 ? [entriesTable(found.entries)] : []),
    ...(found.edges.length > 0 ? [edgesTable(found.edges), nodesTable(found.nodes)] : []),
  ];
  return { title: TITLES[body.kind], facts: factsOf(body, exported), tables, remarks: REMARKS };
}

function factsOf(body: EvidenceBody, exported: Exported): (readonly [string, string])[] {
  const { found, log, by, createdAt, asOf, knownAt } = exported;
  const digest = digestOfRecords(found.records);
  const filter = filterOf(body);
  return [
    ['查询对象', body.id],
    ...(filter ? [['条件', filter] as const] : []),
    ...(body.about ? [['所涉记录', body.about.join('、')] as const] : []),
    ['截至日期', asOf],
    ['以何时已入账的记录为准', knownAt],
    ['导出人（代号）', by.id],
    ['导出单位', by.unit],
    ['导出时间', createdAt.toISOString()],
    ['事由', body.reason],
    ...(body.caseId ? [['案件编号', body.caseId] as const] : []),
    ['记录条数', `${found.records.length}`],
    ['记录摘要（SHA-256）', digest.sha256],
    ['记录摘要（SM3）', digest.sm3],
    ['检查点', `${log.origin}，共 ${log.size} 条记录`],
  ];
}

function filterOf({ kind, from, to, direction }: EvidenceBody): string {
  if (kind === 'trail') return `日期 ${from ?? '最早'} 至 ${to ?? '最晚'}`;
  return kind === 'trace' ? DIRECTIONS[direction ?? 'down'] : '';
}

function entriesTable(entries: Gathered['entries']): ReportTable {
  return {
    caption: '资金轨迹',
    columns: [
      { head: '位置', share: 5, right: true },
      { head: '业务日期', share: 7 },
      { head: '类型', share: 7 },
      { head: '影响', share: 4 },
      { head: '金额（元）', share: 10, right: true },
      { head: '结存（元）', share: 10, right: true },
      { head: '记录编号', share: 14 },
      { head: '文号', share: 12 },
      { head: '凭证号', share: 9 },
      { head: '对方', share: 12 },
      { head: '入账时间（UTC）', share: 10 },
    ],
    rows: entries.map((entry) => [
      `${entry.position}`,
      entry.occurredOn,
      nameOf(EVENT_NAMES, entry.type),
      EFFECT_NAMES[entry.effect],
      yuan(entry.amountFen),
      yuan(entry.accountableFen),
      entry.recordId,
      entry.documentNo ?? '',
      entry.voucherNo ?? '',
      entry.counterparty ?? '',
      entry.recordedAt.slice(0, 19).replace('T', ' '),
    ]),
  };
}

function edgesTable(edges: Gathered['edges']): ReportTable {
  return {
    caption: '资金流向',
    columns: [
      { head: '自', share: 18 },
      { head: '至', share: 18 },
      { head: '金额（元）', share: 12, right: true },
      { head: '业务日期', share: 8 },
      { head: '距上一环节（天）', share: 7, right: true },
      { head: '文号', share: 14 },
      { head: '凭证号', share: 11 },
      { head: '说明', share: 12 },
    ],
    rows: edges.map((edge) => [
      edge.from,
      edge.to,
      yuan(edge.amountFen),
      edge.occurredOn,
      edge.daysSincePrevious === null ? '' : `${edge.daysSincePrevious}`,
      edge.documentNo ?? '',
      edge.voucherNo ?? '',
      edge.amountFen === null ? '管辖范围以外' : edge.estimate ? '按比例估算' : '',
    ]),
  };
}

function nodesTable(nodes: Gathered['nodes']): ReportTable {
  return {
    caption: '所经环节',
    columns: [
      { head: '编号', share: 22 },
      { head: '类型', share: 8 },
      { head: '区划', share: 10 },
      { head: '名称', share: 30 },
      { head: '金额（元）', share: 14, right: true },
      { head: '可用余额（元）', share: 14, right: true },
    ],
    rows: nodes.map((node) => [
      node.id,
      nameOf(TRACE_NODE_NAMES, node.kind),
      node.region,
      node.label ?? '',
      yuan(node.amountFen),
      yuan(node.availableFen),
    ]),
  };
}

function alertTable(alert: NonNullable<Gathered['alert']>): ReportTable {
  const numbers = Object.entries(alert.evidence).map(([name, value]) => [
    name,
    name.endsWith('Fen') ? `${yuan(String(value))} 元` : `${value ?? ''}`,
  ]);
  return {
    caption: `预警：${alert.title}`,
    columns: [
      { head: '项目', share: 20 },
      { head: '内容', share: 80 },
    ],
    rows: [
      ['依据', alert.legalBasis],
      ['级别', SEVERITY_NAMES[alert.severity]],
      ['对象', alert.subjectId],
      ['区划', alert.county],
      ['金额', `${yuan(alert.amountFen)} 元`],
      ['起算日', alert.since],
      ['天数', `${alert.days}`],
      ['状态', ALERT_STATUS_NAMES[alert.status]],
      ...(alert.closedOn ? [['消除日期', alert.closedOn]] : []),
      ...numbers,
    ],
  };
}

const nameOf = (names: Readonly<Record<string, string>>, literal: string): string =>
  names[literal] ?? literal;
