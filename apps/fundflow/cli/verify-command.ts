import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { chineseName, EVENT_NAMES } from '@fundflow/domain/chinese-names';
import { readConfiguration } from '@fundflow/nest-edge/configuration';
import type { AlertComparison } from '@fundflow/projections/alerts/round';
import type { Comparison } from '@fundflow/projections/rebuild/rebuild';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { formerKeys } from '@fundflow/proof/files/signing-key-change';
import { loadSigningKeys } from '@fundflow/proof/files/signing-key-file';
import { MemoryDamaged, MemoryFile } from '@fundflow/proof/files/memory-file';
import { Malformed } from '@fundflow/proof/malformed';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { ED25519, formatVerifierKey } from '@fundflow/proof/note-key';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { NOT_DETECTED } from '@fundflow/proof/sentences';
import { parseMemory } from '@fundflow/proof/signer';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import { logKeyFile, type NotarySettings, readNotarySettings } from '../../notary/settings.js';
import { LeafHasher } from '../../notary/verify/leaf-hasher.js';
import {
  type Dependents,
  type ProofProblem,
  type ProofVerdict,
  type Remembered,
  verifyProof,
} from '../../notary/verify/verify-proof.js';
import { CommandFailed } from './command-failed.js';
import { onLedger, onLog, type OpenedLedger } from './database-of-ledger.js';
import { withExamples } from './help.js';
import { textOf } from './local-files.js';
import { comparisonText, replay } from './operating-commands.js';
import { note, print, printJson } from './output.js';

interface VerifyOptions {
  readonly checkpoint: readonly string[];
  readonly vkey?: string;
  readonly logOnly?: boolean;
  readonly json?: boolean;
}

/** `fundflow verify`: the log against what was signed, the tiles against the log, the tables against a replay. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .summary('核验账本、检查点、哈希瓦片和查询表')
    .description(
      '核验：逐条重算透明日志，与已签署的检查点和哈希瓦片比对；再重放账本，与查询表逐表比对。账本运行或停止时均可。' +
        '有差异则指出第一处及受影响的内容，以 1 退出。',
    )
    .option(
      '--checkpoint <文件>',
      '另行保存的检查点（见证人、审计留存或回执所附），可多次给出',
      (file: string, before: readonly string[]) => [...before, file],
      [] as readonly string[],
    )
    .option('--vkey <公钥>', '日志公钥（默认取自本机签名密钥，其次取自数据库）')
    .option('--log-only', '只核验账本与检查点，不重放查询表')
    .option('--json', '以 JSON 输出核验结果');
  withExamples(command, [
    ['fundflow verify', '账本、检查点、瓦片、查询表'],
    ['fundflow verify --checkpoint 2025年底.checkpoint', '同时与去年底留存的检查点比对'],
  ]).action(verify);
}

async function verify(options: VerifyOptions): Promise<void> {
  const say = options.json ? () => Promise.resolve() : print;
  const verdict = await onLog((ledger) => verdictOn(ledger, options));
  const compared: Compared = { tables: null, alerts: null };
  try {
    await sayVerdict(verdict, say);
    if (!options.logOnly) await compareTables(compared, say);
  } finally {
    if (options.json) await printJson(plain({ ...verdict, ...compared }));
  }
}

/** Null: not asked for, or not come to, since something before differs. */
interface Compared {
  tables: Comparison | null;
  alerts: AlertComparison | null;
}

type Say = (text: string) => Promise<void>;

async function sayVerdict(verdict: ProofVerdict, say: Say): Promise<void> {
  const [first] = verdict.problems;
  if (!first) return say(`${summaryOf(verdict)}\n${NOT_DETECTED.zh}`);
  for (const problem of verdict.problems) note(messageOf(problem));
  if (verdict.dependents) note(await dependentsText(verdict.dependents));
  throw new CommandFailed(first.kind, messageOf(first));
}

/** Tables, and the alerts as of their own position, beside what the log makes of them. */
async function compareTables(compared: Compared, say: Say): Promise<void> {
  const { verifyProjections } = await import('@fundflow/projections/rebuild/rebuild');
  const { verifyAlerts } = await import('@fundflow/projections/alerts/round');
  compared.tables = await replay(verifyProjections);
  await say(comparisonText(compared.tables, '已核验'));
  note('重新计算预警…');
  compared.alerts = await onLedger(async ({ pool }) => {
    const client = await pool.connect();
    return verifyAlerts(client).finally(() => client.release());
  });
  await say(alertsText(compared.alerts));
}

/** @throws CommandFailed `alerts-differ` */
function alertsText({ position, differing }: AlertComparison): string {
  if (differing === null) return '预警正在更新，未能比对，请稍后再次核验。';
  if (differing === 0) return `预警至位置 ${position}，与账本一致。`;
  const message = `至位置 ${position}，有 ${differing} 条预警与账本不一致。`;
  throw new CommandFailed('alerts-differ', message);
}

async function verdictOn(
  { pool, store }: OpenedLedger,
  options: VerifyOptions,
): Promise<ProofVerdict> {
  const hasher = new LeafHasher();
  try {
    await createTlogSchema(pool);
    const pinned = await Promise.all(
      options.checkpoint.map(async (source) => ({ source, note: await textOf(source) })),
    );
    const settings = readNotarySettings(process.env, readConfiguration(process.env));
    const own = settings && (await ownVkeys(settings));
    const vkeys = options.vkey === undefined ? (own?.present ?? []) : [options.vkey];
    const formerVkeys = own?.former ?? [];
    const remembered = settings && (await ownMemory(settings));
    note('重算透明日志…');
    return await verifyProof({
      ...{ store, pool, pinned, vkeys, formerVkeys, remembered, hasher, onProgress: progress },
    });
  } finally {
    await hasher.close();
  }
}

