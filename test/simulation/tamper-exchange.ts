import type { Random } from '@fundflow/generator/random';
import { generateSigningKey, nodeCrypto, parseSigningKey } from '@fundflow/proof/ed25519';
import { ED25519, formatVerifierKey, type NoteKey } from '@fundflow/proof/note-key';
import { parsePolicy, type Policy } from '@fundflow/proof/policy';
import type { Hash } from '@fundflow/proof/tree-hash';
import { type HonestLog, ORIGIN, signed } from './tamper-log.js';

/** A checkpoint that leans on an exchange of the log's key, and whom those who look believe at that time. */
export interface ForgedExchange {
  readonly note: string;
  readonly believed: NoteKey;
  readonly policy: Policy;
}

/** A rewritten head, signed as if the key of the log were being exchanged, or by the key it had before. */
export function forgedExchange(
  { keys, size, root }: HonestLog,
  rewritten: { readonly size: number; readonly root: Hash },
  random: Random,
): ForgedExchange {
  const other = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
  const stolen = keys.witnesses.slice(0, random.below(2));
  const honest = signed({ size, root }, keys.log, keys.witnesses);
  const lineOfLog = honest.slice(honest.indexOf('\n\n') + 2).split('\n')[0]!;
  const byOther = signed(rewritten, other, stolen);
  const asBefore = { believed: keys.log.key, policy: keys.policy };
  const text = keys.policyText.replace(/^log .*$/m, `log ${formatVerifierKey(other.key)}`);
  return random.pick([
    // Another key is said to have taken the place of the log's.
    { note: byOther, ...asBefore },
    // Both are said to sign meanwhile: the log's own line stands under another text.
    { note: `${byOther}${lineOfLog}\n`, ...asBefore },
    // The exchange was true, and somebody signs on with the key that was retired.
    {
      note: signed(rewritten, keys.log, stolen),
      ...{ believed: other.key, policy: parsePolicy(text, nodeCrypto) },
    },
  ]);
}
