import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '@fundflow/nest-edge/configuration';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { loadSigningKey } from '@fundflow/proof/files/signing-key-file';
import { Malformed } from '@fundflow/proof/malformed';
import { sha256Tree, sm3Tree } from '@fundflow/proof/node-hash';
import { isKeyName } from '@fundflow/proof/note';
import {
  ED25519,
  ED25519_COSIGNATURE,
  type NoteKey,
  parseVerifierKey,
} from '@fundflow/proof/note-key';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import type { NotaryEnvironment } from '../settings.js';
import { type WatchedLog, WitnessDesk } from './witness-desk.js';

const DIRECTORY_DEFAULT = './witness';
const LOGS_MAX = 1_000;

/** The public keys of a file, one a line; empty lines and lines that begin with # are left out. */
function logsOf(file: string, name: string, tree: TreeHash, problems: string[]): WatchedLog[] {
  const path = resolve(file);
  if (!existsSync(path)) {
    problems.push(`${name} 指定的文件不存在：“${file}”`);
    return [];
  }
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .slice(0, LOGS_MAX);
  return lines.flatMap((line) => {
    try {
      const key = parseVerifierKey(line, nodeCrypto);
      if (key.type === ED25519) return [{ key, tree }];
      problems.push(`${name}：${key.name} 的公钥不是日志的 Ed25519 公钥`);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      problems.push(`${name} 中有一行不是公钥：${error.message}`);
    }
    return [];
  });
}

/**
 * A witness from the environment: FUNDFLOW_WITNESS_NAME (needed for a new key), FUNDFLOW_WITNESS_LOGS (a file of public
 * keys), FUNDFLOW_WITNESS_SM3_LOGS (the same for trees in SM3), FUNDFLOW_WITNESS_DIR (key and memory, `./witness`),
 * FUNDFLOW_WITNESS_KEY (the key itself or its file).
 *
 * @throws ConfigurationError, SigningKeyUnusable with messages for whoever starts it (zh-CN)
 */
export async function openWitnessDesk(environment: NotaryEnvironment): Promise<{
  readonly desk: WitnessDesk;
  readonly key: NoteKey;
}> {
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const problems: string[] = [];
  const [files, sm3Files] = [text('FUNDFLOW_WITNESS_LOGS'), text('FUNDFLOW_WITNESS_SM3_LOGS')];
  const logs = [
    ...(files ? logsOf(files, 'FUNDFLOW_WITNESS_LOGS', sha256Tree, problems) : []),
    ...(sm3Files ? logsOf(sm3Files, 'FUNDFLOW_WITNESS_SM3_LOGS', sm3Tree, problems) : []),
  ];
  if (problems.length === 0 && logs.length === 0) {
    problems.push('请以 FUNDFLOW_WITNESS_LOGS 指定所见证日志的公钥文件（每行一个 vkey）');
  }
  const directory = resolve(text('FUNDFLOW_WITNESS_DIR') ?? DIRECTORY_DEFAULT);
  const configured = text('FUNDFLOW_WITNESS_KEY');
  const isInline = configured?.startsWith('PRIVATE+KEY+') ?? false;
  const file = configured !== null && !isInline ? resolve(configured) : join(directory, 'key');
  const name = text('FUNDFLOW_WITNESS_NAME') ?? '';
  const needsName = !isInline && !existsSync(file);
  if (needsName && (!isKeyName(name) || name.includes('://'))) {
    problems.push('首次启动须以 FUNDFLOW_WITNESS_NAME 命名见证人，形如 witness.example.gov.cn/w1');
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  const key = await loadSigningKey({
    ...{ configured: isInline ? configured : null, file, name, type: ED25519_COSIGNATURE },
    mustExist: false,
  });
  const desk = new WitnessDesk({ key, logs, directory, now: () => new Date() });
  return { desk, key: key.key };
}
