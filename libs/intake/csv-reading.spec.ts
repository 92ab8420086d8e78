import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import iconv from 'iconv-lite';
import {
  notice,
  NOTICE_HEADER,
  noticeTable,
  readBytes,
  regionTable,
  temporaryFolder,
} from '../../test/support/handed-in-files.js';
import { BATCH_ROWS, CHUNK_BYTES, ROW_BYTES_MAX } from './limits.js';
import { readSubmissionFile } from './read-submission-file.js';

const folder = temporaryFolder();
const read = (bytes: Buffer | string) => readBytes(folder, bytes);
const places = async (bytes: Buffer | string): Promise<unknown[]> =>
  (await read(bytes)).rows.map(({ row }) => row?.kind === 'notices' && row.place);
const many = (count: number, place = 'A'): string[] =>
  Array.from({ length: count }, (_, i) => notice(`N${i}`, place));

describe('encodings', () => {
  const text = noticeTable(notice('N1', '马山县𠮷镇公示栏'), notice('N2', '村委会(一)'));
  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with its mark', Buffer.from(`\uFEFF${text}`)],
    ['GB18030', iconv.encode(text, 'gb18030')],
    ['UTF-16 LE with its mark', iconv.encode(text, 'utf-16le', { addBOM: true })],
    ['UTF-16 BE with its mark', iconv.encode(text, 'utf-16be', { addBOM: true })],
    ['UTF-16 LE without', iconv.encode(text, 'utf-16le')],
    ['UTF-16 BE without', iconv.encode(text, 'utf-16be')],
  ])('%s', async (_name, bytes) => {
    expect(await places(bytes)).toEqual(['马山县𠮷镇公示栏', '村委会(一)']);
  });

  it('are found where the first Chinese character stands far behind', async () => {
    const ascii = [NOTICE_HEADER, ...many(9000).map((line) => line.replace('村', 'village'))];
    const late = [...ascii, notice('LAST', '马山县公示栏'), ''].join('\n');
    expect(Buffer.byteLength(late)).toBeGreaterThan(CHUNK_BYTES);
    expect((await places(iconv.encode(late, 'gb18030'))).at(-1)).toBe('马山县公示栏');
    expect((await places(late)).at(-1)).toBe('马山县公示栏');
  });

  it('are found where nothing is Chinese but 元, which in GB18030 looks like UTF-8', async () => {
    const english = (place: string) => noticeTable(notice('N1', place).replace('村', 'village'));
    expect(await places(iconv.encode(english('元'), 'gb18030'))).toEqual(['元']);
    expect(await places(english('A·B'))).toEqual(['A·B']);
  });

  it.each<[string, Buffer, number]>([
    [
      'a byte that UTF-8 does not know',
      Buffer.concat([Buffer.from(noticeTable(...many(3, '公示栏'))), Buffer.of(0xff, 0x0a)]),
      5,
    ],
    [
      'rows in GB18030 behind rows in UTF-8',
      Buffer.concat([
        Buffer.from(noticeTable(...many(5, '马山县公示栏'))),
        iconv.encode(notice('N9', '马山县公示栏'), 'gb18030'),
      ]),
      7,
    ],
    [
      'rows in UTF-8 behind rows in GB18030',
      Buffer.concat([
        iconv.encode(noticeTable(...many(5, '马山县公示栏')), 'gb18030'),
        Buffer.from(notice('N9', '马山县公示栏')),
      ]),
      7,
    ],
    [
      'a pair that GB18030 leaves open',
      Buffer.concat([
        iconv.encode(noticeTable(notice('N1', '公示栏')), 'gb18030'),
        Buffer.from('N2,P1,'),
        Buffer.of(0xb4, 0xe5, 0x2c, 0xff, 0xff),
        Buffer.from(',2018-06-01,\n'),
      ]),
      3,
    ],
    [
      'half a character at the end of UTF-16',
      iconv.encode(noticeTable(notice('N1', '公\ud800示')), 'utf-16le', { addBOM: true }),
      2,
    ],
  ])('%s is refused with its row', async (_name, bytes, row) => {
    expect((await read(bytes)).refusal).toMatchObject({ code: 'bad-encoding', row });
  });

  const far = Buffer.from(many(9_000).join('\n'));
  it.each<[string, string]>([
    ['a torn quote', `${NOTICE_HEADER}\n"N1,村\n`],
    ['a cell of several lines, and a torn quote', `${NOTICE_HEADER}\nN1,"村\n",a"b"\n`],
    ['a header of nothing', '甲,乙\n1,2\n'],
    ['an unknown header', `${NOTICE_HEADER},公示地址\n`],
    ['a title above the header', `,,\n${NOTICE_HEADER}\n`],
  ])('are refused before %s, however far behind', async (_name, start) => {
    const head = Buffer.from(start);
    const rows = start.split('\n').length - 1 + 9_000;
    const broken = Buffer.concat([head, far, Buffer.of(0x0a, 0xff, 0x0a)]);
    expect(far.length).toBeGreaterThan(2 * CHUNK_BYTES);
    const torn = start.includes('"N1') || start.includes('"b"');
    expect((await read(broken)).refusal).toMatchObject({
      code: 'bad-encoding',
      // Line ends within quotes are no ends of rows.
      ...(torn ? {} : { row: rows + 1 }),
    });
    expect((await read(Buffer.concat([head, far]))).refusal?.code).not.toBe('bad-encoding');
    const zero = Buffer.concat([head, far, Buffer.of(0)]);
    expect((await read(zero)).refusal?.code).toBe('nul-byte');
  });

  it('are checked to the end while rows are read, also where a library cuts them', async () => {
    for (const first of [notice('N1', '村'), 'N1,P1,"村\n委会",,2018-06-01,']) {
      const good = Buffer.concat([Buffer.from(`${NOTICE_HEADER}\n${first}\n`), far]);
      expect((await read(good)).refusal).toBeNull();
      const broken = Buffer.concat([good, Buffer.of(0x0a, 0xc3, 0x28)]);
      expect((await read(broken)).refusal).toMatchObject({ code: 'bad-encoding', row: 9_003 });
    }
  });

  it('a zero byte is refused with its row', async () => {
    const broken = noticeTable(notice('N1'), notice('N2', 'a\0b'));
    expect((await read(broken)).refusal).toMatchObject({ code: 'nul-byte', row: 3 });
    const wide = iconv.encode(broken, 'utf-16le', { addBOM: true });
    expect((await read(wide)).refusal).toMatchObject({ code: 'nul-byte', row: 3 });
  });
});

