import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { parseCosignature } from './cosignature.js';
import {
  cosignText,
  generateSigningKey,
  nodeCrypto,
  parseSigningKey,
  signText,
} from './ed25519.js';
import { fromBase64, toHex } from './encoding.js';
import { Malformed } from './malformed.js';
import { checkNote } from './note-check.js';
import { ED25519, ED25519_COSIGNATURE, formatVerifierKey, parseVerifierKey } from './note-key.js';
import {
  NOTE_LENGTH_MAX,
  SIGNATURES_MAX,
  addSignatures,
  formatNote,
  parseNote,
  parseSignatureLine,
} from './note.js';

type Texts<K extends string> = Readonly<Record<K, string>>;
const golden = JSON.parse(readFileSync('test/golden/proof/notes.json', 'utf8')) as {
  signedNote: Texts<'text' | 'signingKey' | 'peterKey' | 'peterLine' | 'enochKey' | 'enochLine'> & {
    badKeys: string[];
  };
  c2spNote: Texts<'key' | 'publicKeyHex' | 'note'>;
  cosigned: Texts<'logKey' | 'witnessKey' | 'note'> & { witnessTimeSec: number; size: number };
  timestamp: Texts<'base64'> & { timeSec: number };
  specificationCheckpoint: Texts<'note'> & { witnessTimeSec: number };
};
const go = golden.signedNote;
const key = (text: string) => parseVerifierKey(text, nodeCrypto);
const peter = key(go.peterKey);
const enoch = key(go.enochKey);
const both = `${go.text}\n${go.peterLine}${go.enochLine}`;

describe('signed notes, by the vectors of the Go note package and of C2SP', () => {
  it('signing gives the published line', () => {
    const signer = parseSigningKey(go.signingKey);
    expect(formatVerifierKey(signer.key)).toBe(go.peterKey);
    const note = { text: go.text, signatures: [signText(signer, go.text)] };
    expect(formatNote(note)).toBe(`${go.text}\n${go.peterLine}`);
  });

  it('both signatures hold, each for who knows its key, and nothing for who knows none', () => {
    const note = parseNote(both);
    const names = (keys: (typeof peter)[]) =>
      checkNote(note, keys, nodeCrypto).valid.map((signature) => signature.key.name);
    expect(note.text).toBe(go.text);
    expect(names([peter])).toEqual(['PeterNeumann']);
    expect(names([enoch, peter])).toEqual(['PeterNeumann', 'EnochRoot']);
    expect(names([])).toEqual([]);
    expect(formatNote(note)).toBe(both);
  });

  it('the key of the specification has its id, and its note opens', () => {
    const c2sp = key(golden.c2spNote.key);
    expect(toHex(c2sp.publicKey)).toBe(golden.c2spNote.publicKeyHex);
    expect(formatVerifierKey(c2sp)).toBe(golden.c2spNote.key);
    const { valid } = checkNote(parseNote(golden.c2spNote.note), [c2sp], nodeCrypto);
    expect(valid).toHaveLength(1);
  });

  it('a signature of a known key that does not hold is told apart from one of an unknown key', () => {
    const forged = parseNote(both.replace('PeterNeumann x08go/ZJ', 'PeterNeumann x08go/ZK'));
    expect(checkNote(forged, [peter, enoch], nodeCrypto).invalid).toEqual([peter]);
    expect(checkNote(forged, [enoch], nodeCrypto).invalid).toEqual([]);
  });

  it('a changed text breaks every signature', () => {
    const changed = parseNote(both.replace('problem is', 'problem was'));
    const { valid, invalid } = checkNote(changed, [peter, enoch], nodeCrypto);
    expect(valid).toEqual([]);
    expect(invalid).toEqual([peter, enoch]);
  });

  it('of several lines of one key only the first counts', () => {
    const twice = parseNote(`${both}${go.peterLine}`);
    expect(checkNote(twice, [peter], nodeCrypto).valid).toHaveLength(1);
  });

  it.each([
    ['no signature', go.text],
    ['no signature line', `${go.text}\n`],
    ['no newline at the end', `${go.text}\n${go.peterLine.slice(0, -1)}`],
    ['a control character', `\u0001${go.text}\n${go.peterLine}`],
    ['a tab', `\t${go.text}\n${go.peterLine}`],
    ['a carriage return', `${go.text}\n${go.peterLine.replace('\n', '\r\n')}`],
    ['a name with a space', `${go.text}\n${go.peterLine.replace('Peter', 'Peter ')}`],
    ['a name with a space of another kind', `${go.text}\n${go.peterLine.replace('r', 'r\u3000')}`],
    ['a name with a plus', `${go.text}\n${go.peterLine.replace('Peter', 'Pe+ter')}`],
    ['no name', `${go.text}\n${go.peterLine.replace('PeterNeumann', '')}`],
    ['another dash', `${go.text}\n${go.peterLine.replace('—', '-')}`],
    ['an unexpected line', `${go.text}\n${go.peterLine}Unexpected line.\n`],
    ['a signature that is not base64', `${go.text}\n${go.peterLine.replace('x08g', 'x0_g')}`],
    ['base64 with spare bits set', `${go.text}\n${go.peterLine.replace('nAM=', 'nAN=')}`],
    ['a signature of nothing', `${go.text}\n— PeterNeumann x08gow==\n`],
    ['too many signatures', `${go.text}\n${go.peterLine.repeat(SIGNATURES_MAX + 1)}`],
    ['no end', `${'a'.repeat(NOTE_LENGTH_MAX)}\n\n${go.peterLine}`],
  ])('a note with %s is none', (_what, note) => {
    expect(() => parseNote(note)).toThrow(Malformed);
  });

  it('the text may have empty lines: the last one parts it from the signatures', () => {
    expect(parseNote(`a\n\nb\n\n${go.peterLine}`).text).toBe('a\n\nb\n');
  });

  it('signatures are added once each, after those that are there', () => {
    const note = parseNote(`${go.text}\n${go.peterLine}`);
    const line = parseSignatureLine(go.enochLine.trimEnd());
    expect(formatNote(addSignatures(addSignatures(note, [line]), [line]))).toBe(both);
  });

  it('what is signed ends with a newline', () => {
    expect(() => formatNote({ text: 'abc', signatures: [] })).toThrow(RangeError);
  });

  it('never crashes on anything', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ maxLength: 60 }).map((text) => `${both}${text}`),
    );
    fc.assert(
      fc.property(anything, (text) => {
        try {
          checkNote(parseNote(text), [peter, enoch], nodeCrypto);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
    );
  });
});

