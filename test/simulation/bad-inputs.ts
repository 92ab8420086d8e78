import { readFileSync } from 'node:fs';
import { Random } from '@fundflow/generator/random';
import { parseOpening } from '@fundflow/proof/openings';
import { tilePath } from '@fundflow/proof/tiles';
import {
  bundleOf,
  exportedLog,
  OPENING,
  OPENING_TEXT,
  personRecord,
  tilesOf,
  witnessedLog,
  writeZip,
} from '../support/evidence.js';
import { type VerifyDesk, verifyDesk } from '../support/verify-desk.js';
import { mutateText } from './mutations.js';

/** What the verifier made of the mutants of one kind of input. */
export interface InputTally {
  inputs: number;
  tampered: number;
  undecided: number;
  /** Valid, and stating word for word what was stated before the change (of openings: nothing but what is so). */
  harmless: number;
  /** Each of these must stay empty: valid with another statement; a fault of the verifier; no one sentence. */
  readonly wronglyValid: string[];
  readonly failed: string[];
  readonly unclear: string[];
}

export type InputKind = 'bundle' | 'receipt' | 'checkpoint' | 'log' | 'openings' | 'tile';

const RECORDS = 40;
const KEPT_MAX = 5;
const WEIGHTS: readonly (readonly [InputKind, number])[] = [
  ['bundle', 30],
  ['receipt', 20],
  ['checkpoint', 15],
  ['log', 15],
  ['openings', 10],
  ['tile', 10],
];
const NUMBERS = ['0', '-1', '1e9', '4294967295', '9007199254740993', '99999999999999999999999'];
const PATHS = ['../../../', '/etc/pass', 'C:\\\\temp\\', '..\\..\\..\\', 'records\0/'];

interface Input {
  readonly original: Buffer;
  readonly other: Buffer;
  readonly name: string;
  readonly args: readonly string[];
}

/** Hands so many mutated files to the real commands of the verifier. */
export async function handInBadInputs(
  count: number,
  seed: number,
): Promise<Record<InputKind, InputTally>> {
  const random = new Random(seed, 0x9e3779b9, 0x243f6a88);
  const desk = verifyDesk();
  try {
    const inputs = await prepare(desk);
    const expected = new Map<InputKind, string>();
    const tallies = {} as Record<InputKind, InputTally>;
    for (const [kind] of WEIGHTS) {
      const { args, name, original } = inputs[kind];
      desk.write(name, original);
      const [code, text] = await desk.verify(...args, '--json');
      if (code !== 0) throw new Error(`the ${kind} is not valid before it is changed: ${text}`);
      expected.set(kind, text);
      tallies[kind] = { inputs: 0, tampered: 0, undecided: 0, harmless: 0, ...empty() };
    }
    for (let made = 0; made < count;) {
      const [kind] = WEIGHTS[random.weighted(WEIGHTS.map(([, weight]) => weight))]!;
      const { original, other, name, args } = inputs[kind];
      const changed = mutant(original, other, random);
      if (changed.equals(original)) continue;
      made += 1;
      desk.write(name, changed);
      const answer = await desk.verify(...args, '--json');
      judge(tallies[kind], answer, (text) =>
        kind === 'openings' ? areTrue(changed) : text === expected.get(kind),
      );
      desk.write(name, original);
    }
    return tallies;
  } finally {
    desk.close();
  }
}

const empty = () => ({ wronglyValid: [], failed: [], unclear: [] });

/** Whether a file of openings says nothing but what is so: fewer lines, or one twice, are as true as before. */
function areTrue(file: Buffer): boolean {
  const lines = file.toString('utf8').split('\n');
  return lines.every((line) => {
    if (line === '') return true;
    const { eventId } = JSON.parse(line) as { readonly eventId: string };
    const { field, value, opening } = parseOpening(JSON.parse(line));
    const isOpening = Buffer.from(OPENING).equals(opening);
    return isOpening && field === 'name' && `event-${value.trim().slice(2)}` === eventId;
  });
}

function judge(
  tally: InputTally,
  [code, text]: [number, string],
  saysTheSame: (text: string) => boolean,
): void {
  tally.inputs += 1;
  const keep = (list: string[]): void => {
    if (list.length < KEPT_MAX) list.push(text.slice(0, 500));
  };
  if (code === 0) {
    if (saysTheSame(text)) tally.harmless += 1;
    else keep(tally.wronglyValid);
    return;
  }
  if (code === 1) tally.tampered += 1;
  else tally.undecided += 1;
  const answer = JSON.parse(text) as { readonly sentence?: unknown; readonly code?: unknown };
  if (answer.code === 'failed') keep(tally.failed);
  const { sentence } = answer;
  const isOne = typeof sentence === 'string' && sentence !== '' && !sentence.includes('\n');
  if (!isOne || (code !== 1 && code !== 2)) keep(tally.unclear);
}

