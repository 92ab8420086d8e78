import type { Random } from '@fundflow/generator/random';
import { compareCheckpoints } from '@fundflow/proof/compare-checkpoints';
import { generateSigningKey, nodeCrypto, parseSigningKey } from '@fundflow/proof/ed25519';
import { Found } from '@fundflow/proof/findings';
import { accepted } from '@fundflow/proof/judged';
import { LogCheck } from '@fundflow/proof/log-check';
import { ED25519, type NoteKey } from '@fundflow/proof/note-key';
import { judgeCheckpoint } from '@fundflow/proof/policy';
import { extendSigned } from '@fundflow/proof/signer';
import { openTiles, TamperedTile } from '@fundflow/proof/tile-reader';
import { TILE_WIDTH } from '@fundflow/proof/tiles';
import {
  decideAddCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
} from '@fundflow/proof/witness';
import { flipBit } from './mutations.js';
import { forgedExchange } from './tamper-exchange.js';
import { type HonestLog, ORIGIN, signed, type Tiles, tree } from './tamper-log.js';

/** What those who look say of one place: each name is a verifier and its finding. */
export interface Seen {
  readonly found: boolean;
  /** Whether the first bad index was named rightly; null where the kind has none. */
  readonly named: boolean | null;
  readonly by: readonly string[];
}

export type StreamKind = Exclude<TamperKind, 'vault-row'>;
export type TamperKind =
  | 'edit'
  | 'delete'
  | 'insert'
  | 'swap'
  | 'cut'
  | 'replace-table'
  | 'old-backup'
  | 'fork'
  | 'forged-checkpoint'
  | 'stolen-key'
  | 'key-exchange'
  | 'vault-row'
  | 'tile';

type Records = (index: number) => string | undefined;

/** A record with one letter changed, still JSON: what an attacker would leave. */
export function edited(record: string, random: Random): string {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const at = random.below(record.length);
    const letter = random.pick([...'abcdefghijklmnopqrstuvwxyz0123456789']);
    if (!/[a-z0-9]/.test(record[at]!) || record[at] === letter) continue;
    const changed = record.slice(0, at) + letter + record.slice(at + 1);
    try {
      JSON.parse(changed);
      return changed;
    } catch {
      // Another place.
    }
  }
  throw new Error('the record has no letter to change');
}

/** Every record from the tile of `place` on against the pinned tree: what is before it was verified once. */
async function streamed(
  log: HonestLog,
  place: number,
  records: Records,
): Promise<Found['finding'] | null> {
  const { size, root, tiles, ranges } = log;
  try {
    const reader = await openTiles(tree, { size, root }, tiles.fetch);
    const from = ranges[Math.floor(place / TILE_WIDTH)]!;
    const check = new LogCheck(tree, [{ size, root }], reader, from);
    while (!check.isCovered) {
      const record = records(check.index);
      if (record === undefined) break;
      await check.add(record);
    }
    check.end();
    return null;
  } catch (error) {
    if (error instanceof Found) return error.finding;
    throw error;
  }
}

async function differsAt(log: HonestLog, index: number, records: Records): Promise<Seen> {
  const finding = await streamed(log, index, records);
  const named = finding?.code === 'record-differs' && finding.index === index;
  const isCut = finding?.code === 'log-shorter' && finding.found === index;
  return { found: finding !== null, named: named || isCut, by: [`db: ${finding?.code}`] };
}

const findingOf = async (check: () => unknown): Promise<string | null> => {
  try {
    await check();
    return null;
  } catch (error) {
    if (error instanceof Found) return error.finding.code;
    if (error instanceof TamperedTile) return 'tile-differs';
    throw error;
  }
};

/** Whether the policy of the log refuses a checkpoint, and why. */
const policyOn = (
  { keys }: HonestLog,
  note: string,
  policy = keys.policy,
): Promise<string | null> => findingOf(() => accepted(judgeCheckpoint(note, policy, nodeCrypto)));