describe('separators and line ends', () => {
  const cells = [NOTICE_HEADER.split(','), notice('N1').split(','), notice('N2').split(',')];
  it.each([',', '\t', ';'])('columns are separated by %p', async (separator) => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = cells.map((line) => line.join(separator)).join(end);
      expect(await places(text)).toEqual(['村公示栏', '村公示栏']);
    }
  });

  it.each([',', '\t', ';', '|'])(
    'a line sep=%s above the header names it and is no row, as spreadsheets take it',
    async (separator) => {
      const lines = cells.map((line) => line.join(separator));
      for (const named of [`sep=${separator}`, `"SEP=${separator}"`]) {
        const text = [named, ...lines, `N3${separator}坏`].join('\r\n');
        for (const [encoding, addBOM] of [
          ...([
            ['utf-8', false],
            ['utf-8', true],
            ['gb18030', false],
          ] as const),
          ...([
            ['utf-16le', true],
            ['utf-16le', false],
            ['utf-16be', false],
          ] as const),
        ]) {
          const { rows } = await read(iconv.encode(text, encoding, { addBOM }));
          expect(rows.map(({ rowNumber }) => rowNumber)).toEqual([2, 3, 4]);
          expect(rows[1]?.row).toMatchObject({ id: 'N2', place: '村公示栏' });
        }
      }
    },
  );

  it('a byte that no encoding knows has the row behind such a line as well', async () => {
    const text = Buffer.from(`sep=,\n${noticeTable(notice('N1'))}`);
    const broken = Buffer.concat([text, Buffer.of(0xff, 0x0a)]);
    expect((await read(broken)).refusal).toMatchObject({ code: 'bad-encoding', row: 3 });
  });

  it('the separator is found in a header whose names hold others', async () => {
    const text = 'notice_id;subject_id;level;posted_on;"flex_a,b,c,d,e,f"\nN1;P1;村;2018-06-01;x\n';
    const { rows } = await read(text);
    expect(rows[0]?.flex).toEqual({ 'flex_a,b,c,d,e,f': 'x' });
  });

  it('line ends may change within a file', async () => {
    const text = `${NOTICE_HEADER}\r\n${notice('N1')}\n${notice('N2')}\r${notice('N3')}\r\n`;
    expect((await read(text)).rows.map((row) => [row.id, row.rowNumber])).toEqual([
      ['N1', 2],
      ['N2', 3],
      ['N3', 4],
    ]);
  });

  it('rows are numbered as a spreadsheet numbers them', async () => {
    const text = noticeTable(
      notice('N1'),
      '',
      ',,,,,',
      notice('N2', '"第一行\n第二行"'),
      notice('N3'),
    );
    const { rows } = await read(text);
    expect(rows.map((row) => [row.rowNumber, row.id])).toEqual([
      [2, 'N1'],
      [5, 'N2'],
      [6, 'N3'],
    ]);
    expect(rows[1]?.error).toMatchObject({ field: 'place', code: 'bad-value' });
  });

  it('a comma without quotes tears its own row only', async () => {
    const text = `return_id,kind,of_id,amount,unit,returned_on\nR1,退票,P1,1,250,元,2018-06-12\nR2,退票,P1,"1,250",元,2018-06-12\n`;
    const [torn, whole] = (await read(text)).rows;
    expect(torn?.error).toMatchObject({ code: 'bad-value', row: 2, field: '第7列' });
    expect(whole?.row).toMatchObject({ amountFen: 1_250_00n });
  });

  it('a cell below no header must be empty', async () => {
    const text = `${NOTICE_HEADER},,\n${notice('N1')},,\n${notice('N2')},x,\n`;
    const [first, second] = (await read(text)).rows;
    expect(first?.error).toBeNull();
    expect(second?.error).toMatchObject({ code: 'bad-value', field: '第7列', value: 'x' });
  });
});

