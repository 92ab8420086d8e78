import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyConsistency, proveConsistency } from '@fundflow/proof/consistency';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { judgeCheckpoint, parsePolicy } from '@fundflow/proof/policy';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { openTiles } from '@fundflow/proof/tile-reader';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { aLogOf } from '../../../test/support/a-log.js';
import { inState, Notaries, rootOf } from '../../../test/support/notaries.js';

const notaries = new Notaries();
const { start, signedUpTo } = notaries;

describe('the notary', () => {
  it('signs what the log holds, from nothing on, with a key it made', async () => {
    const log = aLogOf(0);
    await start(log);
    expect((await signedUpTo(0)).root).toEqual(tree.empty());
    log.append(300);
    const { root, note } = await signedUpTo(300);
    expect(root).toEqual(rootOf(log.records));
    const { vkey } = (await new TileTable(notaries.pool, LOG_NAME).tree())!;
    const policy = parsePolicy(`log ${vkey}\nquorum none\n`, nodeCrypto);
    expect(judgeCheckpoint(note, policy, nodeCrypto).outcome).toBe('accepted');
  });

  it('goes on from its memory when it starts again', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.append(44);
    await start(log);
    expect((await signedUpTo(344)).root).toEqual(rootOf(log.records));
  });

  it('publishes again what it had signed when a crash came before the publication', async () => {
    const log = aLogOf(20);
    const first = await start(log);
    await signedUpTo(20);
    await first.stop();
    await notaries.pool.query(
      `UPDATE tlog.checkpoints SET size = 3,
       note = (SELECT note FROM tlog.checkpoints ORDER BY size LIMIT 1)`,
    );
    await start(log);
    await signedUpTo(20);
  });

  it('refuses a log that lost its tail or came back from an old backup, and says so', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records.length = 290;
    await notaries.pool.query('TRUNCATE tlog.trees, tlog.tiles');
    const { failure, signedSize } = await inState(await start(log), 'refused');
    expect(failure).toContain('账本被截短，或恢复了旧备份');
    expect(signedSize).toBe(300);
  });

  it('refuses an old backup also when the log has grown beyond what was signed', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records.length = 290;
    for (let i = 0; i < 50; i += 1) log.records.push(`{"新":${i}}`);
    await notaries.pool.query('TRUNCATE tlog.trees, tlog.tiles');
    const { failure } = await inState(await start(log), 'refused');
    expect(failure).toMatch(/history-changed|tiles-differ/);
    expect((await notaries.signed())?.size).toBe(300);
  });

  it('refuses when a record was changed and the tiles made anew', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    log.records[17] = '{"改":17}';
    await notaries.pool.query('TRUNCATE tlog.trees, tlog.tiles');
    expect((await inState(await start(log), 'refused')).failure).toContain('tiles-differ');
  });

  it('makes the tiles again when they were lost or rolled back and the log was not', async () => {
    const log = aLogOf(700);
    const first = await start(log);
    const { root } = await signedUpTo(700);
    await first.stop();
    await notaries.pool.query('TRUNCATE tlog.trees, tlog.tiles');
    log.append(1);
    await start(log);
    await signedUpTo(701);
    const table = new TileTable(notaries.pool, LOG_NAME);
    await openTiles(tree, { size: 700, root }, table.fetch);
  });

  it('refuses to begin anew when its memory is gone', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(join(notaries.directory, `${LOG_NAME}.1`));
    await rm(join(notaries.directory, `${LOG_NAME}.2`), { force: true });
    expect((await inState(await start(log), 'refused')).failure).toContain('记忆文件不见了');
  });

  it('does not make another key for a log that was signed', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(join(notaries.directory, `${LOG_NAME}.key`));
    await expect(start(log)).rejects.toThrow('请放回原密钥');
  });

  it('stops at a key that is not that of the log', async () => {
    const log = aLogOf(30);
    const first = await start(log);
    await signedUpTo(30);
    await first.stop();
    await rm(notaries.directory, { recursive: true });
    await notaries.pool.query('TRUNCATE tlog.checkpoints CASCADE');
    expect((await inState(await start(log), 'stopped')).failure).toContain('不符');
  });

  it('waits for a database that is away and then goes on', async () => {
    const log = aLogOf(10);
    const notary = await start(log);
    await signedUpTo(10);
    log.failWith(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    log.append(1);
    await inState(notary, 'retrying');
    log.failWith(null);
    await signedUpTo(11);
    await inState(notary, 'following');
  });

  it('signs one history also when two of it have one memory', async () => {
    const log = aLogOf(100);
    await Promise.all([start(log), start(log)]);
    const seen = new Map<number, Uint8Array>();
    for (let i = 0; i < 8; i += 1) {
      log.append(37);
      const { size, root } = await signedUpTo(log.records.length);
      seen.set(size, root);
    }
    const table = new TileTable(notaries.pool, LOG_NAME);
    const size = log.records.length;
    const root = rootOf(log.records);
    const { read } = await openTiles(tree, { size, root }, table.fetch);
    for (const [oldSize, oldRoot] of seen) {
      const proof = await proveConsistency(tree, oldSize, size, read);
      expect(verifyConsistency(tree, { oldSize, size, oldRoot, root }, proof)).toBe(true);
    }
  });
});
