import { Malformed } from './malformed.js';

/** What a verifier found, one closed list for the command line, the page in a browser and `--json`. */
export type Finding =
  /** Something contradicts what was signed. */
  | { readonly code: 'bad-signature'; readonly names: readonly string[] }
  | { readonly code: 'wrong-origin'; readonly origin: string; readonly names: readonly string[] }
  | { readonly code: 'digest-differs'; readonly member: string }
  | { readonly code: 'member-missing'; readonly member: string }
  | { readonly code: 'member-unlisted'; readonly member: string }
  | { readonly code: 'keys-differ' }
  | { readonly code: 'not-included'; readonly position: number }
  | { readonly code: 'other-checkpoint'; readonly member: string }
  | { readonly code: 'attachment-unnamed'; readonly member: string }
  | { readonly code: 'opening-differs'; readonly subject: string; readonly field: string }
  | { readonly code: 'log-shorter'; readonly size: number; readonly found: number }
  | { readonly code: 'position-gap'; readonly expected: number; readonly found: number }
  | { readonly code: 'record-differs'; readonly index: number }
  | { readonly code: 'root-differs'; readonly from: number; readonly size: number }
  | { readonly code: 'tile-differs'; readonly tile: string }
  | { readonly code: 'equivocation'; readonly origin: string; readonly size: number }
  | {
      readonly code: 'inconsistent';
      readonly origin: string;
      readonly oldSize: number;
      readonly size: number;
    }
  /** Nothing is contradicted, and nothing is shown. */
  | { readonly code: 'malformed'; readonly what: string; readonly detail: string }
  | { readonly code: 'missing'; readonly what: string }
  | { readonly code: 'unknown-log'; readonly origin: string }
  | { readonly code: 'other-log'; readonly origins: readonly [string, string] }
  | {
      readonly code: 'no-quorum';
      readonly origin: string;
      readonly size: number;
      readonly witnesses: readonly string[];
    }
  | { readonly code: 'no-records' }
  | { readonly code: 'needs-tiles'; readonly oldSize: number; readonly size: number }
  | { readonly code: 'no-such-record'; readonly subject: string }
  | { readonly code: 'unsupported'; readonly what: string }
  /** A fault of the verifier itself. */
  | { readonly code: 'failed'; readonly detail: string };

const UNDECIDED: ReadonlySet<Finding['code']> = new Set([
  ...(['malformed', 'missing', 'unknown-log', 'other-log', 'no-quorum', 'no-records'] as const),
  ...(['needs-tiles', 'no-such-record', 'unsupported', 'failed'] as const),
]);

/** `tampered`: something contradicts what was signed. `undecided`: nothing is shown, neither way. */
export function outcomeOf(finding: Finding): 'tampered' | 'undecided' {
  return UNDECIDED.has(finding.code) ? 'undecided' : 'tampered';
}

/** Ends a check with what it found; caught where the check was begun. */
export class Found extends Error {
  override readonly name = 'Found';
  constructor(readonly finding: Finding) {
    super(finding.code);
  }
}

/** Runs a reader of some text; what is malformed becomes a finding that names the file. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Found({ code: 'malformed', what, detail: error.message });
  }
}
