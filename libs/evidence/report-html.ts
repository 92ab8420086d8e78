import type { Report, ReportTable } from './report.js';

const STYLE = `
@page { size: A4 landscape; margin: 14mm 12mm 16mm; @bottom-center {
  content: "第 " counter(page) " 页/共 " counter(pages) " 页"; font-size: 9pt; } }
body { font: 10.5pt/1.55 "Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei",SimSun,sans-serif;
  margin: 1.5rem auto; max-width: 78rem; padding: 0 1rem; color: #1a1a1a; }
h1 { font-size: 18pt; margin: 0 0 .6rem; } h2 { font-size: 12.5pt; margin: 1.2rem 0 .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0; }
dt { color: #555; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
th, td { border: 1px solid #999; padding: .15rem .35rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #eee; } thead { display: table-header-group; } tr { break-inside: avoid; }
.right { text-align: right; font-variant-numeric: tabular-nums; }
.remarks { margin-top: 1.2rem; font-size: 9pt; color: #333; }
@media print { body { margin: 0; max-width: none; padding: 0; } }`;

/** Nothing is loaded and nothing runs: the page is what it says, also from disk. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The report as one page of HTML that prints with page numbers; needs nothing beside it. */
export function reportHtml({ title, facts, tables, remarks }: Report): string {
  const listed = facts.map(
    ([label, text]) => `<dt>${escaped(label)}</dt><dd>${escaped(text)}</dd>`,
  );
  const said = remarks.map((remark) => `<li>${escaped(remark)}</li>`);
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1><dl>${listed.join('')}</dl>
${tables.map(tableHtml).join('\n')}
<ul class="remarks">${said.join('')}</ul></body></html>
`;
}

function tableHtml({ caption, columns, rows }: ReportTable): string {
  const classOf = (index: number): string => (columns[index]?.right ? ' class="right"' : '');
  const heads = columns.map(({ head }, i) => `<th${classOf(i)}>${escaped(head)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell, i) => `<td${classOf(i)}>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  return `<h2>${escaped(caption)}</h2><table><thead><tr>${heads}</tr></thead>
<tbody>${body.join('\n')}</tbody></table>`;
}
