import {
  MEMBER_BYTES_MAX,
  RECORD_BYTES_MAX,
  parseManifest,
  parseMemberPath,
  type Manifest,
} from './bundle-manifest.js';
import { fromUtf8, toHex } from './encoding.js';
import { Found, reading } from './findings.js';
import { verifyInclusion } from './inclusion.js';
import { accepted, fingerprintsOf, type Accepted, type Fingerprint } from './judged.js';
import { Malformed } from './malformed.js';
import { formatVerifierKey } from './note-key.js';
import { opensRecord, parseOpening, parsed } from './openings.js';
import { judgeCheckpoint, parsePolicy, type Policy } from './policy.js';
import type { ProofCrypto } from './proof-crypto.js';
import { parseTlogProof } from './tlog-proof.js';
import type { TreeHash } from './tree-hash.js';

/** The unpacked members of a bundle. `read` gives at most `MEMBER_BYTES_MAX` bytes. */
export interface BundleMembers {
  readonly paths: readonly string[];
  readonly read: (path: string) => Promise<Uint8Array>;
}

/** What checking a bundle takes; a browser without SM3 says null there. */
export interface BundleMeans {
  readonly crypto: ProofCrypto;
  readonly sm3: ((bytes: Uint8Array) => Uint8Array) | null;
  /** The tree hash of this name, null when it cannot be had here. */
  readonly tree: (name: TreeHash['name']) => TreeHash | null;
}

/** A bundle in which everything is as it was signed. */
export interface ValidBundle extends Accepted {
  readonly manifest: Manifest;
  readonly records: number;
  readonly attachments: number;
  readonly openings: number;
  /** Whose keys it went by: those of the bundle must be compared with published ones. */
  readonly policyFrom: 'bundle' | 'given';
  readonly fingerprints: readonly Fingerprint[];
  /** False when SM3 digests could not be computed here. */
  readonly isSm3Checked: boolean;
}

const CHECKPOINT_BYTES_MAX = 500_000;
const POLICY_BYTES_MAX = 1_000_000;
const OPENINGS_MAX = 3;
const DIGESTS_IN_TEXT = /[0-9a-f]{64}/g;

/**
 * Checks a bundle whole (docs/evidence-bundle.md): digests of all members, the checkpoint by the
 * policy, every record by its proof against that checkpoint, attachments by a digest that some
 * record names, openings by the commitments of their records.
 *
 * @param given a policy to go by instead of the bundle's own
 * @throws Found with the first thing that is wrong
 */
export async function verifyBundle(
  members: BundleMembers,
  means: BundleMeans,
  given: Policy | null,
): Promise<ValidBundle> {
  checkPaths(members.paths);
  const present = new Set(members.paths);
  const text = async (path: string, bytesMax: number): Promise<string> => {
    if (!present.has(path)) throw new Found({ code: 'missing', what: path });
    const bytes = await members.read(path);
    return reading(path, () => textOf(bytes, bytesMax, path));
  };
  const manifestText = await text('manifest.json', MEMBER_BYTES_MAX);
  const manifest = reading('manifest.json', () => parseManifest(manifestText));
  await checkDigests(members, manifest, means);

  const tree = means.tree(manifest.tree);
  if (tree === null) throw new Found({ code: 'unsupported', what: manifest.tree });
  const checkpointText = await text('checkpoint', CHECKPOINT_BYTES_MAX);
  const policyText = await text('policy', POLICY_BYTES_MAX);
  const own = reading('policy', () => parsePolicy(policyText, means.crypto));
  if ((await text('keys', POLICY_BYTES_MAX)) !== formatKeys(own, means.crypto)) {
    throw new Found({ code: 'keys-differ' });
  }
  const policy = given ?? own;
  const judged = reading('checkpoint', () => judgeCheckpoint(checkpointText, policy, means.crypto));
  const head = accepted(judged);
  const counts = await checkRecords(members, { text, tree, head, checkpointText, means });
  return {
    ...head,
    ...counts,
    manifest,
    policyFrom: given === null ? 'bundle' : 'given',
    fingerprints: fingerprintsOf(policy, means.crypto),
    isSm3Checked: means.sm3 !== null,
  };
}

/** The member `keys`: the keys of a policy for people to compare. */
export function formatKeys(policy: Policy, crypto: Pick<ProofCrypto, 'sha256'>): string {
  const prints = fingerprintsOf(policy, crypto).map(({ sha256 }) => sha256);
  const logs = policy.logs.map(({ key }) => `log ${formatVerifierKey(key)}`);
  const witnesses = [...policy.witnesses].map(
    ([name, { key }]) => `witness ${name} ${formatVerifierKey(key)}`,
  );
  return [...logs, ...witnesses].map((line, i) => `${line} ${prints[i]}\n`).join('');
}

