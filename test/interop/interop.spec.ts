import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BearerTokens } from '@fundflow/identity/sign-in/bearer-tokens';
import { issueLocalToken } from '@fundflow/identity/accounts/local-token';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { generateSigningKey, nodeCrypto, parseSigningKey } from '@fundflow/proof/ed25519';
import { sha256Tree } from '@fundflow/proof/node-hash';
import { ED25519_COSIGNATURE, formatVerifierKey, parseVerifierKey } from '@fundflow/proof/note-key';
import type { ProofStatusAnswer } from '../../apps/notary/tlog/proof-status.js';
import { serveWitness } from '../../apps/notary/witness/witness-server.js';
import { WitnessDesk } from '../../apps/notary/witness/witness-desk.js';
import { project } from '../e2e/support/rows.js';
import { type RunningLedger, startLedger } from '../e2e/support/running-ledger.js';
import { expectOk, languageOf, type TheLedger } from '../e2e/support/the-ledger.js';
import { eventually } from '../support/eventually.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const run = promisify(execFile);
const BUILD_MS_MAX = 600_000;

let folder: string;
const children = new Set<ChildProcess>();

/** Why these cannot run here; null when they can. */
function missing(): string | null {
  const go = spawnSync('go', ['version']);
  if (go.status !== 0) return 'Go is not on this machine';
  const modules = spawnSync('go', ['mod', 'download'], { cwd: HERE, timeout: 120_000 });
  return modules.status === 0 ? null : 'the Go modules cannot be had here';
}

const why = missing();

/** Where Go is missing one line says so, in the report and aloud. */
function withGo(what: string, specs: () => void): void {
  if (why === null) return describe(what, specs);
  it(`${what}: SKIPPED, ${why}`, () => {
    expect(process.stderr.write(`${what}: SKIPPED, ${why}\n`)).toBeDefined();
  });
}

const interop = async (...args: string[]): Promise<string> =>
  (await run(join(folder, 'interop'), args)).stdout.trim();

