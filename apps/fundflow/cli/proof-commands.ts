import type { Command } from 'commander';
import { proveConsistency } from '@fundflow/proof/consistency';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { formatVerifierKey } from '@fundflow/proof/note-key';
import { parseNote } from '@fundflow/proof/note';
import { openTiles, type TileFetch } from '@fundflow/proof/tile-reader';
import { tilePath } from '@fundflow/proof/tiles';
import { formatAddCheckpoint } from '@fundflow/proof/witness';
import type { ReceiptAnswer } from '../../ledger/submissions/receipt.js';
import type { ProofStatusAnswer } from '../../notary/tlog/proof-status.js';
import { openWitnessDesk } from '../../notary/witness/witness-settings.js';
import { addAdoptCommand } from './adopt-command.js';
import { addKeyCommands } from './key-commands.js';
import type { ApiClient } from './api-client.js';
import { CommandFailed } from './command-failed.js';
import { onLog } from './database-of-ledger.js';
import {
  type ConnectionOptions,
  connected,
  type JsonOptions,
  withConnection,
  withJson,
} from './connection.js';
import { withExamples } from './help.js';
import { saveTo, textOf } from './local-files.js';
import { note, print, printJson, write } from './output.js';
import { wholeNumber } from './reading-options.js';

const LOG = '/tlog/fund-plan';
const POSITION_MAX = 1e15 - 1;
const EXPORT_PAGE = 5_000;
const TILES_AT_ONCE = 8;

interface OutOptions extends ConnectionOptions {
  readonly out?: string;
}

/** Receipts, proofs, checkpoints and the log as a file: what a unit or an auditor takes away. */
export function addProofCommands(program: Command): void {
  const position = wholeNumber({ min: 1, max: POSITION_MAX });
  const receipting = withConnection(
    program
      .command('receipt')
      .description('一份提交的入账回执：每条记录的序号和叶哈希（单位留存，作为对记账方的证据）')
      .argument('<提交编号>')
      .option('--out <文件>', '写入文件（JSON）'),
  );
  withExamples(receipting, [
    ['fundflow receipt 提交编号 --out 回执.json', '留存一份提交的回执'],
  ]).action(receipt);
  const proving = withConnection(
    program
      .command('proof')
      .description(
        '一条记录的存在证明（.tlog-proof），见证之后才有；可用 fundflow-verify proof 离线核对',
      )
      .argument('<位置>', '账本位置', position)
      .option('--out <文件>', '写入文件'),
  );
  withExamples(proving, [
    ['fundflow proof 17 --out 17.tlog-proof', '第 17 条记录的存在证明'],
  ]).action(proof);
  const exporting = program
    .command('export-log')
    .description('导出账本原文（每行一条 {"position","record"}），供 fundflow-verify db 离线核对')
    .option('--out <文件>', '写入文件（默认标准输出）')
    .option('--after <位置>', '从该位置之后起', wholeNumber({ min: 0, max: POSITION_MAX }), 0);
  withExamples(exporting, [
    ['fundflow export-log --out 账本.jsonl', '供 fundflow-verify db 离线核对'],
  ]).action(exportLog);
  addCheckpointCommands(program.command('checkpoint').description('检查点：查看、导出、离线联署'));
}

