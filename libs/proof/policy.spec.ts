import { formatCheckpoint } from './checkpoint.js';
import {
  cosignText,
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  signText,
} from './ed25519.js';
import { Malformed } from './malformed.js';
import { addSignatures, formatNote, type NoteSignature } from './note.js';
import {
  ED25519,
  ED25519_COSIGNATURE,
  ML_DSA_44_COSIGNATURE,
  formatVerifierKey,
  noteKey,
} from './note-key.js';
import { judgeCheckpoint, parsePolicy } from './policy.js';

const ORIGIN = 'audit.example/tlog/fund-plan';
const log = parseSigningKey(generateSigningKey(ORIGIN, ED25519));
const otherLog = parseSigningKey(generateSigningKey('other.example/log', ED25519));
const [discipline, audit, province] = ['纪委', '审计局', '省财政厅'].map((name) =>
  parseSigningKey(generateSigningKey(`${name}.example`, ED25519_COSIGNATURE)),
) as [typeof log, typeof log, typeof log];
const vkey = (signer: typeof log): string => formatVerifierKey(signer.key);
const parse = (text: string) => parsePolicy(text, nodeCrypto);

const TWO_OF_THREE = `# 三家见证单位，两家同意即可
log ${vkey(log)} https://audit.example/tlog/fund-plan/

witness 纪委 ${vkey(discipline)} https://discipline.example/
\twitness  审计局\t${vkey(audit)}
witness 省财政厅 ${vkey(province)}
group 见证 2 纪委 审计局 省财政厅
quorum 见证
`;

const body = formatCheckpoint({ origin: ORIGIN, size: 3, root: new Uint8Array(32).fill(9) });
const TIME = 1_700_000_000n;
const cosigned = (...witnesses: (typeof log)[]): NoteSignature[] => [
  signText(log, body),
  ...witnesses.map((witness) => cosignText(witness, body, TIME)),
];
const note = (...signatures: NoteSignature[]): string => formatNote({ text: body, signatures });
const judge = (text: string, policy = TWO_OF_THREE) =>
  judgeCheckpoint(text, parse(policy), nodeCrypto);

describe('a policy file (C2SP tlog-policy)', () => {
  it('names logs, witnesses with their addresses, and the quorum', () => {
    const policy = parse(TWO_OF_THREE);
    expect(policy.logs).toEqual([{ key: log.key, url: 'https://audit.example/tlog/fund-plan/' }]);
    expect([...policy.witnesses.keys()]).toEqual(['纪委', '审计局', '省财政厅']);
    expect(policy.witnesses.get('审计局')).toEqual({ key: audit.key, url: null });
    expect(policy.quorum).toMatchObject({ kind: 'group', k: 2 });
  });

  it('the two-level example of the specification, with keys filled in', () => {
    const x = [discipline, audit, province].map((w, i) => `witness X${i + 1} ${vkey(w)}`);
    const y = [1, 2, 3].map((n) => {
      const witness = parseSigningKey(generateSigningKey(`y${n}`, ED25519_COSIGNATURE));
      return `witness Y${n} ${vkey(witness)}`;
    });
    const policy = parse(
      `${[`log ${vkey(log)}`, ...x, 'group X-witnesses 2 X1 X2 X3', ...y].join('\n')}
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`,
    );
    expect(policy.quorum).toMatchObject({ k: 2, members: [{ k: 2 }, { k: 1 }] });
  });

  it('a witness with a post-quantum key may stand in it, and does not count yet', () => {
    const publicKey = new Uint8Array(1312).fill(5);
    const key = noteKey({ name: 'pq', type: ML_DSA_44_COSIGNATURE, publicKey }, nodeCrypto);
    const text = `log ${vkey(log)}\nwitness pq ${formatVerifierKey(key)}\nquorum pq\n`;
    expect(parse(text).witnesses.get('pq')).toEqual({ key, url: null });
    const line = { name: 'pq', keyId: key.keyId, signature: new Uint8Array(8 + 2420) };
    expect(judge(note(...cosigned(), line), text)).toMatchObject({
      outcome: 'refused',
      reason: 'no-quorum',
    });
  });

  const w = `witness a ${vkey(audit)}\n`;
  it.each([
    ['no quorum', w],
    ['two quorums', `${w}quorum a\nquorum a\n`],
    ['an unknown quorum', 'quorum a\n'],
    ['a quorum of two names', `${w}quorum a a\n`],
    ['no newline at the end', 'quorum none'],
    ['Windows line ends', 'quorum none\r\n'],
    ['an unknown word', 'quorum none\nfriend a\n'],
    ['the same witness key under two names', `${w}witness b ${vkey(audit)}\nquorum a\n`],
    ['the same log twice', `log ${vkey(log)}\nlog ${vkey(log)}\nquorum none\n`],
    ['a name twice', `${w}witness a ${vkey(province)}\nquorum a\n`],
    ['a witness called none', `witness none ${vkey(audit)}\nquorum none\n`],
    ['a witness key as a log', `log ${vkey(audit)}\nquorum none\n`],
    ['a log key as a witness', `witness a ${vkey(log)}\nquorum a\n`],
    ['a key cut off', `log ${vkey(log).slice(0, -4)}\nquorum none\n`],
    ['a log of nothing', 'log\nquorum none\n'],
    ['a witness without a key', 'witness a\nquorum none\n'],
    ['a group before its members', `group g 1 a\n${w}quorum g\n`],
    ['a group without members', `${w}group g 1\nquorum a\n`],
    ['a group of itself', `${w}group g 1 g\nquorum g\n`],
    ['a member twice in a group', `${w}group g 1 a a\nquorum g\n`],
    ['a member of two groups', `${w}group g 1 a\ngroup h 1 a\nquorum g\n`],
    ['none as a member', `${w}group g 1 none\nquorum g\n`],
    ['more to agree than there are', `${w}group g 2 a\nquorum g\n`],
    ['nobody to agree', `${w}group g 0 a\nquorum g\n`],
    ['a negative number', `${w}group g -1 a\nquorum g\n`],
    ['a number with a leading zero', `${w}group g 01 a\nquorum g\n`],
    ['too many lines', `${'\n'.repeat(1001)}quorum none\n`],
  ])('with %s is refused', (_what, text) => {
    expect(() => parse(text)).toThrow(Malformed);
  });
});

