import { parseMemberPath } from '@fundflow/proof/bundle-manifest';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { Found, reading } from '@fundflow/proof/findings';
import type { Accepted } from '@fundflow/proof/judged';
import { LogCheck } from '@fundflow/proof/log-check';
import { opensRecord, parseOpening, parsed, type Opening } from '@fundflow/proof/openings';
import { TamperedTile, openTiles, type TileReader } from '@fundflow/proof/tile-reader';
import type { Answer } from './answer.js';
import { openStream } from './input-files.js';
import { exportedRecord, jsonLines } from './json-lines.js';
import { tileFolder } from './tile-folder.js';
import { readCheckpoint, readPolicy, treeOf, witnessNames } from './trust.js';
import { openZip } from './zip-members.js';

/** Openings of one file, kept in memory until their records have come by. */
const OPENINGS_MAX = 1_000_000;

/** `db [FILE]`: an exported log against pinned checkpoints; names the first bad index. */
export async function checkLog(
  path: string,
  options: {
    readonly policy: string;
    readonly checkpoints: readonly string[];
    readonly tiles: string | undefined;
    readonly tree: string | undefined;
  },
): Promise<Answer> {
  const tree = treeOf(options.tree);
  const policy = await readPolicy(options.policy);
  const heads: Accepted[] = [];
  for (const file of options.checkpoints) heads.push((await readCheckpoint(file, policy)).head);
  const head = heads.reduce((a, b) => (b.size > a.size ? b : a));
  const other = heads.find(({ origin }) => origin !== head.origin);
  if (other !== undefined) {
    throw new Found({ code: 'other-log', origins: [head.origin, other.origin] });
  }
  return tilesAsFinding(async () => {
    const fetch = options.tiles === undefined ? null : tileFolder(options.tiles);
    const tiles: TileReader | null = fetch === null ? null : await openTiles(tree, head, fetch);
    const check = new LogCheck(tree, heads, tiles);
    const beyond = await feed(path, check);
    const { origin, size } = head;
    return {
      outcome: 'valid',
      facts: { origin, size, beyond, witnesses: head.witnesses },
      zh:
        `有效：日志“${origin}”的 ${size} 条记录与检查点逐条相符，见证：${witnessNames(head, '无', '、')}` +
        (beyond === 0 ? '。' : `；其后 ${beyond} 条尚未由该检查点覆盖。`),
      en:
        `Valid: the ${size} records of the log "${origin}" are those of the checkpoint, cosigned by ` +
        witnessNames(head, 'nobody', ', ') +
        (beyond === 0 ? '.' : `; ${beyond} more are not covered by it yet.`),
    };
  });
}

/** @returns how many records follow the pinned ones */
async function feed(path: string, check: LogCheck): Promise<number> {
  let expected = 0;
  for await (const line of jsonLines(await openStream(path), path)) {
    const { position, record } = exportedRecord(line, path);
    expected += 1;
    if (position !== expected) {
      throw new Found({ code: 'position-gap', expected, found: position });
    }
    if (!check.isCovered) await check.add(record);
  }
  check.end();
  return expected - check.index;
}

async function tilesAsFinding(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TamperedTile)) throw error;
    throw new Found({ code: 'tile-differs', tile: error.message });
  }
}

/** `openings FILE`: values in clear against the commitments in the records of a log or a bundle. */
export async function checkOpenings(
  path: string,
  source: { readonly log: string } | { readonly bundle: string },
): Promise<Answer> {
  const wanted = await readOpenings(path);
  const count = [...wanted.values()].reduce((sum, openings) => sum + openings.length, 0);
  const seen = 'log' in source ? recordsOfLog(source.log) : recordsOfBundle(source.bundle);
  const what = 'log' in source ? source.log : source.bundle;
  for await (const record of seen) {
    const eventId = reading(what, () => (parsed(record) as { eventId?: unknown } | null)?.eventId);
    if (typeof eventId !== 'string') continue;
    for (const opening of wanted.get(eventId) ?? []) {
      if (!opensRecord(record, opening, nodeCrypto)) {
        throw new Found({ code: 'opening-differs', subject: eventId, field: opening.field });
      }
    }
    wanted.delete(eventId);
  }
  const [left] = wanted.keys();
  if (left !== undefined) throw new Found({ code: 'no-such-record', subject: left });
  return {
    outcome: 'valid',
    facts: { openings: count },
    zh: `有效：${count} 项个人信息均与记录中的承诺值相符。`,
    en: `Valid: ${count} values open the commitments of their records.`,
  };
}

async function readOpenings(path: string): Promise<Map<string, Opening[]>> {
  const wanted = new Map<string, Opening[]>();
  let count = 0;
  for await (const line of jsonLines(await openStream(path), path)) {
    const { eventId } = (line ?? {}) as Readonly<Record<string, unknown>>;
    count += 1;
    if (typeof eventId !== 'string' || count > OPENINGS_MAX) {
      throw new Found({ code: 'malformed', what: path, detail: `line ${count} names no event` });
    }
    const opening = reading(path, () => parseOpening(line));
    wanted.set(eventId, [...(wanted.get(eventId) ?? []), opening]);
  }
  if (count === 0) throw new Found({ code: 'malformed', what: path, detail: 'it is empty' });
  return wanted;
}

async function* recordsOfLog(path: string): AsyncGenerator<string> {
  for await (const line of jsonLines(await openStream(path), path)) {
    yield exportedRecord(line, path).record;
  }
}

async function* recordsOfBundle(path: string): AsyncGenerator<string> {
  const zip = await openZip(path);
  try {
    for (const member of zip.paths) {
      if (parseMemberPath(member)?.kind !== 'record') continue;
      yield Buffer.from(await zip.read(member)).toString('utf8');
    }
  } finally {
    zip.close();
  }
}
