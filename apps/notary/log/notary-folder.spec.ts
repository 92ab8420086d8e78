import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import { addSigningKey, retireSigningKey } from '@fundflow/proof/files/signing-key-change';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { formatVerifierKey } from '@fundflow/proof/note-key';
import { judgeCheckpoint, parsePolicy } from '@fundflow/proof/policy';
import { TileTable } from '@fundflow/proof/postgres/tile-table';
import { parseMemory } from '@fundflow/proof/signer';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { type ALog, aLogOf } from '../../../test/support/a-log.js';
import { adoptLog, type Adoption } from './adopt.js';
import { inState, Notaries, rootOf } from '../../../test/support/notaries.js';

const notaries = new Notaries();
const { start, signedUpTo } = notaries;

async function leavesOf(file: LeafFile, size: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for await (const page of file.pages(size)) {
    leaves.push(...page.map((leaf) => new Uint8Array(leaf)));
  }
  return leaves;
}

describe('what the notary keeps beside its log', () => {
  it('keeps the leaves it signed, also those from before it kept any', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    const leaves = new LeafFile(notaries.directory, LOG_NAME);
    expect(await leavesOf(leaves, 300)).toEqual(log.records.map((record) => tree.leaf(record)));
    await rm(join(notaries.directory, `${LOG_NAME}.leaves`));
    log.append(44);
    await start(log);
    await signedUpTo(344);
    expect(await leavesOf(leaves, 400)).toEqual(log.records.map((record) => tree.leaf(record)));
  });

  it('refuses to go on from an older memory than its leaves', async () => {
    const log = aLogOf(300);
    const first = await start(log);
    await signedUpTo(300);
    await first.stop();
    await cp(notaries.directory, `${notaries.directory}-old`, { recursive: true });
    log.append(10);
    const second = await start(log);
    await signedUpTo(310);
    await second.stop();
    const newer = join(notaries.directory, `${LOG_NAME}.leaves`);
    await rm(join(`${notaries.directory}-old`, `${LOG_NAME}.leaves`));
    await cp(newer, join(`${notaries.directory}-old`, `${LOG_NAME}.leaves`));
    await rm(notaries.directory, { recursive: true });
    await cp(`${notaries.directory}-old`, notaries.directory, { recursive: true });
    const { failure } = await inState(await start(log), 'refused');
    expect(failure).toContain('恢复了旧的记忆文件');
  });

  describe('whose key is exchanged', () => {
    const file = () => join(notaries.directory, `${LOG_NAME}.key`);
    const vkeyOf = async () => (await new TileTable(notaries.pool, LOG_NAME).tree())!.vkey;
    const accepts = (note: string, vkey: string) =>
      judgeCheckpoint(note, parsePolicy(`log ${vkey}\nquorum none\n`, nodeCrypto), nodeCrypto);

    it('signs with both, and then with the new one alone, one history', async () => {
      const log = aLogOf(20);
      const first = await start(log);
      await signedUpTo(20);
      await first.stop();
      const former = await vkeyOf();
      const next = formatVerifierKey(await addSigningKey(file()));
      log.append(5);
      const second = await start(log);
      const { note } = await signedUpTo(25);
      await second.stop();
      for (const vkey of [former, next]) expect(accepts(note, vkey).outcome).toBe('accepted');
      expect(await vkeyOf()).toBe(former);
      await retireSigningKey(file());
      log.append(5);
      await start(log);
      const last = await signedUpTo(30);
      expect(last.root).toEqual(rootOf(log.records));
      expect(accepts(last.note, next).outcome).toBe('accepted');
      expect(accepts(last.note, former).outcome).not.toBe('accepted');
      expect(await vkeyOf()).toBe(next);
    });

    it('does not go on under a key that the former one never signed beside', async () => {
      const log = aLogOf(20);
      const first = await start(log);
      await signedUpTo(20);
      await first.stop();
      await addSigningKey(file());
      await retireSigningKey(file());
      const { failure } = await inState(await start(log), 'stopped');
      expect(failure).toContain('与当前签名密钥');
    });
  });

  describe('whose memory is gone', () => {
    let log: ALog;
    let head: { size: number; root: Uint8Array };
    const names = () => readdir(notaries.directory);
    const adopt = (changed: Partial<Adoption> = {}) =>
      adoptLog({
        ...{ origin: 'fund.example.org/tlog/fund-plan', tree, head, log },
        memory: new MemoryFile(notaries.directory, LOG_NAME),
        leaves: new LeafFile(notaries.directory, LOG_NAME),
        ...changed,
      });

    beforeEach(async () => {
      log = aLogOf(300);
      const first = await start(log);
      head = await signedUpTo(300);
      log.append(40);
      await signedUpTo(340);
      await first.stop();
      for (const name of await names()) {
        if (/^fund-plan\.\d+$/.test(name)) await rm(join(notaries.directory, name));
      }
    });

    it('goes on from a checkpoint that was kept elsewhere, and from every leaf that is still there', async () => {
      expect(await adopt()).toBeNull();
      const { text } = (await new MemoryFile(notaries.directory, LOG_NAME).read())!;
      expect(parseMemory(text, tree).range.root()).toEqual(rootOf(log.records));
      log.append(3);
      await start(log);
      expect((await signedUpTo(343)).root).toEqual(rootOf(log.records));
    });

    it('goes on without its leaves too', async () => {
      await rm(join(notaries.directory, `${LOG_NAME}.leaves`));
      expect(await adopt()).toBeNull();
      log.append(3);
      await start(log);
      await signedUpTo(343);
      expect(await leavesOf(new LeafFile(notaries.directory, LOG_NAME), 400)).toHaveLength(343);
    });

    it.each([
      ['that head', 17],
      ['the leaves after it', 320],
    ])('does not go on with a log that does not have %s', async (_, index) => {
      log.records[index] = '{"改":1}';
      expect(await adopt()).toBe('log-differs');
      expect(await new MemoryFile(notaries.directory, LOG_NAME).read()).toBeNull();
    });

    it('does not replace a memory that is there', async () => {
      expect(await adopt()).toBeNull();
      expect(await adopt()).toBe('memory-present');
    });
  });
});