function checkPaths(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    if (parseMemberPath(path) === null || seen.has(path)) {
      const detail = seen.has(path) ? 'a member stands there twice' : 'a member no bundle has';
      throw new Found({ code: 'malformed', what: path, detail });
    }
    seen.add(path);
  }
}

async function checkDigests(
  members: BundleMembers,
  manifest: Manifest,
  { crypto, sm3 }: BundleMeans,
): Promise<void> {
  const listed = new Set(manifest.members.map(({ path }) => path));
  const present = new Set(members.paths);
  const unlisted = members.paths.find((path) => path !== 'manifest.json' && !listed.has(path));
  if (unlisted !== undefined) throw new Found({ code: 'member-unlisted', member: unlisted });
  for (const member of manifest.members) {
    const { path } = member;
    if (!present.has(path)) throw new Found({ code: 'member-missing', member: path });
    const bytes = await members.read(path);
    const isSame =
      bytes.length === member.bytes &&
      toHex(crypto.sha256(bytes)) === member.sha256 &&
      (sm3 === null || toHex(sm3(bytes)) === member.sm3);
    const named = parseMemberPath(path);
    const isNamed = named?.kind !== 'attachment' || named.sha256 === member.sha256;
    if (!isSame || !isNamed) throw new Found({ code: 'digest-differs', member: path });
  }
}

interface Checking {
  readonly text: (path: string, bytesMax: number) => Promise<string>;
  readonly tree: TreeHash;
  readonly head: Accepted;
  readonly checkpointText: string;
  readonly means: BundleMeans;
}

async function checkRecords(
  members: BundleMembers,
  checking: Checking,
): Promise<{ records: number; attachments: number; openings: number }> {
  const positions = {
    record: new Set<number>(),
    proof: new Set<number>(),
    opening: [] as number[],
  };
  const attachments: { path: string; sha256: string }[] = [];
  for (const path of members.paths) {
    const named = parseMemberPath(path);
    if (named?.kind === 'record' || named?.kind === 'proof') {
      positions[named.kind].add(named.position);
    } else if (named?.kind === 'opening') positions.opening.push(named.position);
    else if (named?.kind === 'attachment') attachments.push({ path, sha256: named.sha256 });
  }
  const { record, proof, opening } = positions;
  if (record.size === 0) throw new Found({ code: 'no-records' });
  for (const position of [...proof, ...opening]) {
    if (!record.has(position)) {
      throw new Found({ code: 'member-missing', member: `records/${position}.json` });
    }
  }
  const named = new Set<string>();
  const isWanted = new Set(attachments.map(({ sha256 }) => sha256));
  for (const position of record) {
    const text = await checkRecord(position, checking);
    for (const [digest] of text.matchAll(DIGESTS_IN_TEXT)) {
      if (isWanted.has(digest)) named.add(digest);
    }
  }
  const stray = attachments.find(({ sha256 }) => !named.has(sha256));
  if (stray !== undefined) throw new Found({ code: 'attachment-unnamed', member: stray.path });
  let openings = 0;
  for (const position of opening) openings += await checkOpenings(position, checking);
  return { records: record.size, attachments: attachments.length, openings };
}

async function checkRecord(position: number, checking: Checking): Promise<string> {
  const { text, tree, head, checkpointText } = checking;
  const proofPath = `proofs/${position}.tlog-proof`;
  const proofText = await text(proofPath, 2 * CHECKPOINT_BYTES_MAX);
  const proof = reading(proofPath, () => parseTlogProof(proofText));
  if (proof.checkpointText !== checkpointText) {
    throw new Found({ code: 'other-checkpoint', member: proofPath });
  }
  const record = await text(`records/${position}.json`, RECORD_BYTES_MAX);
  const { size, root } = head;
  const claim = { index: position - 1, size, root, leaf: tree.leaf(record) };
  const isHere = proof.index === position - 1;
  if (!isHere || !verifyInclusion(tree, claim, proof.inclusion)) {
    throw new Found({ code: 'not-included', position });
  }
  return record;
}

async function checkOpenings(position: number, { text, means }: Checking): Promise<number> {
  const path = `openings/${position}.json`;
  const json = await text(path, RECORD_BYTES_MAX);
  const record = await text(`records/${position}.json`, RECORD_BYTES_MAX);
  return reading(path, () => {
    const list = parsed(json);
    if (!Array.isArray(list) || list.length === 0 || list.length > OPENINGS_MAX) {
      throw new Malformed('it is no list of one to three openings');
    }
    for (const opening of list.map(parseOpening)) {
      if (!opensRecord(record, opening, means.crypto)) {
        const { field } = opening;
        throw new Found({ code: 'opening-differs', subject: String(position), field });
      }
    }
    return list.length;
  });
}

function textOf(bytes: Uint8Array, bytesMax: number, path: string): string {
  if (bytes.length > bytesMax) throw new Malformed(`it is longer than ${bytesMax} bytes`);
  return fromUtf8(bytes, path);
}
