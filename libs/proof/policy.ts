import { Malformed } from './malformed.js';
import { checkNote, type ValidSignature } from './note-check.js';
import { parseNote, type Note } from './note.js';
import {
  ED25519_COSIGNATURE,
  ML_DSA_44_COSIGNATURE,
  parseVerifierKey,
  samePublicKey,
  type NoteKey,
} from './note-key.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import type { ProofCrypto } from './proof-crypto.js';

/** Lines of a policy; the specification asks for 32 logs, 32 witnesses and 32 groups at least. */
const POLICY_LINES_MAX = 1_000;
/** Logs, witnesses and groups of a policy, each. */
const POLICY_ENTRIES_MAX = 64;

/** Somebody who must have cosigned: a witness, or k members of a group. */
export type Quorum =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly k: number; readonly members: readonly Quorum[] };

/** Whom to believe (C2SP tlog-policy): any of the logs, once the quorum of witnesses agrees. */
export interface Policy {
  readonly logs: readonly { readonly key: NoteKey; readonly url: string | null }[];
  readonly witnesses: ReadonlyMap<string, { readonly key: NoteKey; readonly url: string | null }>;
  readonly quorum: Quorum;
}

/**
 * Reads a policy file, UTF-8:
 *
 *     log <vkey> [<url>]
 *     witness <name> <vkey> [<url>]
 *     group <name> all|any|<k> <name>...
 *     quorum <name>|none
 *
 * @throws Malformed with the line
 */
export function parsePolicy(text: string, crypto: Pick<ProofCrypto, 'sha256'>): Policy {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Malformed('the policy does not end with a newline');
  if (lines.length > POLICY_LINES_MAX) throw new Malformed('the policy has too many lines');
  const draft: Draft = { logs: [], witnesses: new Map(), names: new Map(), used: new Set() };
  lines.forEach((line, i) => {
    if (CONTROL.test(line)) throw new Malformed(`line ${i + 1} has control characters`);
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]!.startsWith('#')) return;
    try {
      readLine(draft, words, crypto);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw new Malformed(`line ${i + 1} of the policy: ${error.message}`);
    }
  });
  if (draft.quorum === undefined) throw new Malformed('the policy has no quorum line');
  return { logs: draft.logs, witnesses: draft.witnesses, quorum: draft.quorum };
}

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const COUNT = /^[1-9][0-9]{0,3}$/;

interface Draft {
  readonly logs: { readonly key: NoteKey; readonly url: string | null }[];
  readonly witnesses: Map<string, { readonly key: NoteKey; readonly url: string | null }>;
  /** Witnesses and groups defined so far, and those that are a member somewhere already. */
  readonly names: Map<string, Quorum>;
  readonly used: Set<string>;
  quorum?: Quorum;
}

function readLine(
  draft: Draft,
  [word, ...rest]: readonly string[],
  crypto: Pick<ProofCrypto, 'sha256'>,
): void {
  switch (word) {
    case 'log':
      return readLog(draft, rest, crypto);
    case 'witness':
      return readWitness(draft, rest, crypto);
    case 'group':
      return readGroup(draft, rest);
    case 'quorum':
      return readQuorum(draft, rest);
    default:
      throw new Malformed('it is not a log, a witness, a group or a quorum');
  }
}

function readLog(
  draft: Draft,
  [vkey, url, ...rest]: readonly string[],
  crypto: Pick<ProofCrypto, 'sha256'>,
): void {
  if (vkey === undefined || rest.length > 0) throw new Malformed('a log is a key and maybe a URL');
  const key = parseVerifierKey(vkey, crypto);
  if (key.type === ED25519_COSIGNATURE) throw new Malformed('a log has no key of a witness');
  if (draft.logs.some((other) => samePublicKey(other.key, key))) {
    throw new Malformed('the key stands there twice');
  }
  if (draft.logs.length === POLICY_ENTRIES_MAX) throw new Malformed('there are too many logs');
  draft.logs.push({ key, url: url ?? null });
}

function readWitness(
  draft: Draft,
  [name, vkey, url, ...rest]: readonly string[],
  crypto: Pick<ProofCrypto, 'sha256'>,
): void {
  if (name === undefined || vkey === undefined || rest.length > 0) {
    throw new Malformed('a witness is a name, a key and maybe a URL');
  }
  const key = parseVerifierKey(vkey, crypto);
  if (key.type !== ED25519_COSIGNATURE && key.type !== ML_DSA_44_COSIGNATURE) {
    throw new Malformed('a witness has a key that signs with a time (type 4 or 6)');
  }
  if ([...draft.witnesses.values()].some((other) => samePublicKey(other.key, key))) {
    throw new Malformed('the key stands there twice');
  }
  define(draft, name, { kind: 'witness', name });
  draft.witnesses.set(name, { key, url: url ?? null });
}

