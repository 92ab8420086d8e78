import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { commit, PERSONAL_FIELDS } from '@fundflow/vault/commitment';
import {
  OPENING_TEXT,
  bundleOf,
  personRecord,
  withManifest,
  witnessedLog,
  type Members,
} from '../../test/support/evidence.js';
import { plainRecords } from '../../test/support/plain-tree.js';
import { verifyBundle, type BundleMeans } from './bundle.js';
import { parseMemberPath } from './bundle-manifest.js';
import { nodeCrypto } from './ed25519.js';
import { toHex, toUtf8 } from './encoding.js';
import { Found, outcomeOf, type Finding } from './findings.js';
import { sha256, sha256Tree, sm3, sm3Tree } from './node-hash.js';
import { commitmentOf } from './openings.js';
import { parsePolicy } from './policy.js';

const means: BundleMeans = {
  crypto: nodeCrypto,
  sm3,
  tree: (name) => (name === 'sha256' ? sha256Tree : sm3Tree),
};
const file = toUtf8('%PDF-1.7 发票');
const attachment = toHex(sha256(file));
const records = [
  ...plainRecords(20).map((text) => JSON.stringify(text)),
  personRecord(21, '张三', attachment),
  personRecord(22, '李四'),
];
const log = witnessedLog(records);
const stranger = witnessedLog(records);
const whole = await bundleOf(
  log,
  [3, 21, 22],
  new Map([
    [`attachments/${attachment}`, file],
    ['openings/21.json', openings('张三')],
    ['report.html', toUtf8('<!doctype html><title>报告</title>')],
  ]),
);

function openings(value: string): Uint8Array {
  return toUtf8(JSON.stringify([{ field: 'name', opening: OPENING_TEXT, value }]));
}
function verify(members: Members, policy = null as string | null) {
  const given = policy === null ? null : parsePolicy(policy, nodeCrypto);
  const source = {
    paths: [...members.keys()],
    read: (path: string) => Promise.resolve(members.get(path)!),
  };
  return verifyBundle(source, means, given);
}
async function found(members: Members, policy: string | null = null): Promise<Finding | 'valid'> {
  try {
    await verify(members, policy);
    return 'valid';
  } catch (error) {
    if (error instanceof Found) return error.finding;
    throw error;
  }
}
const change = (path: string, bytes: Uint8Array | string): Members =>
  new Map(whole).set(path, typeof bytes === 'string' ? toUtf8(bytes) : bytes);
const remove = (path: string): Members => new Map([...whole].filter(([name]) => name !== path));
const text = (path: string): string => new TextDecoder().decode(whole.get(path));

describe('an evidence bundle', () => {
  it('in which nothing was touched is valid, and says whose keys it went by', async () => {
    await expect(verify(whole)).resolves.toMatchObject({
      ...{ origin: log.origin, size: 22, records: 3, attachments: 1, openings: 1 },
      ...{ policyFrom: 'bundle', isSm3Checked: true },
      witnesses: [{ name: '纪委' }, { name: '审计局' }],
      fingerprints: [
        { role: 'log', name: log.origin, sha256: toHex(sha256(log.log.key.publicKey)) },
        { role: 'witness', name: '纪委' },
        { role: 'witness', name: '审计局' },
        { role: 'witness', name: '省财政厅' },
      ],
    });
    await expect(verify(whole, log.policy)).resolves.toMatchObject({ policyFrom: 'given' });
  });

  it('any changed bit in any member is noticed', async () => {
    for (const [path, bytes] of whole) {
      for (let i = 0; i < bytes.length; i += Math.max(1, Math.floor(bytes.length / 12))) {
        const changed = bytes.slice();
        changed[i]! ^= 1;
        // What the manifest says besides digests proves nothing and is told by nobody.
        if (path === 'manifest.json' && isWords(bytes, i)) continue;
        expect([path, i, await found(change(path, changed))]).not.toEqual([path, i, 'valid']);
      }
    }
  });

  it('any member left out is noticed', async () => {
    for (const path of whole.keys()) expect(await found(remove(path))).not.toBe('valid');
  });

  it('a member added is noticed', async () => {
    expect(await found(change('verify.html', '<p>'))).toEqual({
      code: 'member-unlisted',
      member: 'verify.html',
    });
  });
});

/** Whether this byte of the manifest stands before its list: format, time, exporter, question. */
function isWords(manifest: Uint8Array, at: number): boolean {
  return at < new TextDecoder().decode(manifest).indexOf('"members"');
}

