import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { parseNote } from '@fundflow/proof/note';
import {
  TILE_WIDTH,
  decodeEntries,
  entriesPath,
  partialTiles,
  tilePath,
  tileWidthAt,
} from '@fundflow/proof/tiles';
import type { ProofStatusAnswer } from '../../apps/notary/tlog/proof-status.js';
import { eventually } from '../support/eventually.js';
import { exportedLog } from '../support/evidence.js';
import { verifyDesk } from '../support/verify-desk.js';
import { send } from './support/person.js';
import { project } from './support/rows.js';
import { type RunningLedger, startLedger } from './support/running-ledger.js';
import { expectOk, languageOf, type TheLedger } from './support/the-ledger.js';

const LOG = '/tlog/fund-plan';

let running: RunningLedger;
let ledger: TheLedger;
/** What a stranger carries home: the records, the tiles, the checkpoint, the policy and one receipt. */
let records: string[];
let checkpoint: string;
const desk = verifyDesk();

const bytesOf = async (path: string): Promise<Buffer> => {
  const cookie = running.sessions.get('inspector') ?? '';
  const answer = await fetch(running.url + path, { headers: { cookie } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
};

beforeAll(async () => {
  running = await startLedger({}, {});
  ledger = languageOf(() => running);
  const rows = Array.from({ length: 300 }, (_, i) => project(`P-${i}`));
  const { lastPosition } = await ledger.post('projects', ...rows);
  checkpoint = await eventually(async () => {
    const { status, text } = await send<string>(`${running.url}${LOG}/checkpoint`, {});
    const isThere = status === 200 && parseCheckpoint(parseNote(text).text).size >= lastPosition!;
    return isThere ? text : null;
  });
  const { size } = parseCheckpoint(parseNote(checkpoint).text);
  records = [];
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = tileWidthAt(size, 0, index);
    const bundle = decodeEntries(await bytesOf(`${LOG}/${entriesPath(index, width)}`), width);
    records.push(...bundle.map((record) => Buffer.from(record).toString('utf8')));
  }
  const full = { level: 0, index: 0, width: TILE_WIDTH };
  for (const tile of [full, ...partialTiles(size)]) {
    desk.write(`tiles/${tilePath(tile)}`, await bytesOf(`${LOG}/${tilePath(tile)}`));
  }
  const proofs = await ledger.as('inspector').get<ProofStatusAnswer>('/api/v1/proof');
  desk.write('policy', expectOk(proofs).logs[0]!.policy);
  desk.write('checkpoint', checkpoint);
  desk.write('17.tlog-proof', await bytesOf('/api/v1/events/17/proof'));
});
afterAll(async () => {
  desk.close();
  await running.remove();
});

const pinned = () => ['--policy', desk.path('policy'), '--checkpoint', desk.path('checkpoint')];
const db = (lines: readonly string[]) =>
  desk.verify(
    'db',
    desk.write('log.jsonl', exportedLog(lines)),
    ...pinned(),
    '--tiles',
    desk.path('tiles'),
  );

describe('what a ledger gives away, checked where there is no ledger', () => {
  it('the records are those of the checkpoint', async () => {
    expect(await db(records)).toEqual([0, expect.stringMatching(/^有效：日志/)]);
  });

  it('one edited amount is found, by its index', async () => {
    const lines = records.with(
      200,
      records[200]!.replace(/\d/, (digit) => `${(+digit + 1) % 10}`),
    );
    expect(await db(lines)).toEqual([1, '已被改动：第一条不符的记录是第 201 条（索引 200）。\n']);
  });

  it('a receipt shows its record and no other', async () => {
    const receipt = desk.path('17.tlog-proof');
    const of = (position: number) => desk.write('record.json', records[position - 1]!);
    const args = ['proof', receipt, '--policy', desk.path('policy'), '--record'];
    expect(await desk.code(...args, of(17))).toBe(0);
    expect(await desk.code(...args, of(18))).toBe(1);
  });
});