/** What a witness that has cosigned the honest head answers to another one. */
function witnessOn(
  log: HonestLog,
  note: string,
  oldSize = log.size,
  keys: readonly NoteKey[] = [log.keys.log.key],
): number {
  const request = parseAddCheckpoint(formatAddCheckpoint(oldSize, [], note));
  const kept = { size: log.size, root: log.root };
  const watched = { keys, kept };
  const decision = decideAddCheckpoint(request, watched, { tree, crypto: nodeCrypto });
  return decision.outcome === 'refuse' ? decision.answer.status : 200;
}

/** What the signer says when the log ends with these leaves. */
function signerOn(log: HonestLog, lastRecord: string | undefined, logSize: number): string {
  const memory = { origin: ORIGIN, range: log.range, lastLeaf: log.tiles.leaf(log.size - 1) };
  const leaves = lastRecord === undefined ? [] : [tree.leaf(lastRecord)];
  const step = extendSigned(tree, memory, { first: log.size - 1, leaves, logSize });
  return step.outcome === 'refused' ? step.reason : 'extended';
}

const editedAt =
  (log: HonestLog, place: number, record: string): Records =>
  (i) =>
    i === place ? record : log.records[i];

const kinds = {
  edit: (log, place, random) =>
    differsAt(log, place, editedAt(log, place, edited(log.records[place]!, random))),

  delete: (log, place) => differsAt(log, place, (i) => log.records[i < place ? i : i + 1]),

  insert: (log, place, random) => {
    const forged = edited(log.records[place]!, random);
    return differsAt(log, place, (i) =>
      i === place ? forged : log.records[i < place ? i : i - 1],
    );
  },

  swap: (log, place, random) => {
    const other = (place + 1 + random.below(log.size - 1)) % log.size;
    const swapped: Records = (i) => log.records[i === place ? other : i === other ? place : i];
    return differsAt(log, Math.min(place, other), swapped);
  },

  cut: async (log, place) => {
    const seen = await differsAt(log, place, (i) => (i < place ? log.records[i] : undefined));
    const signer = signerOn(log, undefined, place);
    const found = seen.found && signer === 'log-is-shorter';
    return { ...seen, found, by: [...seen.by, `signer: ${signer}`] };
  },

  'replace-table': async (log, place, random) => {
    const record = edited(log.records[place]!, random);
    const forged = log.tiles.withLeaf(place, tree.leaf(record));
    const head = { size: log.size, root: log.root };
    const own = await findingOf(() => openTiles(tree, head, forged.fetch));
    const mirror = await differsAt(log, place, editedAt(log, place, record));
    const by = [`own tiles: ${own}`, ...mirror.by.map((seen) => `mirror's tiles, ${seen}`)];
    return { found: own !== null && mirror.found, named: mirror.named, by };
  },

  'old-backup': async (log, place, random) => {
    const isGrown = random.chance(500_000);
    const other = edited(log.records[place]!, random);
    const records: Records = (i) =>
      i < place ? log.records[i] : isGrown ? `${other} ${i}` : undefined;
    const seen = await differsAt(log, place, records);
    const size = isGrown ? log.size : place;
    const signer = signerOn(log, records(log.size - 1), size);
    const found = seen.found && signer !== 'extended';
    return { ...seen, found, by: [...seen.by, `signer: ${signer}`] };
  },

  fork: async (log, place, random) => {
    const { keys, size, root, tiles } = log;
    const record = edited(log.records[place]!, random);
    const other = tiles.withLeaf(place, tree.leaf(record));
    const isSameSize = random.chance(500_000);
    const otherSize = isSameSize ? size : place + 1 + random.below(size - place);
    const toB = signed(
      { size: otherSize, root: await other.root(otherSize) },
      keys.log,
      keys.witnesses,
    );
    const [a, b] = [signed({ size, root }, keys.log, keys.witnesses), toB].map((note) =>
      accepted(judgeCheckpoint(note, keys.policy, nodeCrypto)),
    );
    const helped = { proof: null, tiles: tiles.fetch };
    const code = await findingOf(() => compareCheckpoints(tree, a!, b!, helped));
    const status = witnessOn(log, toB, Math.min(size, otherSize));
    const records = await differsAt(log, place, editedAt(log, place, record));
    const found = (code === 'equivocation' || code === 'inconsistent') && status !== 200;
    const by = [`diff-checkpoints: ${code}`, `witness: ${status}`];
    return { found: found && records.found, named: records.named, by };
  },

  'forged-checkpoint': async (log, place, random) => {
    const { keys, tiles } = log;
    const root = await tiles.withLeaf(place, tree.leaf('forged')).root();
    const head = { size: log.size, root };
    const forger = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
    const honest = signed({ size: log.size, root: log.root }, keys.log, keys.witnesses);
    const written = signed(head, forger, keys.witnesses.slice(0, 1));
    const note = random.pick([
      // Signed by a key of the same name.
      written,
      // The same under the key id of the log.
      written.replace(/^(— \S+ ).*$/m, sameId(honest, written)),
      // The signatures of the honest head under another text.
      written.slice(0, written.indexOf('\n\n')) + honest.slice(honest.indexOf('\n\n')),
    ]);
    const code = await policyOn(log, note);
    return { found: code !== null, named: null, by: [`policy: ${code}`] };
  },

  'stolen-key': async (log, place, random) => {
    const { keys, tiles } = log;
    const record = edited(log.records[place]!, random);
    const root = await tiles.withLeaf(place, tree.leaf(record)).root();
    const note = signed(
      { size: log.size, root },
      keys.log,
      keys.witnesses.slice(0, random.below(2)),
    );
    const code = await policyOn(log, note);
    const status = witnessOn(log, note);
    const records = await differsAt(log, place, editedAt(log, place, record));
    const found = code === 'no-quorum' && status === 409 && records.found;
    return { found, named: records.named, by: [`policy: ${code}`, `witness: ${status}`] };
  },

  'key-exchange': async (log, place, random) => {
    const record = edited(log.records[place]!, random);
    const root = await log.tiles.withLeaf(place, tree.leaf(record)).root();
    const { note, believed, policy } = forgedExchange(log, { size: log.size, root }, random);
    const code = await policyOn(log, note, policy);
    const status = witnessOn(log, note, log.size, [believed]);
    const records = await differsAt(log, place, editedAt(log, place, record));
    const found = code !== null && status === 403 && records.found;
    return { found, named: records.named, by: [`policy: ${code}`, `witness: ${status}`] };
  },

  tile: async (log, _place, random) => {
    const name = random.pick(log.tiles.names);
    const bytes = flipBit(log.tiles.get(...idOf(name)), random);
    const [level, index] = idOf(name);
    const seen = await tileFound(log, log.tiles.with(new Map([[name, bytes]])), level, index);
    // A tile of the right edge is found by the root alone, together with the other edges.
    const named = seen !== null && (seen.tile === null || nameOf(seen.tile) === name);
    return { found: seen !== null, named, by: [`tiles: ${seen?.tile ? 'named' : 'right edge'}`] };
  },
} satisfies Record<StreamKind, (log: HonestLog, place: number, random: Random) => Promise<Seen>>;

/** What is done to one place, and what those who look say: one function a kind. */
export const streamKinds: Readonly<
  Record<StreamKind, (log: HonestLog, place: number, random: Random) => Promise<Seen>>
> = kinds;

const nameOf = ({ level, index }: { level: number; index: number }): string => `${level}/${index}`;
const idOf = (name: string): [number, number] => name.split('/').map(Number) as [number, number];

async function tileFound(
  { size, root }: HonestLog,
  tiles: Tiles,
  level: number,
  index: number,
): Promise<TamperedTile | null> {
  try {
    const reader = await openTiles(tree, { size, root }, tiles.fetch);
    await reader.leaves(index * TILE_WIDTH ** level);
    return null;
  } catch (error) {
    if (error instanceof TamperedTile) return error;
    throw error;
  }
}

/** The first signature line of `forged` with the key id of the one of `honest`. */
function sameId(honest: string, forged: string): string {
  const line = (note: string): readonly string[] => /^— (\S+) (.*)$/m.exec(note)!.slice(1);
  const bytes = Buffer.from(line(forged)[1]!, 'base64');
  Buffer.from(line(honest)[1]!, 'base64').copy(bytes, 0, 0, 4);
  return `$1${bytes.toString('base64')}`;
}