describe('a bundle whose manifest was written anew after the deed', () => {
  const forged = (members: Members) => found(withManifest(members));

  it('a record edited is not the one of the log', async () => {
    const edited = text('records/22.json').replace('PaymentMade', 'PaymentMad3');
    expect(await forged(change('records/22.json', edited))).toEqual({
      code: 'not-included',
      position: 22,
    });
  });

  it('a record put at the place of another is not the one of the log', async () => {
    const members = change('records/22.json', whole.get('records/21.json')!);
    members.set('proofs/22.tlog-proof', whole.get('proofs/21.tlog-proof')!);
    expect(await forged(members)).toEqual({ code: 'not-included', position: 22 });
  });

  it('a record without its proof shows nothing, a proof without its record is a gap', async () => {
    expect(await forged(remove('proofs/22.tlog-proof'))).toEqual({
      code: 'missing',
      what: 'proofs/22.tlog-proof',
    });
    expect(await forged(remove('records/22.json'))).toEqual({
      code: 'member-missing',
      member: 'records/22.json',
    });
  });

  it('a checkpoint without enough witnesses decides nothing', async () => {
    const one = log.checkpoint(22, 1);
    const members = new Map(
      [...change('checkpoint', one)].map(([path, bytes]) => [
        path,
        path.startsWith('proofs/')
          ? toUtf8(`${new TextDecoder().decode(bytes).split('\n\n')[0]}\n\n${one}`)
          : bytes,
      ]),
    );
    expect(await forged(members)).toMatchObject({ code: 'no-quorum', witnesses: ['纪委'] });
  });

  it('a proof against another checkpoint is not taken, even a good one', async () => {
    const other = text('proofs/22.tlog-proof').replace(log.checkpoint(22), log.checkpoint(22, 3));
    expect(await forged(change('proofs/22.tlog-proof', other))).toEqual({
      code: 'other-checkpoint',
      member: 'proofs/22.tlog-proof',
    });
  });

  it('records of another log do not mix in', async () => {
    const foreign = await bundleOf(stranger, [5]);
    const members = new Map(whole);
    for (const path of ['records/5.json', 'proofs/5.tlog-proof']) {
      members.set(path, foreign.get(path)!);
    }
    expect(await forged(members)).toMatchObject({ code: 'other-checkpoint' });
  });

  it('a bundle of another log is unknown to who has a policy of his own', async () => {
    const foreign = await bundleOf(stranger, [5]);
    expect(await found(foreign, log.policy)).toEqual({ code: 'unknown-log', origin: log.origin });
    expect(outcomeOf({ code: 'unknown-log', origin: '' })).toBe('undecided');
  });

  it('keys that are not those of the policy are noticed', async () => {
    expect(await forged(change('keys', text('keys').replace('纪委', '纪检')))).toEqual({
      code: 'keys-differ',
    });
  });

  it('an attachment must be what its name says, and a record must name it', async () => {
    const path = `attachments/${attachment}`;
    expect(await forged(change(path, '%PDF-1.7 假发票'))).toMatchObject({ code: 'digest-differs' });
    const stray = toUtf8('stray');
    const members = change(`attachments/${toHex(sha256(stray))}`, stray);
    expect(await forged(members)).toMatchObject({ code: 'attachment-unnamed' });
  });

  it('a name that is not the one committed to is noticed', async () => {
    expect(await forged(change('openings/21.json', openings('王五')))).toEqual({
      ...{ code: 'opening-differs', subject: '21', field: 'name' },
    });
    expect(await forged(change('openings/3.json', openings('张三')))).toMatchObject({
      code: 'opening-differs',
    });
  });

  it('no records show nothing', async () => {
    const members = new Map(
      [...whole].filter(([path]) => ['checkpoint', 'policy', 'keys'].includes(path)),
    );
    expect(await forged(members)).toEqual({ code: 'no-records' });
  });

  it.each([
    ['manifest.json', '{"format":"fundflow-evidence/v1"}'],
    ['manifest.json', 'null'],
    ['manifest.json', '{"format":'],
  ])('%s that is %s decides nothing', async (path, content) => {
    expect(await found(change(path, content))).toMatchObject({ code: 'malformed', what: path });
  });

  it.each([
    ['checkpoint', 'o\n1\n'],
    ['policy', 'quorum nobody\n'],
    ['proofs/22.tlog-proof', 'c2sp.org/tlog-proof@v1\n'],
    ['openings/21.json', '[]'],
    ['openings/21.json', '[{"field":"age","opening":"","value":"7"}]'],
  ])('a %s that is none decides nothing', async (path, content) => {
    expect(await forged(change(path, content))).toMatchObject({ code: 'malformed', what: path });
  });

  it('bytes that are no text decide nothing', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe);
    expect(await forged(change('checkpoint', bytes))).toMatchObject({ code: 'malformed' });
  });
});

describe('paths in a bundle', () => {
  it.each([
    ...['../etc/passwd', '/etc/passwd', 'records/../checkpoint', 'records/01.json'],
    ...['records/0.json', 'records/-1.json', 'records/1.json/', 'records/', 'RECORDS/1.json'],
    ...['records\\1.json', 'attachments/aa', `attachments/${'A'.repeat(64)}`, 'records/1.json\0'],
    ...[`records/${'9'.repeat(16)}.json`, 'checkpoint\n', 'proofs/1.json', ''],
  ])('%p names nothing', (path) => {
    expect(parseMemberPath(path)).toBeNull();
  });

  it('a member no bundle has, or one twice, decides nothing', async () => {
    expect(await found(change('../x', ''))).toMatchObject({ code: 'malformed', what: '../x' });
    const twice = { paths: ['checkpoint', 'checkpoint'], read: () => Promise.reject(new Error()) };
    await expect(verifyBundle(twice, means, null)).rejects.toThrow(Found);
  });
});

describe('openings of personal data', () => {
  it('have the commitment that the vault writes into records', () => {
    const field = fc.constantFrom(...PERSONAL_FIELDS);
    const opening = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' 45x ', 'e\u0301'));
    fc.assert(
      fc.property(field, value, opening, (f, v, o) => {
        const own = commitmentOf({ field: f, value: v, opening: o }, nodeCrypto);
        expect(own).toBe(commit(f, v, o).commitment);
      }),
    );
  });

  it('are HMAC-SHA256 over field, zero and value, as Node computes it', () => {
    // Zeroes behind a key do not change an HMAC, so the key of RFC 4231, case 2, serves here.
    const key = new Uint8Array(32);
    key.set(toUtf8('Jefe'));
    const message = 'name\0what do ya want for nothing?';
    const own = commitmentOf(
      { field: 'name', value: 'what do ya want for nothing?', opening: key },
      nodeCrypto,
    );
    const expected = createHmac('sha256', 'Jefe').update(message).digest('base64url');
    expect(own).toBe(`hmac-sha256:${expected}`);
  });
});
