import { readFileSync } from 'node:fs';
import {
  OPENING_TEXT,
  bundleOf,
  exportedLog,
  personRecord,
  witnessedLog,
  writeZip,
  type WitnessedLog,
} from '../../test/support/evidence.js';
import { verifyDesk } from '../../test/support/verify-desk.js';

const records = Array.from({ length: 600 }, (_, i) => personRecord(i + 1, `乡民${i + 1}`));
const log = witnessedLog(records);
const stranger = witnessedLog(records);
const desk = verifyDesk();
const { write, verify, code } = desk;
afterAll(desk.close);

const policy = write('policy', log.policy);

describe('fundflow-verify diff-checkpoints', () => {
  const fork = log.fork(records.map((text, i) => (i === 36 ? 'rewritten' : text)));
  const tiles = desk.writeTiles('tiles', log);
  const at = (size: number, of: WitnessedLog = log): string =>
    write(`${of === log ? 'log' : 'other'}-${size}`, of.checkpoint(size));

  it('0: two sizes of one history, by a proof or by tiles; 2 without either', async () => {
    const pair = ['diff-checkpoints', at(600), at(37), '--policy', policy];
    expect(await code(...pair)).toBe(2);
    expect(await code(...pair, '--tiles', tiles)).toBe(0);
    const lines = log.plain
      .consistency(37, 600)
      .map((hash) => Buffer.from(hash).toString('base64'));
    expect(await code(...pair, '--proof', write('way', lines.join('\n')))).toBe(0);
    const bad = write('no-way', lines.slice(1).join('\n'));
    expect(await code(...pair, '--proof', bad)).toBe(2);
    expect(await code('diff-checkpoints', at(600), at(600), '--policy', policy)).toBe(0);
  });

  it('1: one size, two roots: both notes are printed, word for word, as the proof', async () => {
    const pair = [at(600), at(600, fork)] as const;
    const [exitCode, text] = await verify('diff-checkpoints', ...pair, '--policy', policy);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^日志“[^”]+”对 600 条记录签出了两个不同的树根/);
    for (const path of pair) expect(text).toContain(readFileSync(path, 'utf8'));
  });

  it('1: the signature of the log alone convicts it, no witness needed', async () => {
    const alone = write('alone', fork.checkpoint(600, 0));
    expect(await code('diff-checkpoints', at(600), alone, '--policy', policy)).toBe(1);
  });

  it('1: a smaller tree from which the larger one did not grow, by the tiles of the larger', async () => {
    const pair = ['diff-checkpoints', at(600), at(40, fork), '--policy', policy];
    expect(await code(...pair)).toBe(2);
    const [exitCode, text] = await verify(...pair, '--tiles', tiles);
    expect([exitCode, text]).toEqual([1, expect.stringContaining('历史被改写')]);
    // Before the fork both are of one history.
    const early = ['diff-checkpoints', at(600), at(36, fork), '--policy', policy];
    expect(await code(...early, '--tiles', tiles)).toBe(0);
  });

  it('2: a log that is not trusted, or two logs', async () => {
    const foreign = at(600, stranger);
    expect(await code('diff-checkpoints', at(600), foreign, '--policy', policy)).toBe(2);
    expect(await code('diff-checkpoints', at(600), '--policy', policy)).toBe(2);
    const elsewhere = witnessedLog(records, 'elsewhere.example/log');
    const both = write('both', `${elsewhere.policy.split('\n')[0]}\n${log.policy}`);
    const other = write('elsewhere', elsewhere.checkpoint(600));
    expect(await code('diff-checkpoints', at(600), other, '--policy', both)).toBe(2);
  });
});

