import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { nodeCrypto } from '@fundflow/proof/ed25519';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { parseNote } from '@fundflow/proof/note';
import { parsePolicy } from '@fundflow/proof/policy';
import { openTiles } from '@fundflow/proof/tile-reader';
import { decodeEntries, entriesPath, partialTiles, tilePath } from '@fundflow/proof/tiles';
import { judgeProof, parseTlogProof } from '@fundflow/proof/tlog-proof';
import type { ReceiptAnswer } from '../../apps/ledger/submissions/receipt.js';
import type { ProofStatusAnswer } from '../../apps/notary/tlog/proof-status.js';
import { eventually } from '../support/eventually.js';
import type { ProblemBody } from './support/answers.js';
import { send } from './support/person.js';
import { allocation, project } from './support/rows.js';
import { type RunningLedger, startLedger } from './support/running-ledger.js';
import { expectOk, languageOf, type TheLedger } from './support/the-ledger.js';

const LOG = '/tlog/fund-plan';

let running: RunningLedger;
let ledger: TheLedger;
/** The last position posted before the tests. */
let head: number;
beforeAll(async () => {
  running = await startLedger({}, { sm3: true });
  ledger = languageOf(() => running);
  const rows = Array.from({ length: 300 }, (_, i) => project(`P-${i}`));
  head = (await ledger.post('projects', ...rows)).lastPosition!;
});
afterAll(() => running.remove());

const bytesOf = async (path: string, cookie?: string): Promise<Buffer> => {
  const headers = cookie === undefined ? {} : { cookie };
  const answer = await fetch(running.url + path, { headers });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
};

const status = async (): Promise<ProofStatusAnswer> =>
  expectOk(await ledger.as('inspector').get<ProofStatusAnswer>('/api/v1/proof'));

/** The checkpoint once it has the records up to this position. */
const checkpointWith = (position: number, log = LOG): Promise<string> =>
  eventually(async () => {
    const answer = await send<string>(`${running.url}${log}/checkpoint`, {});
    if (answer.status !== 200) return null;
    return parseCheckpoint(parseNote(answer.text).text).size >= position ? answer.text : null;
  });

