import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { isCommon, withoutContext } from './common-passwords.js';
import { busy, weakPassword } from '../refusals.js';
import { Turns } from './turns.js';

/** RFC 7914: N = 2^logN. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and some 300 ms a hash on one core: three passes in place of more memory (OWASP's second choice). */
export const FULL_COST: ScryptCost = { logN: 15, r: 8, p: 3 };
/** A third of it: a demonstration starts eight accounts while somebody waits, and its passwords are no secret. */
export const LIGHT_COST: ScryptCost = { ...FULL_COST, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** More at once would take the memory and the cores that answers need; the others wait their turn. */
const hashing = new Turns({ atOnceMax: 2, waitingMax: 100, refusal: busy });

const LENGTH_MIN = 12;
const LENGTH_MAX = 256;
const BEYOND_CONTEXT_MIN = 8;

const scryptAsync = promisify(
  (
    password: string,
    salt: Buffer,
    cost: ScryptCost,
    done: (error: Error | null, hash: Buffer) => void,
  ) => {
    const { logN, r, p } = cost;
    const options = { N: 2 ** logN, r, p, maxmem: 2 ** logN * r * 128 * 2 };
    // One spelling for one password, whatever keyboard composed its characters.
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, done);
  },
);

const derive = (password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> =>
  hashing.take(() => scryptAsync(password, salt, cost));

const inPhc = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

const inParameters = ({ logN, r, p }: ScryptCost) => `$scrypt$ln=${logN},r=${r},p=${p}$`;

/** A PHC string with its parameters: `$scrypt$ln=15,r=8,p=3$salt$hash`. */
export async function hashPassword(password: string, cost: ScryptCost): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, cost);
  return `${inParameters(cost)}${inPhc(salt)}$${inPhc(hash)}`;
}

interface ParsedHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parseHash(stored: string): ParsedHash {
  const [, logN, r, p, salt, hash] = PHC.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) throw new Error('a stored password hash is broken');
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Nobody's password, read as everybody's is. */
const NOBODY = inPhc(randomBytes(SALT_BYTES)) + '$' + inPhc(randomBytes(HASH_BYTES));

const filled = (stored: string | null, asked: ScryptCost) =>
  parseHash(stored ?? inParameters(asked) + NOBODY);

/**
 * What is hashed to look at a password: with the parameters of the stored hash, then the passes it lacks of what is asked
 * today. The sum is the same for an old hash, a new one, and null (no such user, no password).
 */
export function workOf(stored: string | null, asked: ScryptCost): readonly ScryptCost[] {
  const { cost } = filled(stored, asked);
  const missing = asked.p - cost.p;
  return missing > 0 ? [cost, { ...cost, p: missing }] : [cost];
}

/**
 * Whether the password is the one hashed; for null (no such user, no password) false. The work is that of `workOf`, so
 * how long it takes says nothing about the account.
 *
 * @throws Problem 503 `busy`
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  asked: ScryptCost,
): Promise<boolean> {
  const { salt, hash } = filled(stored, asked);
  // Nothing longer was ever accepted (a character has at most two units), and hashing it would be work done for an attacker.
  const typed = password.slice(0, 2 * LENGTH_MAX + 1);
  const [first] = await hashing.take(async () => {
    const derived: Buffer[] = [];
    for (const cost of workOf(stored, asked)) derived.push(await scryptAsync(typed, salt, cost));
    return derived;
  });
  return first !== undefined && timingSafeEqual(first, hash) && stored !== null;
}

/** Whether the hash was made with less work than is asked today, so that the next login makes it anew. */
export function isOutdated(stored: string, asked: ScryptCost): boolean {
  const { cost } = parseHash(stored);
  return cost.logN < asked.logN || cost.r < asked.r || cost.p < asked.p;
}

/** Whose password it is to be: their own login and office are the first that others try. */
export interface PasswordOwner {
  readonly login: string;
  readonly unit: string;
}

/** `li` or `he` stands in many passwords by chance: two letters only do not count towards the length. */
const isWord = (login: string): boolean => [...login].length >= 3;

/**
 * @throws Problem 400 `weak-password` with the first `rule` broken: `length` (12 to 256 characters), `login` (of three letters
 * or more, in it), `variety` (5 different characters), `common` (a list of breached ones), `context` (8 characters besides
 * words of the context, a login of two letters among them, and years)
 */
export function assertStrong(password: string, { login, unit }: PasswordOwner): void {
  const length = [...password].length;
  if (length < LENGTH_MIN || length > LENGTH_MAX) {
    throw weakPassword('length', `密码须为 ${LENGTH_MIN} 至 ${LENGTH_MAX} 个字符。`);
  }
  if (isWord(login) && password.toLowerCase().includes(login.toLowerCase())) {
    throw weakPassword('login', '密码不得包含用户名。');
  }
  if (new Set(password).size < 5) throw weakPassword('variety', '密码至少含 5 个不同的字符。');
  if (isCommon(password)) {
    throw weakPassword('common', '该密码过于常见，已在公开泄露的密码之列，请另选一个。');
  }
  if ([...withoutContext(password, [unit, login])].length < BEYOND_CONTEXT_MIN) {
    const but = `须仍有 ${BEYOND_CONTEXT_MIN} 个字符`;
    throw weakPassword(
      'context',
      `除去单位名称、“扶贫”“财政”“12317”等常用词和年份后，密码${but}。`,
    );
  }
}

/** Letters and digits that are not mistaken for one another when a password is read out. */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';

/** 20 characters in groups of five, 99 bits. */
export function randomPassword(): string {
  // Bytes from the last, incomplete run of the alphabet are thrown away: they would favour its beginning.
  const even = 256 - (256 % READABLE.length);
  let letters = '';
  while (letters.length < 20) {
    for (const byte of randomBytes(32)) {
      if (byte < even && letters.length < 20) letters += READABLE[byte % READABLE.length];
    }
  }
  return (letters.match(/.{5}/g) ?? []).join('-');
}
