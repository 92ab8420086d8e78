import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Officer } from '@fundflow/domain/submission/submission';
import { UserDirectory } from '@fundflow/identity/accounts/user-directory';
import { SubmissionDesk } from '@fundflow/submissions/submission-desk';

/** From the compiled code and from the sources. */
const HERE = dirname(fileURLToPath(import.meta.url));
const PLACES = ['../../../data/demo', '../../data/demo'].map((path) => join(HERE, path));

/** Loads the demonstration plan through the same desk as any other file: handed in by one, certified by another. */
export async function loadDemoPlan(
  app: NestFastifyApplication,
  say: (line: string) => void,
): Promise<void> {
  const desk = app.get(SubmissionDesk, { strict: false });
  const users = app.get(UserDirectory, { strict: false });
  const [maker, checker] = await Promise.all([
    officer(users, 'centre-maker'),
    officer(users, 'centre-checker'),
  ]);
  const plan = PLACES.find((place) => existsSync(place));
  if (!plan) throw new Error('找不到演示数据目录 data/demo。');
  const names = (await readdir(plan)).filter((file) => file.endsWith('.csv')).sort();
  for (const [at, name] of names.entries()) {
    const rows = await handIn(desk, join(plan, name), maker, checker);
    say(`演示数据 ${at + 1}/${names.length} ${name}：已入账 ${rows} 行`);
  }
}

async function handIn(
  desk: SubmissionDesk,
  file: string,
  maker: Officer,
  checker: Officer,
): Promise<number> {
  const id = randomUUID();
  const path = desk.uploadPath(id);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await copyFile(file, path);
  const fileName = file.split(/[\\/]/).at(-1) ?? file;
  const { size: bytes } = await stat(path);
  const upload = { id, fileName, kind: null, maker, bytes, sha256: await sha256Of(path) };
  await (
    await desk.handInFile(upload)
  ).done;
  const validated = await desk.find(id);
  if (!validated) throw new Error(`the demonstration file ${fileName} vanished`);
  const result = await desk.certify(validated, checker, 'all');
  if (result.outcome === 'refused') {
    throw new Error(`the demonstration file ${fileName} was refused: ${result.refusal}`);
  }
  await result.done;
  return (await desk.find(id))?.postedRows ?? 0;
}

async function officer(users: UserDirectory, login: string): Promise<Officer> {
  const user = await users.findByLogin(login);
  if (!user) throw new Error(`no user ${login}`);
  return { id: user.id, unit: user.unit, region: user.region };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