describe('fundflow-verify db', () => {
  const checkpoint = write('checkpoint', log.checkpoint(500));
  const tiles = desk.writeTiles('db-tiles', log.fork(records.slice(0, 500)));
  const db = (lines: readonly string[], ...more: string[]) => {
    const path = write('log.jsonl', exportedLog(lines));
    return verify('db', path, '--policy', policy, '--checkpoint', checkpoint, ...more);
  };
  const withTiles = (lines: readonly string[]) => db(lines, '--tiles', tiles);

  it('0: the log is the one that was signed; what came later is said', async () => {
    expect((await db(records.slice(0, 500)))[0]).toBe(0);
    expect((await withTiles(records.slice(0, 500)))[0]).toBe(0);
    const [exitCode, text] = await db(records);
    expect(exitCode).toBe(0);
    expect(text).toContain('其后 100 条尚未由该检查点覆盖');
  });

  it.each([
    ['an edited record', 300, (lines: string[]) => lines.splice(300, 1, 'edited')],
    ['a deleted record', 300, (lines: string[]) => lines.splice(300, 1)],
    ['an inserted record', 300, (lines: string[]) => lines.splice(300, 0, 'inserted')],
    ['two records swapped', 300, (l: string[]) => l.splice(300, 2, l[301]!, l[300]!)],
    ['the first record edited', 0, (lines: string[]) => lines.splice(0, 1, 'edited')],
    ['the last signed record edited', 499, (lines: string[]) => lines.splice(499, 1, 'edited')],
  ])('1: %s is named by its index', async (_what, index, tamper) => {
    const lines = [...records];
    tamper(lines);
    expect(await withTiles(lines)).toEqual([
      1,
      `已被改动：第一条不符的记录是第 ${index + 1} 条（索引 ${index}）。\n`,
    ]);
    const [exitCode, text] = await db(lines);
    expect([exitCode, text]).toEqual([1, expect.stringContaining('第 1 至 500 条记录之中')]);
  });

  it('1: older checkpoints narrow the span where there are no tiles', async () => {
    const lines = [...records];
    lines[300] = 'edited';
    const pinned = [100, 300, 400].flatMap((size) => [
      '--checkpoint',
      write(`checkpoint-${size}`, log.checkpoint(size)),
    ]);
    const [exitCode, text] = await db(lines, ...pinned);
    expect([exitCode, text]).toEqual([1, expect.stringContaining('第 301 至 400 条')]);
  });

  it('1: the tail is cut off', async () => {
    expect(await withTiles(records.slice(0, 450))).toEqual([
      1,
      '已被改动：检查点签有 500 条记录，只找到 450 条，自第 451 条起缺失。\n',
    ]);
  });

  it('1: a gap in the positions', async () => {
    const path = write('gap.jsonl', exportedLog(records).replace(/^\{"position":7,.*\n/m, ''));
    const answer = await verify('db', path, '--policy', policy, '--checkpoint', checkpoint);
    expect(answer).toEqual([1, '已被改动：应为第 7 条记录，却是第 8 条。\n']);
  });

  it('1: a tile was edited, and it is named', async () => {
    const path = 'db-tiles/tile/0/000';
    const bytes = readFileSync(desk.path(path));
    bytes[5]! ^= 1;
    write(path, bytes);
    const [exitCode, text] = await withTiles(records);
    bytes[5]! ^= 1;
    write(path, bytes);
    expect([exitCode, text]).toEqual([1, expect.stringContaining('tile/0/000')]);
  });

  it('2: a file that is no log', async () => {
    const bad = (content: string | Uint8Array) =>
      code('db', write('bad', content), '--policy', policy, '--checkpoint', checkpoint);
    expect(await bad('{"position":1}\n')).toBe(2);
    expect(await bad('[1]\n')).toBe(2);
    expect(await bad('null\n')).toBe(2);
    expect(await bad('{"position":1,"record":"a\n')).toBe(2);
    expect(await bad('{"position":1,"record":"\\ud800"}\n')).toBe(2);
    expect(await bad('x'.repeat(600_000))).toBe(2);
    expect(await bad(Uint8Array.of(0xff, 0x0a))).toBe(2);
  });

  it('2: checkpoints of two logs', async () => {
    const elsewhere = witnessedLog(records, 'elsewhere.example/log');
    const logs = [log, elsewhere].map(({ policy: text }) => `${text.split('\n')[0]}\n`);
    const both = write('both-logs', `${logs.join('')}quorum none\n`);
    const foreign = write('foreign', elsewhere.checkpoint(500));
    const args = ['--policy', both, '--checkpoint', checkpoint, '--checkpoint', foreign];
    expect(await verify('db', write('log.jsonl', exportedLog(records)), ...args)).toEqual([
      2,
      expect.stringContaining('分属不同的日志'),
    ]);
  });
});

describe('fundflow-verify openings', () => {
  const logFile = write('openings-log.jsonl', exportedLog(records));
  const line = (n: number, value: string, field = 'name'): string =>
    `${JSON.stringify({ eventId: `event-${n}`, field, value, opening: OPENING_TEXT })}\n`;
  const openings = (...lines: string[]) =>
    verify('openings', write('openings.jsonl', lines.join('')), '--log', logFile);

  it('0: every value opens the commitment of its record', async () => {
    expect(await openings(line(3, '乡民3'), line(599, ' 乡民599 '))).toEqual([
      0,
      '有效：2 项个人信息均与记录中的承诺值相符。\n',
    ]);
  });

  it('1: another name', async () => {
    expect((await openings(line(3, '乡民3'), line(4, '乡民5')))[0]).toBe(1);
    expect((await openings(line(3, '乡民3', 'code')))[0]).toBe(1);
  });

  it('2: no such record, or no openings', async () => {
    expect((await openings(line(9999, '乡民3')))[0]).toBe(2);
    expect((await openings())[0]).toBe(2);
    expect((await openings('{}\n'))[0]).toBe(2);
    expect((await openings(line(3, '乡民3', 'age')))[0]).toBe(2);
  });

  it('0: out of a bundle too', async () => {
    const path = desk.path('openings.zip');
    await writeZip(await bundleOf(log, [3]), path);
    const file = write('one.jsonl', line(3, '乡民3'));
    expect(await code('openings', file, '--bundle', path)).toBe(0);
  });
});