describe('keys of notes', () => {
  it.each(go.badKeys)('%s is no key', (text) => {
    expect(() => key(text)).toThrow(Malformed);
  });

  it('no part of a key is a key, and no key with one character changed', () => {
    const text = go.peterKey;
    for (let from = 0; from <= text.length; from += 1) {
      for (let to = from + 1; to <= text.length; to += 1) {
        if (to - from === text.length) continue;
        expect(() => key(text.slice(from, to))).toThrow(Malformed);
      }
    }
    for (let i = 0; i < text.length; i += 1) {
      const next = String.fromCharCode(text.charCodeAt(i) + 1);
      expect(() => key(text.slice(0, i) + next + text.slice(i + 1))).toThrow(Malformed);
    }
  });

  it('the same of private keys, and no message shows one', () => {
    const text = go.signingKey;
    for (let i = 0; i < text.length; i += 1) {
      const next = String.fromCharCode(text.charCodeAt(i) + 1);
      const bad = text.slice(0, i) + next + text.slice(i + 1);
      const error = thrownBy(() => parseSigningKey(bad));
      expect(error).toBeInstanceOf(Malformed);
      expect((error as Malformed).message).not.toContain(text.slice(-20));
    }
  });

  it.each([ED25519, ED25519_COSIGNATURE] as const)('a new key of type %d signs', (type) => {
    const signer = parseSigningKey(`${generateSigningKey('帐本.example/log', type)}\n`);
    const line =
      type === ED25519 ? signText(signer, 'a\n') : cosignText(signer, 'a\n', 1_700_000_000n);
    const note = parseNote(formatNote({ text: 'a\n', signatures: [line] }));
    const again = key(formatVerifierKey(signer.key));
    expect(checkNote(note, [again], nodeCrypto).valid).toHaveLength(1);
    expect(checkNote({ ...note, text: 'b\n' }, [again], nodeCrypto).valid).toHaveLength(0);
  });

  it('a log does not cosign and a witness does not sign as a log', () => {
    const log = parseSigningKey(generateSigningKey('log', ED25519));
    const witness = parseSigningKey(generateSigningKey('witness', ED25519_COSIGNATURE));
    expect(() => cosignText(log, 'a\n', 1n)).toThrow(RangeError);
    expect(() => signText(witness, 'a\n')).toThrow(RangeError);
    expect(() => cosignText(witness, 'a\n', -1n)).toThrow(RangeError);
  });
});

