import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { toHex, toUtf8 } from '@fundflow/proof/encoding';
import { sha256, sha256Tree } from '@fundflow/proof/node-hash';
import { formatTlogProof } from '@fundflow/proof/tlog-proof';
import {
  bundleOf,
  personRecord,
  withManifest,
  witnessedLog,
  writeZip,
  type WitnessedLog,
} from '../../test/support/evidence.js';
import { verifyDesk } from '../../test/support/verify-desk.js';
import { run } from './run.js';

const file = toUtf8('发票');
const attachment = toHex(sha256(file));
const records = Array.from({ length: 600 }, (_, i) =>
  personRecord(i + 1, `乡民${i + 1}`, attachment),
);
const log = witnessedLog(records);
const stranger = witnessedLog(records);
const desk = verifyDesk();
const { write, verify, code } = desk;
afterAll(desk.close);

function receipt(of: WitnessedLog, index: number, size: number): string {
  const inclusion = of.plain.inclusion(index, size);
  const checkpointText = of.checkpoint(size);
  return formatTlogProof({ extra: null, index, inclusion, checkpointText });
}

const policy = write('policy', log.policy);
const foreignPolicy = write('foreign-policy', stranger.policy);

describe('fundflow-verify proof', () => {
  const proof = write('17.tlog-proof', receipt(log, 16, 600));
  const record = write('17.json', records[16]!);
  const wrong = write('18.json', records[17]!);

  it('0: the receipt is of this record, and witnesses saw it', async () => {
    const [exitCode, text] = await verify('proof', proof, '--policy', policy, '--record', record);
    expect(exitCode).toBe(0);
    expect(text).toBe(
      `有效：该记录是日志“${log.origin}”的第 17 条，检查点共 600 条，见证：纪委、审计局。\n`,
    );
    const leaf = toHex(sha256Tree.leaf(records[16]!));
    expect(await code('proof', proof, '--policy', policy, '--leaf', leaf)).toBe(0);
  });

  it.each(['\n', '\r\n'])('0: the record with a line end %j that an editor added', async (end) => {
    const path = write('ended.json', `${records[16]}${end}`);
    expect(await code('proof', proof, '--policy', policy, '--record', path)).toBe(0);
    const twice = write('ended.json', `${records[16]}${end}${end}`);
    expect(await code('proof', proof, '--policy', policy, '--record', twice)).toBe(1);
  });

  it('1: of another record', async () => {
    expect(await verify('proof', proof, '--policy', policy, '--record', wrong)).toEqual([
      1,
      '已被改动：第 17 条记录不是账本在该位置的记录。\n',
    ]);
  });

  it('2: of a log the policy does not know, or with too few witnesses', async () => {
    expect(await code('proof', proof, '--policy', foreignPolicy, '--record', record)).toBe(2);
    const one = write(
      'one',
      receipt(log, 16, 600).replace(log.checkpoint(600), log.checkpoint(600, 1)),
    );
    expect(
      await verify('proof', one, '--policy', policy, '--record', record, '--lang', 'en'),
    ).toEqual([
      2,
      'Cannot decide: too few witnesses cosigned the checkpoint of 600 records (纪委).\n',
    ]);
  });

  it('2: not a receipt at all, or not there', async () => {
    const args = ['--policy', policy, '--record', record];
    expect(await code('proof', write('cut', receipt(log, 16, 600).slice(0, 90)), ...args)).toBe(2);
    expect(await code('proof', write('bytes', Uint8Array.of(255, 0)), ...args)).toBe(2);
    expect(await code('proof', desk.path('nowhere'), ...args)).toBe(2);
    expect(await code('proof', desk.path(''), ...args)).toBe(2);
  });
});

