import { NOT_DETECTED } from '@fundflow/proof/sentences';

/** A table of the report; every cell is text that people read. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly string[])[];
}

export interface ReportColumn {
  readonly head: string;
  /** Share of the width of the page. */
  readonly share: number;
  /** Figures stand to the right. */
  readonly right?: boolean;
}

/**
 * What a bundle says to people, before it has the form of a page (zh-CN). Names of persons stand in it masked, as in
 * every answer.
 */
export interface Report {
  readonly title: string;
  /** What was asked, by whom, as of when, on what it stands; label and text. */
  readonly facts: readonly (readonly [label: string, text: string])[];
  readonly tables: readonly ReportTable[];
  /** Below the tables: what this shows and what it does not. */
  readonly remarks: readonly string[];
}

/** What a bundle can show, and what nobody can: said on every report. */
export const REMARKS: readonly string[] = [
  '本报告所列每一条记录的原文、存在证明和检查点均在同一证据包内；可用浏览器打开 verify.html（不需联网）或用 fundflow-verify 核验。',
  '能够发现：记录被修改、删除、插入、调换次序，账本被截短或以旧备份替换，对不同的人出示不同的历史。',
  NOT_DETECTED.zh,
  '列入报告的情况是线索，不是结论。',
];
