import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { formatKeys } from '@fundflow/proof/bundle';
import { formatCheckpoint } from '@fundflow/proof/checkpoint';
import {
  cosignText,
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  signText,
  type SigningKey,
} from '@fundflow/proof/ed25519';
import { toHex, toUtf8 } from '@fundflow/proof/encoding';
import { proveInclusion } from '@fundflow/proof/inclusion';
import { sha256, sha256Tree, sm3 } from '@fundflow/proof/node-hash';
import { ED25519, ED25519_COSIGNATURE, formatVerifierKey } from '@fundflow/proof/note-key';
import { formatNote } from '@fundflow/proof/note';
import { parsePolicy } from '@fundflow/proof/policy';
import { TileWriter, type Tile } from '@fundflow/proof/tile-writer';
import { formatTlogProof } from '@fundflow/proof/tlog-proof';
import type { TreeHash } from '@fundflow/proof/tree-hash';
import { commit } from '@fundflow/vault/commitment';
import { plainTree, type PlainTree } from './plain-tree.js';

/** A log with its key and three witnesses, two of whom must agree. */
export interface WitnessedLog {
  readonly origin: string;
  readonly records: readonly string[];
  readonly plain: PlainTree;
  readonly policy: string;
  /** The signed checkpoint of this size, cosigned by so many witnesses. */
  readonly checkpoint: (size: number, witnesses?: number) => string;
  readonly log: SigningKey;
  /** Another history under the same keys: what a log must never sign. */
  readonly fork: (records: readonly string[]) => WitnessedLog;
}

const WITNESSES = ['纪委', '审计局', '省财政厅'];
const TIME_SEC = 1_700_000_000n;

export function witnessedLog(
  records: readonly string[],
  origin = 'audit.example/tlog/fund-plan',
  tree: TreeHash = sha256Tree,
): WitnessedLog {
  const log = parseSigningKey(generateSigningKey(origin, ED25519));
  const witnesses = WITNESSES.map((name) =>
    parseSigningKey(generateSigningKey(`${name}.example`, ED25519_COSIGNATURE)),
  );
  return signedBy({ log, witnesses }, records, tree);
}

function signedBy(
  keys: { readonly log: SigningKey; readonly witnesses: readonly SigningKey[] },
  records: readonly string[],
  tree: TreeHash,
): WitnessedLog {
  const { log, witnesses } = keys;
  const origin = log.key.name;
  const plain = plainTree(tree, records);
  const lines = witnesses.map(
    ({ key }, i) => `witness ${WITNESSES[i]} ${formatVerifierKey(key)}\n`,
  );
  const group = `group 见证 2 ${WITNESSES.join(' ')}\nquorum 见证\n`;
  return {
    ...{ origin, records, plain, log },
    policy: `log ${formatVerifierKey(log.key)}\n${lines.join('')}${group}`,
    checkpoint: (size, count = 2) => {
      const text = formatCheckpoint({ origin, size, root: plain.root(size) });
      const cosigned = witnesses.slice(0, count).map((key) => cosignText(key, text, TIME_SEC));
      return formatNote({ text, signatures: [signText(log, text), ...cosigned] });
    },
    fork: (others) => signedBy(keys, others, tree),
  };
}

/** Opening of every commitment of `personRecord`: the same bytes, since nothing secret is tested here. */
export const OPENING = new Uint8Array(32).fill(7);
export const OPENING_TEXT = Buffer.from(OPENING).toString('base64url');

/** A record about a person, as the ledger writes one; `attachment` is a digest it names. */
export function personRecord(n: number, name: string, attachment: string | null = null): string {
  const payee = { kind: 'person', name: commit('name', name, OPENING), code: null, account: null };
  const data = attachment === null ? { payee } : { attachment, payee };
  return JSON.stringify({ data, eventId: `event-${n}`, type: 'PaymentMade', version: n });
}

export type Members = Map<string, Uint8Array>;

/** A whole bundle of these positions against the checkpoint of the whole log. */
export async function bundleOf(
  log: WitnessedLog,
  positions: readonly number[],
  extra: Members = new Map(),
): Promise<Members> {
  const size = log.records.length;
  const checkpointText = log.checkpoint(size);
  const keys = formatKeys(parsePolicy(log.policy, nodeCrypto), nodeCrypto);
  const members: Members = new Map([
    ['checkpoint', toUtf8(checkpointText)],
    ['policy', toUtf8(log.policy)],
    ['keys', toUtf8(keys)],
    ...extra,
  ]);
  for (const position of positions) {
    const index = position - 1;
    const inclusion = await proveInclusion(sha256Tree, index, size, log.plain.read);
    const proof = formatTlogProof({ extra: null, index, inclusion, checkpointText });
    members.set(`records/${position}.json`, toUtf8(log.records[index]!));
    members.set(`proofs/${position}.tlog-proof`, toUtf8(proof));
  }
  return withManifest(members);
}

/** Writes the manifest anew, as somebody would who hides what was changed. */
export function withManifest(members: Members): Members {
  const listed = [...members]
    .filter(([path]) => path !== 'manifest.json')
    .map(([path, bytes]) => ({
      ...{ path, bytes: bytes.length },
      ...{ sha256: toHex(sha256(bytes)), sm3: toHex(sm3(bytes)) },
    }));
  const manifest = {
    ...{ format: 'fundflow-evidence/v1', tree: 'sha256', createdAt: '2026-01-31T02:03:04.567Z' },
    exporter: { actor: 'p-17', unit: '纪委监委' },
    ...{ reason: null, caseId: null, question: { kind: 'trail', code: '450124' } },
    members: listed.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  return new Map(members).set('manifest.json', toUtf8(JSON.stringify(manifest)));
}

export async function writeZip(members: Members, path: string): Promise<void> {
  const zip = new ZipFile();
  for (const [name, bytes] of members) {
    zip.addBuffer(Buffer.from(bytes), name, { mtime: new Date(0), mode: 0o100600 });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** The hash tiles of the whole log. */
export function tilesOf(log: WitnessedLog, tree: TreeHash = sha256Tree): Tile[] {
  const writer = TileWriter.empty(tree);
  for (const record of log.records) writer.append(tree.leaf(record));
  return writer.take();
}

/** The log as `npx fundflow export-log` writes it. */
export function exportedLog(records: readonly string[]): string {
  return records.map((record, i) => `${JSON.stringify({ position: i + 1, record })}\n`).join('');
}