function addCheckpointCommands(command: Command): void {
  const showing = withJson(command.command('show').description('当前检查点和见证情况'));
  withExamples(showing, [['fundflow checkpoint show', '大小、公钥、各见证人联署到哪里']]).action(
    show,
  );
  const saving = withConnection(
    command
      .command('save')
      .description(
        '留存已公布的检查点和核验策略，供 fundflow-verify 和 fundflow verify --checkpoint',
      )
      .requiredOption('--out <文件>', '检查点文件')
      .option('--policy <文件>', '同时写出核验策略（日志与见证人的公钥）'),
  );
  withExamples(saving, [
    ['fundflow checkpoint save --out 年底.checkpoint --policy 策略', '每年留存一份'],
  ]).action(save);
  const exporting = withConnection(
    command
      .command('export')
      .description('导出请见证人联署的请求文件（C2SP tlog-witness add-checkpoint）')
      .requiredOption('--out <文件>', '请求文件')
      .option(
        '--old <大小>',
        '该见证人上次联署的大小（首次为 0）',
        wholeNumber({ min: 0, max: POSITION_MAX }),
        0,
      ),
  );
  withExamples(exporting, [
    ['fundflow checkpoint export --out 请求', '带给离线见证人'],
    ['fundflow checkpoint export --old 1200 --out 请求', '该见证人上次联署到 1200 条'],
  ]).action(exportCheckpoint);
  const cosigning = command
    .command('cosign')
    .description('见证人：对请求文件联署（设置见 FUNDFLOW_WITNESS_NAME、FUNDFLOW_WITNESS_LOGS）')
    .argument('<请求文件>')
    .requiredOption('--out <文件>', '联署后的检查点');
  withExamples(cosigning, [
    ['fundflow checkpoint cosign 请求 --out 联署', '见证人在自己的机器上执行'],
  ]).action(cosign);
  const importing = withConnection(
    command.command('import').description('交回联署后的检查点').argument('<检查点文件>'),
  );
  withExamples(importing, [['fundflow checkpoint import 联署', '带回后交入']]).action(
    importCheckpoint,
  );
  addAdoptCommand(command);
  addKeyCommands(command);
  withExamples(command, [
    ['fundflow checkpoint save --out 年底.checkpoint --policy 策略', '每年留存一份'],
    ['fundflow checkpoint export --out 请求', '带给离线见证人'],
    ['fundflow checkpoint cosign 请求 --out 联署', '见证人在自己的机器上执行'],
    ['fundflow checkpoint import 联署', '带回后交入'],
  ]);
}

async function receipt(id: string, options: OutOptions): Promise<void> {
  await connected(options, async (client) => {
    const path = `/api/v1/submissions/${encodeURIComponent(id)}/receipt`;
    const first = await client.get<ReceiptAnswer>(path);
    const entries = [...first.entries];
    for (let after = first.next; after !== null;) {
      const page = await client.get<ReceiptAnswer>(path, { after: `${after}` });
      entries.push(...page.entries);
      after = page.next;
    }
    const whole = { ...first, entries, next: null };
    if (options.out === undefined) return printJson(whole);
    await saveTo(options.out, `${JSON.stringify(whole, null, 2)}\n`);
    note(`回执共 ${entries.length} 条，已写入 ${options.out}。`);
  });
}

async function proof(position: number, options: OutOptions): Promise<void> {
  await connected(options, async (client) => {
    const answer = await client.open(`/api/v1/events/${position}/proof`);
    const text = await answer.text();
    if (options.out === undefined) return write(text);
    await saveTo(options.out, text);
    note(`位置 ${position} 的证明已写入 ${options.out}。`);
  });
}

async function exportLog(options: { out?: string; after: number }): Promise<void> {
  const { out, after } = options;
  await onLog(async ({ store }) => {
    let exported = 0;
    const pages = async function* (): AsyncGenerator<string> {
      for (;;) {
        const from = after + exported;
        const records = await store.readRecords(BigInt(from), EXPORT_PAGE);
        if (records.length === 0) return;
        exported += records.length;
        yield records
          .map((record, at) => `${JSON.stringify({ position: from + at + 1, record })}\n`)
          .join('');
      }
    };
    if (out === undefined) for await (const page of pages()) await write(page);
    else await saveTo(out, pages(), { mode: 0o600 });
    note(`已导出 ${exported} 条记录。`);
  });
}

const logOf = async (client: ApiClient) => {
  const status = await client.get<ProofStatusAnswer>('/api/v1/proof');
  const [log] = status.logs;
  if (!log) throw new CommandFailed('no-log', '该账本没有透明日志。');
  return { ...log, statement: status.statement };
};