describe('the transparency log beside a running ledger', () => {
  it('shows a stranger a checkpoint and the tiles it stands for, and keeps the records back', async () => {
    const note = await checkpointWith(head);
    const { size, root, extensions } = parseCheckpoint(parseNote(note).text);
    expect(size).toBeGreaterThanOrEqual(head);
    expect(extensions).toEqual([]);
    const fetchTiles = (tiles: readonly { level: number; index: number; width: number }[]) =>
      Promise.all(tiles.map((tile) => bytesOf(`${LOG}/${tilePath(tile)}`)));
    const reader = await openTiles(sha256Tree, { size, root }, fetchTiles);
    expect(await reader.leaves(0)).toHaveLength(8_192);

    const path = `${running.url}${LOG}/${entriesPath(0, 256)}`;
    expect((await send<ProblemBody>(path, {})).body.code).toBe('not-authenticated');
    const maker = await ledger.as('maker').get<ProblemBody>(`${LOG}/${entriesPath(0, 256)}`);
    expect(maker.status).toBe(403);
  });

  it('gives an inspector the records that hash to the tiles, packed or not', async () => {
    await checkpointWith(300);
    const leaves = await bytesOf(`${LOG}/tile/0/000`);
    const cookie = running.sessions.get('inspector');
    const bundle = await bytesOf(`${LOG}/${entriesPath(0, 256)}`, cookie);
    const records = decodeEntries(bundle, 256);
    const { position, envelope } = (await ledger.events({ limit: 200 })).entries[0]!;
    const record = Buffer.from(records[position - 1]!).toString('utf8');
    expect(JSON.parse(record)).toEqual(envelope);
    const hashed = records.map((record) => sha256Tree.leaf(record));
    expect(Buffer.concat(hashed).equals(leaves)).toBe(true);
    const raw = await fetch(`${running.url}${LOG}/${entriesPath(0, 256)}`, {
      headers: { cookie: cookie ?? '', 'accept-encoding': 'identity' },
    });
    expect(raw.headers.get('content-encoding')).toBeNull();
    expect(Buffer.from(await raw.arrayBuffer()).equals(bundle)).toBe(true);
    expect(gunzipSync).toBeDefined();
  });

  it.each([
    ...['tile/0/0', 'tile/00/000', 'tile/0/x000/000', 'tile/0/000.p/0', 'tile/0/000.p/256'],
    ...[
      'tile/0/000.p/01',
      'tile/0/999',
      'tile/64/000',
      'tile/-1/000',
      'tile/0/%300',
      'tile/0/000/',
    ],
    ...['tile/0/000?x=1', 'tile/1/000', 'tile/0/..%2f0', 'tile/0//000', 'nothing'],
  ])('has nothing at %s', async (path) => {
    const answer = await send<ProblemBody>(`${running.url}${LOG}/${path}`, {});
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });

  it('says of each answer what it is and how long it stays', async () => {
    await checkpointWith(300);
    const headers = async (path: string) => {
      const answer = await fetch(running.url + path);
      await answer.arrayBuffer();
      return [answer.headers.get('content-type'), answer.headers.get('cache-control')];
    };
    expect(await headers(`${LOG}/checkpoint`)).toEqual(['text/plain; charset=utf-8', 'no-cache']);
    expect(await headers(`${LOG}/tile/0/000`)).toEqual([
      'application/octet-stream',
      'public, max-age=31536000, immutable',
    ]);
    const [partial] = partialTiles(300);
    expect(await headers(`${LOG}/${tilePath(partial!)}`)).toEqual([
      'application/octet-stream',
      'public, max-age=31536000, immutable',
    ]);
    expect((await fetch(`${running.url}/tlog/another/checkpoint`)).status).toBe(404);
  });

  it('proves one record to somebody who has the policy and the record', async () => {
    const { lastPosition } = await ledger.post('allocations', allocation('A-proved'));
    await checkpointWith(lastPosition!);
    const path = `/api/v1/events/${lastPosition}/proof`;
    const answer = await ledger.as('inspector').get<string>(path);
    expect(answer.headers.get('content-disposition')).toContain(`${lastPosition}.tlog-proof`);
    const [fundPlan] = (await status()).logs;
    const policy = parsePolicy(fundPlan!.policy, nodeCrypto);
    const cookie = running.sessions.get('inspector');
    const index = lastPosition! - 1;
    const bundle = await bytesOf(
      `${LOG}/${entriesPath(Math.floor(index / 256), (index % 256) + 1)}`,
      cookie,
    );
    const record = decodeEntries(bundle, (index % 256) + 1).at(-1)!;
    const options = { tree: sha256Tree, crypto: nodeCrypto };
    const proof = parseTlogProof(answer.text);
    const judged = judgeProof(proof, sha256Tree.leaf(record), policy, options);
    expect(judged.outcome).toBe('accepted');
    const other = judgeProof(proof, sha256Tree.leaf('{}'), policy, options);
    expect(other.outcome).toBe('refused');
  });

  it('gives a receipt with index and leaf hash of everything a submission posted', async () => {
    const posted = await ledger.post('projects', project('P-receipt'), project('P-receipt-2'));
    const maker = ledger.as('centre-maker');
    const receipt = expectOk(await maker.get<ReceiptAnswer>(posted.receipt));
    const first = posted.firstPosition!;
    const positions = Array.from({ length: posted.lastPosition! - first + 1 }, (_, i) => first + i);
    expect(receipt.entries.map(({ position }) => position)).toEqual(positions);
    expect(receipt.next).toBeNull();
    await checkpointWith(posted.lastPosition!);
    const { index, leafHash, proof } = receipt.entries.at(-1)!;
    const tile = { level: 0, index: Math.floor(index / 256), width: (index % 256) + 1 };
    const hashes = await bytesOf(`${LOG}/${tilePath(tile)}`);
    expect(hashes.subarray(-32).toString('hex')).toBe(leafHash);
    expect((await ledger.as('inspector').get(proof)).status).toBe(200);
    expect((await ledger.as('county-maker').get(posted.receipt)).status).toBe(404);
  });

  it('has no proof of what is not recorded, and says so of an address that is none', async () => {
    const far = await ledger.as('inspector').get<ProblemBody>('/api/v1/events/99999999/proof');
    expect([far.status, far.body.code]).toEqual([404, 'unknown-position']);
    const none = await ledger.as('inspector').get<ProblemBody>('/api/v1/events/0/proof');
    expect(none.status).toBe(400);
  });

  it('keeps a second tree in SM3 under an origin of its own', async () => {
    const note = await checkpointWith(head, '/tlog/fund-plan-sm3');
    const { origin } = parseCheckpoint(parseNote(note).text);
    expect(origin).toMatch(/\/tlog\/fund-plan-sm3$/);
    const leaf = (await bytesOf('/tlog/fund-plan-sm3/tile/0/000.p/1')).toString('hex');
    const cookie = running.sessions.get('inspector');
    const [record] = decodeEntries(await bytesOf(`${LOG}/${entriesPath(0, 1)}`, cookie), 1);
    const sm3 = createHash('sm3').update(Buffer.concat([Buffer.of(0), record!]));
    expect(leaf).toBe(sm3.digest('hex'));
  });

  it('says that a notary run by who keeps the ledger proves no independence', async () => {
    const { statement, logs } = await status();
    expect(statement).toContain('不能证明独立性');
    expect(logs.map(({ log, hash }) => [log, hash])).toEqual([
      ['fund-plan', 'sha256'],
      ['fund-plan-sm3', 'sm3'],
    ]);
  });

  it('goes on with the same key and tree after a restart', async () => {
    const before = (await status()).logs[0]!;
    await running.stop();
    await running.start();
    const { lastPosition } = await ledger.post('projects', project('P-after'));
    const note = await checkpointWith(lastPosition!);
    expect(parseCheckpoint(parseNote(note).text).origin).toBe(before.origin);
    expect((await status()).logs[0]?.vkey).toBe(before.vkey);
  });
});
