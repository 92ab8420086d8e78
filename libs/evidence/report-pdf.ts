import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import PDFDocument from 'pdfkit';
import type { Report, ReportTable } from './report.js';

/** More rows are in report.html, and the page says so: laying out text takes time that others wait for. */
const PDF_ROWS_MAX = 2_000;

/** Noto Sans Hans (OFL-1.1): 30,888 glyphs, of which only those that occur are put into the file. */
const FONT = join(
  dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')),
  '../fonts/NotoSansHans-Regular.otf',
);
const MARGIN = 36;
const FOOT = 24;
const PAD = 2.5;
const SIZE = { title: 17, caption: 11.5, text: 9.5, cell: 7.5, foot: 8.5 } as const;

type Document = InstanceType<typeof PDFDocument>;

/**
 * The report as a PDF: A4 landscape, Chinese with the font embedded, every page numbered 第 x 页/共 y 页. The same report
 * gives the same bytes.
 *
 * @param createdAt what the file says of its making
 */
export async function reportPdf(report: Report, createdAt: Date): Promise<Buffer> {
  const info = { Title: report.title, Creator: 'Fundflow', CreationDate: createdAt };
  const page = { size: 'A4', layout: 'landscape', bufferPages: true, lang: 'zh-CN' } as const;
  const margins = { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOT };
  const document = new PDFDocument({ ...page, margins, info, font: FONT, displayTitle: true });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    document.on('end', resolve);
    document.on('error', reject);
  });
  heading(document, report);
  for (const table of report.tables) await drawTable(document, table);
  document.moveDown(0.8).fontSize(SIZE.cell);
  for (const remark of report.remarks) document.text(`· ${remark}`, MARGIN, document.y);
  numberPages(document);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

const widthOf = (document: Document): number => document.page.width - 2 * MARGIN;
const bottomOf = (document: Document): number => document.page.height - MARGIN - FOOT;

function heading(document: Document, { title, facts }: Report): void {
  document.fontSize(SIZE.title).text(title).moveDown(0.4).fontSize(SIZE.text);
  for (const [label, text] of facts) document.text(`${label}：${text}`);
}

async function drawTable(document: Document, table: ReportTable): Promise<void> {
  const { caption, columns, rows } = table;
  document.moveDown(0.8);
  // A caption does not stand alone at the foot of a page.
  if (document.y > bottomOf(document) - 60) document.addPage();
  document.fontSize(SIZE.caption).text(caption, MARGIN).moveDown(0.3);
  const all = columns.reduce((sum, { share }) => sum + share, 0);
  const widths = columns.map(({ share }) => (share / all) * widthOf(document));
  const heads = columns.map(({ head }) => head);
  const aligned = columns.map(({ right }) => right === true);
  drawRow(document, heads, { widths, aligned, shaded: true });
  for (const [index, row] of rows.slice(0, PDF_ROWS_MAX).entries()) {
    if (document.y + heightOf(document, row, widths) > bottomOf(document)) {
      document.addPage();
      drawRow(document, heads, { widths, aligned, shaded: true });
      await turn();
    }
    drawRow(document, row, { widths, aligned, shaded: false });
    if (index % 50 === 49) await turn();
  }
  const left = rows.length - PDF_ROWS_MAX;
  if (left > 0) {
    document.fontSize(SIZE.text).text(`另有 ${left} 行，见同一证据包内的 report.html。`, MARGIN);
  }
}

interface RowShape {
  readonly widths: readonly number[];
  readonly aligned: readonly boolean[];
  readonly shaded: boolean;
}

function heightOf(document: Document, row: readonly string[], widths: readonly number[]): number {
  document.fontSize(SIZE.cell);
  const heights = row.map((cell, i) =>
    document.heightOfString(cell || ' ', { width: (widths[i] ?? 0) - 2 * PAD }),
  );
  return Math.max(...heights) + 2 * PAD;
}

function drawRow(document: Document, row: readonly string[], shape: RowShape): void {
  const height = heightOf(document, row, shape.widths);
  const top = document.y;
  let left = MARGIN;
  row.forEach((cell, i) => {
    const width = shape.widths[i] ?? 0;
    document.rect(left, top, width, height).lineWidth(0.4);
    if (shape.shaded) document.fillAndStroke('#eeeeee', '#888888');
    else document.stroke('#888888');
    const align = shape.aligned[i] ? 'right' : 'left';
    const place = { width: width - 2 * PAD, align } as const;
    document.fillColor('#000000').text(cell, left + PAD, top + PAD, place);
    left += width;
  });
  document.x = MARGIN;
  document.y = top + height;
}

function numberPages(document: Document): void {
  const { count } = document.bufferedPageRange();
  for (let index = 0; index < count; index += 1) {
    document.switchToPage(index);
    // Otherwise text below the margin would begin a page of its own.
    document.page.margins.bottom = 0;
    const at = document.page.height - MARGIN;
    const text = `第 ${index + 1} 页/共 ${count} 页`;
    document
      .fontSize(SIZE.foot)
      .text(text, MARGIN, at, { width: widthOf(document), align: 'center' });
  }
}