/** Starts a program and waits until it has said something. */
async function start(program: string, args: readonly string[], said: RegExp): Promise<string> {
  const child = spawn(join(folder, program), args, { cwd: folder });
  children.add(child);
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        const found = said.exec(output);
        if (found) resolve(found[1] ?? found[0]);
      });
    }
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${output}`)));
  });
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

withGo('public transparency-log software in Go', () => {
  let running: RunningLedger;
  let ledger: TheLedger;
  let witnessKey: string;
  let bearer: string;
  let database: string;

  const status = async () => {
    const answer = await ledger.as('inspector').get<ProofStatusAnswer>('/api/v1/proof');
    const [log] = expectOk(answer).logs;
    if (!log) throw new Error('there is no log');
    return log;
  };
  const prefix = () => `${running.url}/tlog/fund-plan`;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fundflow-interop-'));
    const programs = ['.', 'filippo.io/torchwood/cmd/litewitness'];
    const build = ['build', '-p', '1', '-o', `${folder}/`, ...programs];
    await run('go', build, { cwd: HERE, timeout: BUILD_MS_MAX });

    const socket = join(folder, 'agent.sock');
    const agentKey = await start('interop', ['agent', socket], /key (\w{64})/);
    const port = await freePort();
    database = join(folder, 'witness.db');
    const options = ['-name', 'witness.example.org/w1', '-db', database];
    const signing = ['-ssh-agent', socket, '-key', agentKey];
    const listening = ['-listen', `127.0.0.1:${port}`];
    witnessKey = await start('litewitness', [...options, ...signing, ...listening], /vkey=(\S+)/);

    const policy = `witness w1 ${witnessKey} http://127.0.0.1:${port}\nquorum w1\n`;
    running = await startLedger({}, { policy });
    ledger = languageOf(() => running);
    await ledger.post('projects', ...Array.from({ length: 700 }, (_, i) => project(`P-${i}`)));
    const users = running.app.get(UserDirectory, { strict: false });
    const tokens = running.app.get(BearerTokens, { strict: false });
    const file = await issueLocalToken({ users, tokens }, running.dataDirectory);
    bearer = (await readFile(file, 'utf8')).trim();
  }, BUILD_MS_MAX);

  afterAll(async () => {
    await running?.remove();
    for (const child of children) child.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  it('golang.org/x/mod/sumdb/note opens our checkpoint, before any witness has signed it', async () => {
    const { origin, vkey } = await eventually(async () => {
      const log = await status();
      return (log.signed?.size ?? 0) >= 700 ? log : null;
    });
    expect(await interop('open', prefix(), vkey!)).toMatch(`${origin} `);
  });

  it('litewitness cosigns for us, and what it signed is published and meets the policy', async () => {
    const { origin, vkey } = await status();
    await interop('addlog', database, origin!, vkey!);
    const witnessed = await eventually(async () => (await status()).witnessed);
    expect(witnessed.note).toContain('— witness.example.org/w1 ');
    expect(await (await fetch(`${prefix()}/checkpoint`)).text()).toBe(witnessed.note);
    const { lastPosition } = await ledger.post('projects', project('P-later'));
    await eventually(async () => {
      const later = (await status()).witnessed;
      return later !== null && later.size >= lastPosition! ? later : null;
    });
  });

  it('sumdb/tlog proves records and shorter trees from our tiles', async () => {
    const { vkey } = await status();
    expect(await interop('tiles', prefix(), vkey!, bearer)).toMatch(/^tiles \d+$/);
  });

  it('the fsck of transparency-dev/tessera reads the whole log and every tile', async () => {
    const { origin, vkey } = await status();
    expect(await interop('fsck', prefix(), vkey!, bearer)).toBe(`fsck ${origin}`);
  });

  it('torchwood verifies our receipt by our policy', async () => {
    const [policy, proof, record] = ['policy', 'proof', 'record'].map((name) => join(folder, name));
    await writeFile(policy!, (await status()).policy);
    const answer = await ledger.as('inspector').get<string>('/api/v1/events/300/proof');
    await writeFile(proof!, expectOk(answer));
    const bundle = await fetch(`${prefix()}/tile/entries/001.p/44`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    const bytes = Buffer.from(await bundle.arrayBuffer());
    let at = 0;
    for (let index = 256; index < 299; index += 1) at += 2 + bytes.readUInt16BE(at);
    await writeFile(record!, bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
    expect(await interop('proof', policy!, proof!, record!)).toBe('proof');
  });

  it('our witness cosigns for a log made in Go, and torchwood verifies the cosignature', async () => {
    await interop('makelog', folder, 'go.example.org/log');
    const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    const vkey = (await text('vkey')).trim();
    const skey = generateSigningKey('witness.example.org/ours', ED25519_COSIGNATURE);
    const key = parseSigningKey(skey);
    const logs = [{ key: parseVerifierKey(vkey, nodeCrypto), tree: sha256Tree }];
    const desk = new WitnessDesk({
      ...{ key, logs, directory: join(folder, 'ours') },
      now: () => new Date(),
    });
    const server = await serveWitness(desk, { host: '127.0.0.1', port: 0 }, (error) => {
      throw error;
    });
    const ask = async (request: string) => {
      const body = await text(request);
      const answer = await fetch(`${server.url}/add-checkpoint`, { method: 'POST', body });
      return { status: answer.status, text: await answer.text(), checkpoint: body };
    };
    const first = await ask('first');
    expect((await ask('unproved')).status).toBe(422);
    const second = await ask('second');
    expect([first.status, second.status]).toEqual([200, 200]);
    for (const { checkpoint, text: lines } of [first, second]) {
      const note = checkpoint.slice(checkpoint.indexOf('\n\n') + 2) + lines;
      await writeFile(join(folder, 'note'), note);
      const verified = interop('cosigned', join(folder, 'note'), vkey, formatVerifierKey(key.key));
      expect(await verified).toBe('cosigned');
    }
    await server.stop();
  });
});