describe('quotes', () => {
  it('hold separators, line breaks and doubled quotes', async () => {
    const place = '"村""一""组, 公示栏"';
    expect(await places(noticeTable(notice('N1', place)))).toEqual(['村"一"组, 公示栏']);
  });

  it.each<[string, string, number]>([
    ['opens and never closes', noticeTable(notice('N1'), notice('N2', '"公示'), notice('N3')), 3],
    ['opens and meets a later one', noticeTable(notice('N1', '"a'), '', notice('N3', '"b"')), 2],
    ['stands inside a text', noticeTable('', notice('N2', '村"一"组')), 3],
    ['goes on behind its end', noticeTable(notice('N1', '"村"一组')), 2],
    ['never closes in a long file', noticeTable(notice('N1', '"a'), ...many(9000)), 2],
    ['is torn far behind', noticeTable(...many(9000), notice('X', '"a'), ...many(20)), 9002],
    ['is torn in the header', `notice_id,"subject_id,level\n${notice('N1')}`, 1],
  ])('a quote that %s is refused with the row it opened in', async (_name, text, row) => {
    expect((await read(text)).refusal).toMatchObject({ code: 'torn-quote', row });
  });
});

describe('a file as a whole', () => {
  it.each<[string, Buffer | string, string]>([
    ['nothing', '', 'empty-file'],
    ['blanks', ' \n\n , ,\n', 'empty-file'],
    ['a mark alone', '\uFEFF', 'empty-file'],
    ['a header alone', NOTICE_HEADER, 'no-rows'],
    ['a header and blank rows', `${NOTICE_HEADER}\n,,,,,\n\n`, 'no-rows'],
    ['a title above the header', `\n${noticeTable(notice('N1'))}`, 'missing-header'],
    ['headers of nothing', 'a,b,c\n1,2,3\n', 'unknown-kind'],
    ['an unknown header', `${NOTICE_HEADER},公示地址\n`, 'bad-header'],
    ['a PDF', '%PDF-1.7\n', 'unknown-format'],
    ['a picture', Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a), 'unknown-format'],
    ['an endless line', 'x'.repeat(ROW_BYTES_MAX * 3), 'row-too-long'],
    ['an endless row', noticeTable(notice('N1', 'x'.repeat(ROW_BYTES_MAX * 3))), 'row-too-long'],
  ])('that holds %s is refused', async (_name, bytes, code) => {
    expect((await read(bytes)).refusal).toMatchObject({ code });
    expect((await read(bytes)).refusal?.message).toMatch(/[\u4e00-\u9fff]/);
  });

  it('is read as the kind that was said, or not at all', async () => {
    const { refusal } = await readBytes(folder, noticeTable(notice('N1')), 'reversals');
    expect(refusal).toMatchObject({ code: 'bad-header' });
  });
});