describe('checkpoints and cosignatures, by public examples', () => {
  const { cosigned } = golden;
  const log = key(cosigned.logKey);
  const witness = key(cosigned.witnessKey);

  it('the head of a public log: its own signature, a witness, and lines of other types', () => {
    const note = parseNote(cosigned.note);
    expect(note.signatures).toHaveLength(6);
    const { valid, invalid } = checkNote(note, [log, witness], nodeCrypto);
    expect(invalid).toEqual([]);
    expect(valid.map(({ key: { name }, timeSec }) => [name, timeSec])).toEqual([
      [log.name, null],
      [witness.name, BigInt(cosigned.witnessTimeSec)],
    ]);
    expect(formatNote(note)).toBe(cosigned.note);
    const checkpoint = parseCheckpoint(note.text);
    expect(checkpoint).toMatchObject({ origin: log.name, size: cosigned.size, extensions: [] });
    expect(formatCheckpoint(checkpoint)).toBe(note.text);
  });

  it('another time is another signature', () => {
    const note = parseNote(cosigned.note);
    const signatures = note.signatures.map((line) => {
      if (line.name !== witness.name) return line;
      const later = line.signature.slice();
      later[7]! += 1;
      return { ...line, signature: later };
    });
    const { invalid } = checkNote({ ...note, signatures }, [witness], nodeCrypto);
    expect(invalid).toEqual([witness]);
  });

  it('a post-quantum line is kept as it is and counts for nothing', () => {
    const note = parseNote(cosigned.note);
    const line = { name: 'pq', keyId: 7, signature: new Uint8Array(8 + 2420).fill(3) };
    const longer = addSignatures(note, [line]);
    expect(parseNote(formatNote(longer)).signatures.at(-1)).toEqual(line);
    const pq = { name: 'pq', keyId: 7, type: 6, publicKey: new Uint8Array(1312) };
    expect(checkNote(longer, [pq], nodeCrypto)).toEqual({ valid: [], invalid: [] });
  });

  it('the times of the published cosignatures', () => {
    const bytes = fromBase64(golden.timestamp.base64, 'vector').slice(4);
    expect(parseCosignature(bytes)?.timeSec).toBe(BigInt(golden.timestamp.timeSec));
    const { note, witnessTimeSec } = golden.specificationCheckpoint;
    const line = parseNote(note).signatures[1]!;
    expect(parseCosignature(line.signature)?.timeSec).toBe(BigInt(witnessTimeSec));
    expect(parseCosignature(bytes.slice(1))).toBeNull();
    expect(parseCosignature(new Uint8Array(72).fill(255))).toBeNull();
  });

  it.each([
    ['two lines', 'o\n1\n'],
    ['no origin', '\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a size with a leading zero', 'o\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a negative size', 'o\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['a size of 2^53', 'o\n9007199254740992\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'],
    ['an absurd size', `o\n${'9'.repeat(400)}\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n`],
    ['a short root', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jx\n'],
    ['an empty line', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n'],
    ['no newline at the end', 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='],
  ])('a checkpoint with %s is none', (_what, text) => {
    expect(() => parseCheckpoint(text)).toThrow(Malformed);
  });

  it('keeps the lines another log adds, and writes none itself', () => {
    const text = 'o\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nmore\n';
    expect(parseCheckpoint(text).extensions).toEqual(['more']);
  });

  it.each([
    ['a newline in the origin', { origin: 'a\nb', size: 1, root: new Uint8Array(32) }],
    ['half a leaf', { origin: 'a', size: 0.5, root: new Uint8Array(32) }],
    ['a root of 31 bytes', { origin: 'a', size: 1, root: new Uint8Array(31) }],
  ])('writes no checkpoint with %s', (_what, head) => {
    expect(() => formatCheckpoint(head)).toThrow(RangeError);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}