/** A file cut off, with bytes changed, put in or doubled, with another's end, an absurd number, a path that leads out. */
function mutant(original: Buffer, other: Buffer, random: Random): Buffer {
  const at = random.below(original.length);
  const to = Math.min(original.length, at + 1 + random.below(40));
  const [head, rest] = [original.subarray(0, at), original.subarray(at)];
  const text = (changed: string): Buffer => Buffer.from(changed, 'latin1');
  switch (random.below(9)) {
    case 0:
      return head;
    case 1: {
      const changed = Buffer.from(original);
      for (let n = random.below(4); n >= 0; n -= 1) {
        changed[random.below(changed.length)] = random.below(256);
      }
      return changed;
    }
    case 2:
      return Buffer.concat([head, Buffer.alloc(1 + random.below(300), random.below(256)), rest]);
    case 3:
      return Buffer.concat([head, original.subarray(to)]);
    case 4:
      return Buffer.concat([original.subarray(0, to), rest]);
    case 5:
      return Buffer.concat([head, other.subarray(Math.min(at, other.length))]);
    case 6: {
      let left = random.below(20);
      const number = random.pick(NUMBERS);
      const put = (found: string): string => (left-- === 0 ? number : found);
      return text(original.toString('latin1').replace(/\d+/g, put));
    }
    case 7: {
      const path = random.pick(PATHS);
      return text(original.toString('latin1').replaceAll('records/', path.slice(0, 8)));
    }
    default:
      return Buffer.from(mutateText(original.toString('utf8'), other.toString('utf8'), random));
  }
}

async function prepare(desk: VerifyDesk): Promise<Record<InputKind, Input>> {
  const records = Array.from({ length: RECORDS }, (_, n) => personRecord(n, `甲例${n}`));
  const log = witnessedLog(records);
  const fork = log.fork(records.map((_, n) => personRecord(n, `乙例${n}`)));
  const policy = desk.write('policy', log.policy);
  const zipOf = async (of: typeof log, name: string): Promise<Buffer> => {
    await writeZip(await bundleOf(of, [3, 17, 40]), desk.path(name));
    return readFileSync(desk.path(name));
  };
  const bundle = await zipOf(log, 'bundle.zip');
  const stranger = await zipOf(witnessedLog(fork.records, 'other.example/log'), 'other.zip');
  const receipt = async (of: typeof log, position: number): Promise<Buffer> =>
    Buffer.from((await bundleOf(of, [position])).get(`proofs/${position}.tlog-proof`)!);
  const opening = (n: number, field = 'name'): string =>
    `${JSON.stringify({ eventId: `event-${n}`, field, value: `甲例${n}`, opening: OPENING_TEXT })}\n`;
  const exported = desk.write('whole.jsonl', exportedLog(records));
  desk.write('record', records[16]!);
  const [tile] = tilesOf(log);
  const tiles = desk.writeTiles('tiles', log);
  const edge = desk.write('edge', log.checkpoint(RECORDS));
  const text = (value: string): Buffer => Buffer.from(value);
  const byPolicy = ['--policy', policy];
  return {
    bundle: {
      ...{ original: bundle, other: stranger, name: 'b.zip' },
      args: ['bundle', desk.path('b.zip'), ...byPolicy],
    },
    receipt: {
      ...{ original: await receipt(log, 17), other: await receipt(fork, 18), name: 'p' },
      args: ['proof', desk.path('p'), '--record', desk.path('record'), ...byPolicy],
    },
    checkpoint: {
      ...{ original: text(log.checkpoint(RECORDS)), other: text(fork.checkpoint(31)), name: 'c' },
      args: ['db', exported, '--checkpoint', desk.path('c'), ...byPolicy],
    },
    log: {
      ...{ original: text(exportedLog(records)), other: text(exportedLog(fork.records)) },
      name: 'log.jsonl',
      args: ['db', desk.path('log.jsonl'), '--checkpoint', edge, '--tiles', tiles, ...byPolicy],
    },
    openings: {
      ...{ original: text(opening(3) + opening(9)), other: text(opening(4)), name: 'o' },
      args: ['openings', desk.path('o'), '--log', exported],
    },
    tile: {
      original: Buffer.from(tile!.bytes),
      other: Buffer.from(tilesOf(fork)[0]!.bytes),
      name: `mirror/${tilePath(tile!)}`,
      args: ['db', exported, '--checkpoint', edge, '--tiles', desk.path('mirror'), ...byPolicy],
    },
  };
}