function show(options: JsonOptions): Promise<void> {
  return connected(options, async (client) => {
    const log = await logOf(client);
    if (options.json) return printJson(log);
    await print(`日志：${log.origin ?? '（尚未签署）'}　公钥：${log.vkey ?? '—'}`);
    await print(`已签署：${log.signed?.size ?? 0} 条　已见证：${log.witnessed?.size ?? 0} 条`);
    for (const { name, size, failure } of log.notary?.witnesses ?? []) {
      await print(`  见证人 ${name}：${size ?? 0} 条${failure ? `（${failure}）` : ''}`);
    }
    await print(log.statement);
  });
}

function save(options: ConnectionOptions & { out: string; policy?: string }): Promise<void> {
  return connected(options, async (client) => {
    const { policy } = await logOf(client);
    const published = await (await client.open(`${LOG}/checkpoint`)).text();
    await saveTo(options.out, published);
    if (options.policy !== undefined) await saveTo(options.policy, policy);
    const { size } = parseCheckpoint(parseNote(published).text);
    note(`检查点（${size} 条）已写入 ${options.out}。`);
  });
}

function exportCheckpoint(options: ConnectionOptions & { out: string; old: number }) {
  return connected(options, async (client) => {
    const { signed } = await logOf(client);
    if (!signed) throw new CommandFailed('no-checkpoint-yet', '尚无检查点可导出。');
    const { size, root } = parseCheckpoint(parseNote(signed.note).text);
    if (options.old > size) {
      throw new CommandFailed(
        'old-too-large',
        `检查点只有 ${size} 条，少于 --old ${options.old}。`,
      );
    }
    const tiles = await openTiles(sha256Tree, { size, root }, tilesOver(client));
    const hashes = await proveConsistency(sha256Tree, options.old, size, tiles.read);
    await saveTo(options.out, formatAddCheckpoint(options.old, hashes, signed.note));
    note(`检查点（${size} 条）的请求已写入 ${options.out}。`);
  });
}

/** The public tiles of a running ledger, a few at a time. */
const tilesOver =
  (client: ApiClient): TileFetch =>
  async (tiles) => {
    const found: Uint8Array[] = [];
    for (let from = 0; from < tiles.length; from += TILES_AT_ONCE) {
      const some = tiles.slice(from, from + TILES_AT_ONCE);
      const answers = some.map(async (tile) => {
        const answer = await client.open(`${LOG}/${tilePath(tile)}`);
        return new Uint8Array(await answer.arrayBuffer());
      });
      found.push(...(await Promise.all(answers)));
    }
    return found;
  };

async function cosign(request: string, options: { out: string }): Promise<void> {
  const { desk, key } = await openWitnessDesk(process.env);
  const { answer, note: signed } = await desk.add(await textOf(request));
  if (signed === null) {
    const why = answer.body.trim();
    throw new CommandFailed(
      `witness-${answer.status}`,
      answer.status === 409
        ? `本见证人已联署到 ${why} 条：请以 checkpoint export --old ${why} 重新导出。若大小相同仍被拒，说明存在两份历史。`
        : `本见证人拒绝联署：${why}`,
    );
  }
  await saveTo(options.out, signed);
  note(`已联署，写入 ${options.out}。见证人公钥：${formatVerifierKey(key)}`);
}

function importCheckpoint(file: string, options: ConnectionOptions): Promise<void> {
  return connected(options, async (client) => {
    const body = { note: await textOf(file) };
    const taken = await client.send<{ size: number; witnesses: string[]; witnessed: boolean }>(
      ...(['POST', '/api/v1/proof/checkpoints', body] as const),
    );
    const state = taken.witnessed ? '已达到见证要求' : '尚未达到见证要求';
    await print(`已收下 ${taken.witnesses.join('、')} 对 ${taken.size} 条的联署，${state}。`);
  });
}
