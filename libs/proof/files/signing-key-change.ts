import { readFile } from 'node:fs/promises';
import { generateSigningKey, parseSigningKey } from '../ed25519.js';
import { ED25519, formatVerifierKey, type NoteKey } from '../note-key.js';
import { replaceDurably } from './durable-file.js';
import { readKeys, SigningKeyUnusable } from './signing-key-file.js';

/*
 * A log's key is exchanged in two steps, with as much time between them as its readers need: with both keys every
 * checkpoint has both signatures, and whoever knows either believes it. Then the former one goes.
 */

/**
 * Adds a key behind the one in the file.
 *
 * @returns its public half
 * @throws SigningKeyUnusable when there is no key yet, or two already
 */
export async function addSigningKey(file: string): Promise<NoteKey> {
  const text = await textOf(file);
  const [present, second] = (await readKeys(file))!;
  if (second) throw new SigningKeyUnusable('已有两个签名密钥：请先停用旧的一个。');
  const added = generateSigningKey(present.key.name, ED25519);
  await replaceDurably(file, `${text}\n${added}\n`);
  return parseSigningKey(added).key;
}

/**
 * Takes the former key out of the file for good; its public half is kept beside it, so that what it signed can be checked.
 *
 * @returns its public half
 * @throws SigningKeyUnusable when there is only one
 */
export async function retireSigningKey(file: string): Promise<NoteKey> {
  const text = await textOf(file);
  const [former, next] = (await readKeys(file))!;
  if (!next) throw new SigningKeyUnusable('只有一个签名密钥，不能停用：请先增加新的一个。');
  // First: a crash between the two leaves it in both, and is repeated without harm.
  const kept = new Set([...(await formerKeys(file)), formatVerifierKey(former.key)]);
  await replaceDurably(formerFile(file), [...kept].map((vkey) => `${vkey}\n`).join(''));
  await replaceDurably(file, `${text.slice(text.lastIndexOf('PRIVATE+KEY+'))}\n`);
  return former.key;
}

/** Public keys that signed before. */
export async function formerKeys(file: string): Promise<readonly string[]> {
  const text = await readFile(formerFile(file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((line) => line !== '');
}

const formerFile = (file: string): string => `${file}.former`;

async function textOf(file: string): Promise<string> {
  if ((await readKeys(file)) === null) throw new SigningKeyUnusable(`找不到签名密钥 ${file}。`);
  return (await readFile(file, 'utf8')).trim();
}
