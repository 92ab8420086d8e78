import { Malformed } from './malformed.js';
import { parsed } from './openings.js';

/** Members of a bundle. */
export const MEMBERS_MAX = 250_000;
/** Unpacked bytes of one member. */
export const MEMBER_BYTES_MAX = 64 * 1024 * 1024;
/** Unpacked bytes of all members. */
export const BUNDLE_BYTES_MAX = 2 * 1024 * 1024 * 1024;
/** Bytes of one record; the store takes no longer one. */
export const RECORD_BYTES_MAX = 65_535;

export const BUNDLE_FORMAT = 'fundflow-evidence/v1';

/** One line of the manifest. */
export interface ListedMember {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal, as is `sm3`. */
  readonly sha256: string;
  readonly sm3: string;
}

/** `manifest.json` of an evidence bundle (docs/evidence-bundle.md): readable, and proof of nothing. */
export interface Manifest {
  readonly format: typeof BUNDLE_FORMAT;
  readonly tree: 'sha256' | 'sm3';
  readonly createdAt: string;
  readonly exporter: { readonly actor: string; readonly unit: string };
  readonly reason: string | null;
  readonly caseId: string | null;
  readonly question: Readonly<Record<string, unknown>>;
  readonly members: readonly ListedMember[];
}

/** What a path within a bundle names. */
export type MemberPath =
  | { readonly kind: 'manifest' | 'checkpoint' | 'policy' | 'keys' | 'page' }
  | { readonly kind: 'record' | 'proof' | 'opening'; readonly position: number }
  | { readonly kind: 'attachment'; readonly sha256: string };

const FIXED: ReadonlyMap<string, MemberPath> = new Map([
  ['manifest.json', { kind: 'manifest' } as const],
  ['checkpoint', { kind: 'checkpoint' } as const],
  ['policy', { kind: 'policy' } as const],
  ['keys', { kind: 'keys' } as const],
  ['report.html', { kind: 'page' } as const],
  ['report.pdf', { kind: 'page' } as const],
  ['verify.html', { kind: 'page' } as const],
]);
const BY_POSITION =
  /^(?:(records|openings)\/([1-9][0-9]{0,14})\.json|proofs\/([1-9][0-9]{0,14})\.tlog-proof)$/;
const ATTACHMENT = /^attachments\/([0-9a-f]{64})$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** What a path names; null for anything a bundle does not have. */
export function parseMemberPath(path: string): MemberPath | null {
  const fixed = FIXED.get(path);
  if (fixed !== undefined) return fixed;
  const [, folder, position, proofPosition] = BY_POSITION.exec(path) ?? [];
  if (proofPosition !== undefined) return { kind: 'proof', position: Number(proofPosition) };
  if (position !== undefined) {
    return { kind: folder === 'records' ? 'record' : 'opening', position: Number(position) };
  }
  const sha256 = ATTACHMENT.exec(path)?.[1];
  return sha256 === undefined ? null : { kind: 'attachment', sha256 };
}

/** @throws Malformed */
export function parseManifest(text: string): Manifest {
  const input = parsed(text);
  if (!isObject(input)) throw new Malformed('the manifest is no object');
  const { format, tree, createdAt, exporter, reason, caseId, question, members } = input;
  if (format !== BUNDLE_FORMAT) throw new Malformed(`the manifest is not of ${BUNDLE_FORMAT}`);
  if (tree !== 'sha256' && tree !== 'sm3') throw new Malformed('the manifest names no tree');
  if (typeof createdAt !== 'string' || !isObject(question) || !isObject(exporter)) {
    throw new Malformed('the manifest does not say when, by whom and of what');
  }
  const { actor, unit } = exporter;
  if (typeof actor !== 'string' || typeof unit !== 'string') {
    throw new Malformed('the manifest names no exporter');
  }
  if (!isText(reason) || !isText(caseId)) throw new Malformed('the manifest has an odd reason');
  if (!Array.isArray(members) || members.length > MEMBERS_MAX) {
    throw new Malformed('the manifest lists no members');
  }
  const listed = members.map(parseListed);
  if (new Set(listed.map(({ path }) => path)).size !== listed.length) {
    throw new Malformed('the manifest lists a member twice');
  }
  const who = { actor, unit };
  return { format, tree, createdAt, exporter: who, reason, caseId, question, members: listed };
}

function parseListed(input: unknown): ListedMember {
  if (!isObject(input)) throw new Malformed('the manifest lists something that is no member');
  const { path, bytes, sha256, sm3 } = input;
  const isWhole =
    typeof path === 'string' &&
    typeof bytes === 'number' &&
    typeof sha256 === 'string' &&
    typeof sm3 === 'string' &&
    DIGEST.test(sha256) &&
    DIGEST.test(sm3);
  if (!isWhole) throw new Malformed('the manifest lists something that is no member');
  const kind = parseMemberPath(path)?.kind;
  if (kind === undefined || kind === 'manifest') {
    throw new Malformed('the manifest lists something no bundle has');
  }
  return { path, bytes, sha256, sm3 };
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function isText(input: unknown): input is string | null {
  return input === null || typeof input === 'string';
}
