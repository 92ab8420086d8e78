import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyBundle } from '@fundflow/proof/bundle';
import { ATTACHMENT_BYTES_MAX } from '@fundflow/evidence/attachment-files';
import { nodeMeans } from '../../apps/verify/node-means.js';
import { openZip } from '../../apps/verify/zip-members.js';
import { allocation } from './support/rows.js';
import type { DemoLogin } from './support/running-ledger.js';
import { type TheLedger, theLedger } from './support/the-ledger.js';

const ledger: TheLedger = theLedger({}, {});
const PDF = Buffer.from('%PDF-1.7\n发票 0001\n%%EOF\n');
const digest = (name: string, bytes: Uint8Array): string =>
  createHash(name).update(bytes).digest('hex');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fundflow-attachments-'));
  await ledger.post('allocations', allocation('A-1'), allocation('A-2'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Added {
  readonly code?: string;
  readonly sha256: string;
  readonly sm3: string;
  readonly bytes: number;
  readonly mediaType: string;
  readonly position: number;
}

async function attach(
  subjectId: string,
  bytes: Uint8Array,
  by: DemoLogin = 'maker',
): Promise<{ status: number; body: Added }> {
  const form = new FormData();
  form.set('subjectId', subjectId);
  form.set('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), '韦某某的发票.pdf');
  const path = '/api/v1/attachments';
  return ledger.as(by).request<Added>(path, { method: 'POST', body: form });
}

const directory = (): string => join(ledger.running.dataDirectory, 'attachments');

describe('a paper beside a record', () => {
  it('is kept under its digests, and the log names them and not its name', async () => {
    const { status, body } = await attach('A-1', PDF);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...{ subjectId: 'A-1', bytes: PDF.length, mediaType: 'application/pdf' },
      ...{ sha256: digest('sha256', PDF), sm3: digest('sm3', PDF) },
    });
    const { entries } = await ledger.events({ after: body.position - 1, limit: 1 });
    expect(entries[0]?.envelope).toMatchObject({ type: 'AttachmentAdded', region: '450124' });
    expect(JSON.stringify(entries)).not.toContain('韦某某');
    expect(((await stat(join(directory(), body.sha256))).mode & 0o777).toString(8)).toBe('600');
  });

  it('put there again is the same one', async () => {
    const first = await attach('A-1', PDF);
    const again = await attach('A-1', PDF, 'inspector');
    expect([again.status, again.body.position]).toEqual([201, first.body.position]);
    const { body } = await ledger
      .as('inspector')
      .get<{ attachments: Added[] }>('/api/v1/attachments', { subjectId: 'A-1' });
    expect(body.attachments.map(({ sha256 }) => sha256)).toEqual([digest('sha256', PDF)]);
  });

  it('is handed out byte by byte, and never as a page', async () => {
    const path = `/api/v1/attachments/${digest('sha256', PDF)}?subjectId=A-1`;
    const headers = { cookie: ledger.running.sessions.get('inspector') ?? '' };
    const answer = await fetch(ledger.running.url + path, { headers });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PDF);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    [
      'what is none of the types, whatever its name',
      'A-1',
      '<script>',
      'maker',
      415,
      'unsupported-attachment',
    ],
    ['a record nobody knows', 'nobody', '%PDF-1.7', 'maker', 404, 'unknown-record'],
    ['no record', '', '%PDF-1.7', 'maker', 404, 'unknown-record'],
    ['somebody who neither posts nor looks', 'A-1', '%PDF-1.7', 'admin', 403, 'not-allowed'],
  ] as const)('is refused: %s', async (_what, id, text, by, status, code) => {
    const before = await readdir(directory());
    const answer = await attach(id, Buffer.from(text), by);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await readdir(directory())).toEqual(before);
  });

  it('of a place outside is not there, neither to see nor to add to', async () => {
    await ledger.post('allocations', allocation('A-9', { receiver_region: '450125' }));
    const { body } = await attach('A-9', PDF, 'inspector');
    const outside = ledger.as('county-maker');
    for (const path of ['', `/${body.sha256}`]) {
      const asked = await outside.get<Added>(`/api/v1/attachments${path}`, { subjectId: 'A-9' });
      expect([asked.status, asked.body.code]).toEqual([404, 'unknown-record']);
    }
    expect((await attach('A-9', PDF, 'county-maker')).status).toBe(404);
  });

  it('is refused when it is too large, and leaves nothing behind', async () => {
    const before = await readdir(directory());
    const large = Buffer.alloc(ATTACHMENT_BYTES_MAX + 1, '%PDF-');
    const answer = await attach('A-1', large);
    expect([answer.status, answer.body.code]).toEqual([413, 'file-too-large']);
    expect(await readdir(directory())).toEqual(before);
  });
});

describe('an evidence bundle', () => {
  const ask = (id: string): Promise<Response> =>
    fetch(`${ledger.running.url}/api/v1/evidence`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: ledger.running.sessions.get('inspector') ?? '',
      },
      body: JSON.stringify({ kind: 'trail', id, reason: '核查' }),
    });

  it('brings the papers along, and the records that name them', async () => {
    await attach('A-2', Buffer.from('%PDF-1.4 合同'));
    const file = join(folder, 'bundle.zip');
    await writeFile(file, Buffer.from(await (await ask('450124')).arrayBuffer()));
    const valid = await verifyBundle(await openZip(file), nodeMeans, null);
    expect(valid).toMatchObject({ attachments: 2, records: 4 + 2 });
  });

  it('is not made without a paper the log names', async () => {
    await rm(join(directory(), digest('sha256', PDF)));
    const answer = await ask('450124');
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: 'attachment-missing' });
  });
});