const progress = (records: number): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r  ${records}\r`);
};

export interface OwnVkeys {
  readonly present: readonly string[];
  readonly former: readonly string[];
}

/** Of the keys on this machine: the database may have been changed to name another. */
export async function ownVkeys(settings: NotarySettings): Promise<OwnVkeys> {
  const file = logKeyFile(settings, LOG_NAME);
  const source = { configured: settings.key, file, name: settings.origin, type: ED25519 } as const;
  const isThere = settings.key !== null || existsSync(file);
  const keys = isThere ? await loadSigningKeys({ ...source, mustExist: true }) : [];
  const present = keys.map(({ key }) => formatVerifierKey(key));
  return { present, former: await formerKeys(file) };
}

/** What the signer on this machine remembers: whoever reaches the database alone cannot have changed it. */
async function ownMemory({ directory }: NotarySettings): Promise<Remembered | null> {
  try {
    const memory = await new MemoryFile(directory, LOG_NAME).read();
    if (memory === null) return null;
    const { range } = parseMemory(memory.text, sha256Tree);
    return { size: range.size, root: range.root(), leaves: new LeafFile(directory, LOG_NAME) };
  } catch (error) {
    if (!(error instanceof MemoryDamaged || error instanceof Malformed)) throw error;
    throw new CommandFailed('memory-damaged', `签名程序的记忆不可用：${error.message}`);
  }
}

const SOURCES: Readonly<Record<string, string>> = {
  signed: '最新签署的检查点',
  witnessed: '最新见证的检查点',
  remembered: '签名程序记住的检查点',
};
const sourceName = (source: string): string => SOURCES[source] ?? `检查点 ${source}`;

function summaryOf({ records, tiles, heads }: ProofVerdict): string {
  const against = heads.map(({ source, size }) => `${sourceName(source)}（${size} 条）`).join('、');
  const what = against === '' ? '尚无检查点可比对' : `与${against}一致`;
  return `透明日志已核验：${records} 条记录、${tiles} 块哈希瓦片，${what}。`;
}

/** One sentence a problem, naming the record by its position. */
export function messageOf(problem: ProofProblem): string {
  switch (problem.kind) {
    case 'checkpoint-forged':
      return `${sourceName(problem.source)}不是由本日志的密钥签署的，或已被改动。`;
    case 'record-missing':
      return `位置 ${problem.index + 1} 的记录不见了（其后仍有记录）。`;
    case 'log-is-shorter':
      return (
        `账本在位置 ${problem.index} 之后中断，而${sourceName(problem.head.source)}有 ` +
        `${problem.head.size} 条：自位置 ${problem.index + 1} 起的记录不见了（截短或恢复了旧备份）。`
      );
    case 'record-changed':
      return (
        `第一处不符：位置 ${problem.index + 1}（序号 ${problem.index}）的记录与` +
        `${sourceName(problem.head.source)}不一致，已被改动、删除、插入或调换。`
      );
    case 'log-differs':
      return (
        `账本与${sourceName(problem.head.source)}（${problem.head.size} 条）不一致；瓦片也已改写，` +
        '签名目录中也没有可用的叶哈希，无法由本机数据定位。请与见证人或镜像保存的瓦片比对（fundflow-verify db --tiles）。'
      );
    case 'tile-changed':
      return `哈希瓦片 ${problem.tile} 与账本不符${placeOf(problem.index)}；账本本身与检查点一致。`;
    case 'tile-missing':
      return `哈希瓦片 ${problem.tile} 不见了；账本本身与检查点一致，重启公证程序可重建。`;
  }
}

const placeOf = (index: number | null): string =>
  index === null ? '' : `（自位置 ${index + 1} 起）`;

async function dependentsText(dependents: Dependents): Promise<string> {
  const { position, type, stream, submission, region } = dependents;
  const { readTables } = await import('@fundflow/projections/read-model');
  const facts = [
    type === null ? null : `记录类型：${chineseName(EVENT_NAMES, type)}`,
    stream === null ? null : `归属：${stream}`,
    submission === null ? null : `提交：${submission}`,
    region === null ? null : `区划：${region}`,
  ].filter((fact) => fact !== null);
  const now = facts.length === 0 ? '该位置现无可读的记录' : facts.join('；');
  const tables = readTables.map(({ name }) => name).join('、');
  return (
    `  位置 ${position} 现有内容：${now}。\n` +
    `  由账本推出、因而同样不可信的内容：该提交的回执与其后全部记录的证明；查询表 ${tables}。`
  );
}

/** Roots as base64 and positions as decimal strings, so that it is JSON. */
const plain = (verdict: ProofVerdict & Compared): unknown =>
  JSON.parse(
    // What stands in the object itself: a Buffer has been made numbers of by the time it is handed over as value.
    JSON.stringify(verdict, function (this: Record<string, unknown>, key) {
      const value = this[key];
      if (typeof value === 'bigint') return String(value);
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
    }),
  );
