import { verifyBundle, type ValidBundle } from '@fundflow/proof/bundle';
import { compareCheckpoints } from '@fundflow/proof/compare-checkpoints';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { fromHex } from '@fundflow/proof/encoding';
import { Found, reading } from '@fundflow/proof/findings';
import { accepted } from '@fundflow/proof/judged';
import { hashOf, judgeProof, parseTlogProof } from '@fundflow/proof/tlog-proof';
import type { Hash, TreeHash } from '@fundflow/proof/tree-hash';
import type { Answer } from './answer.js';
import { readBytes, readText } from './input-files.js';
import { nodeMeans } from './node-means.js';
import { tileFolder } from './tile-folder.js';
import { readCheckpoint, readPolicy, treeOf, witnessNames } from './trust.js';
import { openZip } from './zip-members.js';

/** `proof FILE`: a receipt against the record it is about. */
export async function checkProof(
  path: string,
  options: {
    readonly policy: string;
    readonly record: string | undefined;
    readonly leaf: string | undefined;
    readonly tree: string | undefined;
  },
): Promise<Answer> {
  const tree = treeOf(options.tree);
  const policy = await readPolicy(options.policy);
  const text = await readText(path);
  const proof = reading(path, () => parseTlogProof(text));
  const leaf = await leafOf(options, tree);
  const { index } = proof;
  const judged = reading(path, () => judgeProof(proof, leaf, policy, { tree, crypto: nodeCrypto }));
  if (judged.outcome === 'refused' && judged.reason === 'not-included') {
    throw new Found({ code: 'not-included', position: index + 1 });
  }
  const head = accepted(judged);
  const { origin, size } = head;
  return {
    outcome: 'valid',
    facts: { origin, size, index, position: index + 1, witnesses: head.witnesses },
    zh: `有效：该记录是日志“${origin}”的第 ${index + 1} 条，检查点共 ${size} 条，见证：${witnessNames(head, '无', '、')}。`,
    en: `Valid: the record is number ${index + 1} of the log "${origin}", whose checkpoint has ${size}, cosigned by ${witnessNames(head, 'nobody', ', ')}.`,
  };
}

async function leafOf(
  { record, leaf }: { readonly record: string | undefined; readonly leaf: string | undefined },
  tree: TreeHash,
): Promise<Hash> {
  // A record never ends with a line end; a shell or an editor likes to add one.
  if (record !== undefined) return tree.leaf(withoutLineEnd(await readBytes(record)));
  const hash = reading('--leaf', () => fromHex(leaf ?? '', '--leaf'));
  if (hash.length === 32) return hash;
  throw new Found({ code: 'malformed', what: '--leaf', detail: 'it is no hash of 32 bytes' });
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return bytes.subarray(0, end);
}

/** `bundle FILE.zip`: an evidence bundle, by its own policy or a given one. */
export async function checkBundle(path: string, policyPath: string | undefined): Promise<Answer> {
  const policy = policyPath === undefined ? null : await readPolicy(policyPath);
  const zip = await openZip(path);
  try {
    return bundleAnswer(await verifyBundle(zip, nodeMeans, policy));
  } finally {
    zip.close();
  }
}

function bundleAnswer(bundle: ValidBundle): Answer {
  const { origin, size, records, attachments, openings, witnesses, fingerprints } = bundle;
  const { policyFrom } = bundle;
  const isOwn = policyFrom === 'bundle';
  return {
    outcome: 'valid',
    facts: {
      ...{ origin, size, records, attachments, openings, witnesses, policyFrom, fingerprints },
      question: bundle.manifest.question,
    },
    zh:
      `有效：${records} 条记录、${attachments} 个附件均与日志“${origin}”的检查点（共 ${size} 条，见证：` +
      `${witnessNames(bundle, '无', '、')}）相符` +
      (isOwn ? '；所依公钥取自证据包自身，请与公布的指纹核对：' : '。'),
    en:
      `Valid: ${records} records and ${attachments} attachments match the checkpoint of "${origin}" (${size} ` +
      `records, cosigned by ${witnessNames(bundle, 'nobody', ', ')})` +
      (isOwn ? '; the keys are the bundle’s own: compare these with published ones:' : '.'),
    more: isOwn ? fingerprints.map(({ role, name, sha256 }) => `  ${role} ${name} ${sha256}`) : [],
  };
}

/** `diff-checkpoints A B`: whether one log told two stories. The quorum of the policy does not matter. */
export async function diffCheckpoints(
  [first, second]: readonly [string, string],
  options: {
    readonly policy: string;
    readonly proof: string | undefined;
    readonly tiles: string | undefined;
    readonly tree: string | undefined;
  },
): Promise<Answer> {
  // The signature of the log alone convicts it.
  const policy = { ...(await readPolicy(options.policy)), quorum: { kind: 'none' } as const };
  const a = await readCheckpoint(first, policy);
  const b = await readCheckpoint(second, policy);
  const proof = options.proof === undefined ? null : await readHashes(options.proof);
  const tiles = options.tiles === undefined ? null : tileFolder(options.tiles);
  try {
    const agreed = await compareCheckpoints(treeOf(options.tree), a.head, b.head, { proof, tiles });
    const [oldSize, size] = agreed.sizes;
    return {
      outcome: 'valid',
      facts: { origin: agreed.origin, oldSize, size },
      zh: `有效：日志“${agreed.origin}”的两个检查点（${oldSize} 条与 ${size} 条）属于同一历史。`,
      en: `Valid: the two checkpoints of the log "${agreed.origin}" (${oldSize} and ${size} records) are of one history.`,
    };
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    const { finding } = error;
    const isConviction = finding.code === 'equivocation' || finding.code === 'inconsistent';
    return { outcome: 'found', finding, more: isConviction ? ['', a.note, b.note] : [] };
  }
}

async function readHashes(path: string): Promise<Hash[]> {
  const text = await readText(path);
  return reading(path, () =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map(hashOf),
  );
}