function readGroup(draft: Draft, [name, count, ...names]: readonly string[]): void {
  if (name === undefined || count === undefined || names.length === 0) {
    throw new Malformed('a group is a name, a number and its members');
  }
  const members = names.map((member) => {
    const found = draft.names.get(member);
    if (found === undefined) throw new Malformed(`${member} is defined nowhere above`);
    // Otherwise one witness could count twice.
    if (draft.used.has(member)) throw new Malformed(`${member} is a member already`);
    draft.used.add(member);
    return found;
  });
  const k = count === 'all' ? members.length : count === 'any' ? 1 : Number(count);
  if (count !== 'all' && count !== 'any' && !COUNT.test(count)) {
    throw new Malformed('how many members must agree is all, any or a number');
  }
  if (k > members.length) throw new Malformed('more members must agree than there are');
  define(draft, name, { kind: 'group', k, members });
}

function readQuorum(draft: Draft, [name, ...rest]: readonly string[]): void {
  if (name === undefined || rest.length > 0) throw new Malformed('a quorum is one name');
  if (draft.quorum !== undefined) throw new Malformed('there is a quorum already');
  const quorum = name === 'none' ? ({ kind: 'none' } as const) : draft.names.get(name);
  if (quorum === undefined) throw new Malformed(`${name} is defined nowhere above`);
  draft.quorum = quorum;
}

function define(draft: Draft, name: string, quorum: Quorum): void {
  if (name === 'none' || draft.names.has(name)) throw new Malformed(`${name} is taken`);
  if (draft.names.size === 2 * POLICY_ENTRIES_MAX) throw new Malformed('there are too many names');
  draft.names.set(name, quorum);
}

/** A checkpoint as a policy sees it. */
export type JudgedCheckpoint =
  | {
      readonly outcome: 'accepted';
      readonly checkpoint: Checkpoint;
      readonly log: NoteKey;
      /** Witnesses of the policy that cosigned, with the time each says, in seconds since 1970. */
      readonly witnesses: ReadonlyMap<string, bigint>;
    }
  | {
      readonly outcome: 'refused';
      /**
       * In this order of precedence. `bad-signature`: one of a known key does not hold;
       * `unknown-log`: no log of the policy signed; `wrong-origin`: the log that signed is named
       * otherwise; `no-quorum`: too few witnesses agreed.
       */
      readonly reason: 'bad-signature' | 'unknown-log' | 'wrong-origin' | 'no-quorum';
      readonly checkpoint: Checkpoint;
      /** Names of keys the reason is about; of `no-quorum`: witnesses that did cosign. */
      readonly names: readonly string[];
    };

/** Opens a signed checkpoint and judges it by the policy. @throws Malformed */
export function judgeCheckpoint(
  note: string | Note,
  policy: Policy,
  crypto: ProofCrypto,
): JudgedCheckpoint {
  const opened = typeof note === 'string' ? parseNote(note) : note;
  const checkpoint = parseCheckpoint(opened.text);
  const keys = [...policy.logs, ...policy.witnesses.values()].map(({ key }) => key);
  const { valid, invalid } = checkNote(opened, keys, crypto);
  const refuse = (
    reason: Extract<JudgedCheckpoint, { outcome: 'refused' }>['reason'],
    names: readonly string[],
  ): JudgedCheckpoint => ({ outcome: 'refused', reason, checkpoint, names });
  if (invalid.length > 0) {
    return refuse(
      'bad-signature',
      invalid.map(({ name }) => name),
    );
  }
  const logs = policy.logs.map(({ key }) => key).filter((key) => signatureOf(valid, key));
  if (logs.length === 0) return refuse('unknown-log', [checkpoint.origin]);
  const log = logs.find(({ name }) => name === checkpoint.origin);
  if (log === undefined)
    return refuse(
      'wrong-origin',
      logs.map(({ name }) => name),
    );
  const agreed = new Map<string, bigint>();
  for (const [name, { key }] of policy.witnesses) {
    const timeSec = signatureOf(valid, key)?.timeSec;
    if (timeSec !== undefined && timeSec !== null) agreed.set(name, timeSec);
  }
  if (!isMet(policy.quorum, agreed)) return refuse('no-quorum', [...agreed.keys()]);
  return { outcome: 'accepted', checkpoint, log, witnesses: agreed };
}

function signatureOf(valid: readonly ValidSignature[], key: NoteKey): ValidSignature | undefined {
  return valid.find((signature) => signature.key === key);
}

/** Whether the witnesses that cosigned are enough. */
function isMet(quorum: Quorum, agreed: ReadonlyMap<string, bigint>): boolean {
  switch (quorum.kind) {
    case 'none':
      return true;
    case 'witness':
      return agreed.has(quorum.name);
    case 'group':
      return quorum.members.filter((member) => isMet(member, agreed)).length >= quorum.k;
  }
}