describe('a checkpoint under two of three witnesses', () => {
  it.each([
    ['none', [], 'no-quorum'],
    ['one', [discipline], 'no-quorum'],
    ['two', [discipline, province], 'accepted'],
    ['all three', [audit, discipline, province], 'accepted'],
  ])('cosigned by %s', (_how, witnesses, expected) => {
    const judged = judge(note(...cosigned(...witnesses)));
    const outcome = judged.outcome === 'accepted' ? judged.outcome : judged.reason;
    expect(outcome).toBe(expected);
  });

  it('says who cosigned, and when by their own clock', () => {
    expect(judge(note(...cosigned(discipline, province)))).toMatchObject({
      outcome: 'accepted',
      log: log.key,
      checkpoint: { origin: ORIGIN, size: 3 },
      witnesses: new Map([
        ['纪委', TIME],
        ['省财政厅', TIME],
      ]),
    });
  });

  it('one witness that signs twice counts once', () => {
    const twice = [...cosigned(audit), cosignText(audit, body, TIME + 1n)];
    expect(judge(note(...twice))).toMatchObject({ reason: 'no-quorum' });
  });

  it('a stolen log key without the witnesses is not enough', () => {
    const stranger = parseSigningKey(generateSigningKey('纪委.example', ED25519_COSIGNATURE));
    const forged = [...cosigned(audit), cosignText(stranger, body, TIME)];
    expect(judge(note(...forged))).toMatchObject({ reason: 'no-quorum', names: ['审计局'] });
  });

  it('witnesses without the log are not enough', () => {
    const [, ...witnesses] = cosigned(audit, discipline, province);
    expect(judge(note(...witnesses))).toMatchObject({ reason: 'unknown-log' });
  });

  it('a signature that does not hold spoils the whole', () => {
    const other = formatCheckpoint({ origin: ORIGIN, size: 4, root: new Uint8Array(32) });
    const stale = cosignText(province, other, TIME);
    const judged = judge(note(...cosigned(audit, discipline), stale));
    expect(judged).toMatchObject({ reason: 'bad-signature', names: ['省财政厅.example'] });
  });

  it('a log that signs for another origin is refused', () => {
    const policy = `log ${vkey(otherLog)}\nquorum none\n`;
    const signed = note(signText(otherLog, body));
    expect(judge(signed, policy)).toMatchObject({ reason: 'wrong-origin' });
  });

  it('a foreign log is unknown', () => {
    expect(judge(note(signText(otherLog, body)))).toMatchObject({ reason: 'unknown-log' });
  });

  it('no quorum asked, none needed', () => {
    const policy = `log ${vkey(log)}\nquorum none\n`;
    expect(judge(note(...cosigned()), policy)).toMatchObject({ outcome: 'accepted' });
  });

  it('lines added by others change nothing', () => {
    const known = { text: body, signatures: cosigned(audit, discipline) };
    const stranger = { name: 'x', keyId: 1, signature: new Uint8Array(64) };
    expect(judge(formatNote(addSignatures(known, [stranger])))).toMatchObject({
      outcome: 'accepted',
    });
  });
});