describe('reading in batches', () => {
  it('hands out a batch of rows at a time and says how far it is', async () => {
    const path = join(folder, 'batches');
    const text = noticeTable(...many(2 * BATCH_ROWS + 100));
    writeFileSync(path, text);
    const sizes: number[] = [];
    let progress = { bytesRead: 0, bytesTotal: 0 };
    for await (const batch of readSubmissionFile({
      source: { path },
      fileName: 'x',
      regionTable,
    })) {
      sizes.push(batch.rows.length);
      expect(batch.progress.bytesRead).toBeGreaterThanOrEqual(progress.bytesRead);
      progress = batch.progress;
    }
    expect(sizes).toEqual([BATCH_ROWS, BATCH_ROWS, 100]);
    const bytes = Buffer.byteLength(text);
    expect(progress).toEqual({ bytesRead: bytes, bytesTotal: bytes });
  });

  it('reads no further ahead than a few pieces while nobody asks', async () => {
    const path = join(folder, 'large');
    writeFileSync(path, [NOTICE_HEADER, ...many(200_000)].join('\n'));
    const batches = readSubmissionFile({ source: { path }, fileName: 'x', regionTable });
    const first = await batches.next();
    const { bytesRead, bytesTotal } = first.value?.progress ?? { bytesRead: 0, bytesTotal: 0 };
    expect(bytesTotal).toBeGreaterThan(20 * CHUNK_BYTES);
    expect(bytesRead).toBeLessThan(8 * CHUNK_BYTES);
    await batches.return(undefined);
  });

  it('takes a stream by way of a temporary file and leaves nothing behind', async () => {
    const temporaryFolder = join(folder, '.');
    const before = readdirSync(folder);
    const stream = Readable.from([Buffer.from(noticeTable(...many(1200)))]);
    const source = { stream, temporaryFolder };
    let rows = 0;
    for await (const batch of readSubmissionFile({ source, fileName: 'x', regionTable })) {
      rows += batch.rows.length;
      break;
    }
    expect(rows).toBe(BATCH_ROWS);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('passes on the error of a stream that breaks off, and leaves nothing behind', async () => {
    const before = readdirSync(folder);
    const stream = new Readable({
      read() {
        this.destroy(new Error('the line went dead'));
      },
    });
    const source = { stream, temporaryFolder: folder };
    const reading = readSubmissionFile({ source, fileName: 'x', regionTable }).next();
    await expect(reading).rejects.toThrow('the line went dead');
    expect(readdirSync(folder)).toEqual(before);
  });
});