describe('fundflow-verify bundle', () => {
  const attachments = new Map([[`attachments/${attachment}`, file]]);
  const zip = desk.path('case.zip');
  beforeAll(async () => writeZip(await bundleOf(log, [3, 599], attachments), zip));

  it('0: everything is as it was signed; whose keys is said', async () => {
    const [exitCode, text] = await verify('bundle', zip);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/^有效：2 条记录、1 个附件均与日志“[^”]+”的检查点/);
    expect(text).toContain(toHex(sha256(log.log.key.publicKey)));
    expect(await code('bundle', zip, '--policy', policy)).toBe(0);
  });

  it('1: a record was edited, even with all digests made anew', async () => {
    const members = await bundleOf(log, [3, 599], attachments);
    const edited = toUtf8(records[2]!.replace('PaymentMade', 'PaymentMadf'));
    const path = desk.path('edited.zip');
    await writeZip(withManifest(members.set('records/3.json', edited)), path);
    expect(await code('bundle', path)).toBe(1);
  });

  it('2: a bundle of another log, for who brings a policy', async () => {
    expect(await code('bundle', zip, '--policy', foreignPolicy)).toBe(2);
  });

  it('2: cut off anywhere', async () => {
    const bytes = readFileSync(zip);
    for (let end = 0; end < bytes.length; end += 97) {
      expect(await code('bundle', write('cut.zip', bytes.subarray(0, end)))).toBe(2);
    }
  });

  it.each([
    ['a way out', '../../outside.json'],
    ['an absolute path', '/etc/records/1.json'],
    ['a drive', 'C:\\records\\1.json'],
    ['a folder', 'records/'],
    ['a name nobody knows', 'notes.txt'],
    ['a name with a line end', 'records/1.json\n'],
  ])('2: a member with %s, and nothing is written', async (_what, name) => {
    // The names differ in length from the one they replace, so the zip is written with a placeholder.
    const placeholder = 'x'.repeat(name.length);
    const members = await bundleOf(log, [3]);
    const path = desk.path('tricky.zip');
    await writeZip(members.set(placeholder, toUtf8('{}')), path);
    const bytes = readFileSync(path).toString('latin1').replaceAll(placeholder, name);
    const [exitCode, text] = await verify(
      'bundle',
      write('tricky.zip', Buffer.from(bytes, 'latin1')),
    );
    expect([exitCode, text.split('\n').length]).toEqual([2, 2]);
  });

  it('2: a name twice', async () => {
    const members = await bundleOf(log, [3]);
    const path = desk.path('twice.zip');
    await writeZip(members.set('records/4.json', toUtf8('{}')), path);
    const bytes = readFileSync(path).toString('latin1').replaceAll('records/4', 'records/3');
    expect(await code('bundle', write('twice.zip', Buffer.from(bytes, 'latin1')))).toBe(2);
  });

  it('2: a size that is not the one it unpacks to', async () => {
    const bytes = readFileSync(zip);
    const directory = bytes.indexOf(Buffer.from('PK\u0001\u0002', 'latin1'));
    for (const size of [0, 1, 0x7fffffff, 0xffffffff]) {
      const lying = Buffer.from(bytes);
      lying.writeUInt32LE(size, directory + 24);
      expect(await code('bundle', write('lying.zip', lying))).toBe(2);
    }
  });

  it('2: not a zip', async () => {
    expect(await code('bundle', write('not.zip', 'hello'))).toBe(2);
    expect(await code('bundle', desk.path(''))).toBe(2);
    expect(await code('bundle', desk.path('nowhere.zip'))).toBe(2);
  });
});

describe('the command line', () => {
  it('says one object with --json', async () => {
    const record = write('r.json', records[16]!);
    const proof = write('p', receipt(log, 16, 600));
    const args = ['proof', proof, '--policy', policy, '--record', record, '--json'];
    const { text } = await run(args);
    expect(JSON.parse(text)).toMatchObject({ outcome: 'valid', index: 16, position: 17 });
    const bad = await run([...args.slice(0, -2), write('q.json', '{}'), '--json', '--lang', 'en']);
    expect(JSON.parse(bad.text)).toMatchObject({
      ...{ outcome: 'tampered', code: 'not-included', position: 17 },
      sentence: 'Tampered: record 17 is not what the log has at that position.',
    });
  });

  it.each([
    [[], '缺少 proof | bundle | diff-checkpoints | db | openings'],
    [['prove'], '没有命令 prove'],
    [['proof', 'x'], '--record 和 --leaf 须给出其一'],
    [['proof', 'x', '--leaf', 'l'], '缺少 --policy'],
    [['proof', 'x', '--policy', 'p'], '--record 和 --leaf 须给出其一'],
    [
      ['proof', 'x', '--policy', 'p', '--record', 'r', '--leaf', 'l'],
      '--record 和 --leaf 须给出其一',
    ],
    [['bundle'], '缺少 FILE'],
    [['bundle', 'a', 'b'], '多余：b'],
    [['db', 'x', '--policy', 'p'], '缺少 --checkpoint'],
    [['openings', 'x'], '--log 和 --bundle 须给出其一'],
    [['openings', 'x', '--log', 'a', '--bundle', 'b'], '--log 和 --bundle 须给出其一'],
    [['bundle', 'a', '--unknown'], '选项 --unknown 有误'],
    [['bundle', 'a', '--policy'], '选项 --policy 有误'],
  ])('2, what is wrong and the usage for %p', async (args, wrong) => {
    const sentence = `无法判定：用法有误（${wrong}）。`;
    const [code, text] = await verify(...args);
    expect([code, text.split('\n')[0]]).toEqual([2, sentence]);
    expect(text).toContain('用法：');
    const asked = await verify(...args, '--json');
    expect([asked[0], JSON.parse(asked[1])]).toEqual([
      ...[2, { outcome: 'undecided', sentence, code: 'wrong-usage' }],
    ]);
  });

  it('shows nothing of a name that a terminal would obey', async () => {
    const [, text] = await verify('bundle', desk.path('\u001b[31m\u202eevil.zip'));
    expect(text).not.toMatch(/[\u001b\u202e]/);
  });

  it('is a program with these exit codes', () => {
    const bin = 'apps/verify/bin/fundflow-verify.mjs';
    const record = write('r.json', records[16]!);
    const proof = write('p', receipt(log, 16, 600));
    const exitCode = (...args: string[]) => spawnSync(process.execPath, [bin, ...args]).status;
    expect(exitCode('proof', proof, '--policy', policy, '--record', record)).toBe(0);
    expect(exitCode('proof', proof, '--policy', policy, '--record', proof)).toBe(1);
    expect(exitCode('proof', policy, '--policy', policy, '--record', record)).toBe(2);
  });
});
