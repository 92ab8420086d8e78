import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { PassThrough } from 'node:stream';
import { Controller, Get, Res, UseInterceptors } from '@nestjs/common';
import type { EdgeReply } from '@fundflow/nest-edge/edge-request';
import type { DataSource } from 'typeorm';
import {
  identityDatabase,
  type IdentityLedger,
  startIdentityLedger,
} from '../../../test/support/identity-ledger.js';
import { DEMO_PASSWORD, withDemoUsers } from '../../../test/support/identity-people.js';
import { CostlyQuestions } from './costly-questions.js';
import { May } from './may.js';

const AT_ONCE = 2;

/** Of each question that began: how its work is let end. */
const began: ((how: 'done' | 'broken') => void)[] = [];
let onBegin = (): void => undefined;
let download = new PassThrough();

@Controller('questions')
@May('ask')
@UseInterceptors(new CostlyQuestions(AT_ONCE))
class QuestionsController {
  @Get('long')
  async long(): Promise<{ answered: true }> {
    const how = await new Promise((resolve) => {
      began.push(resolve);
      onBegin();
    });
    if (how === 'broken') throw new Error('the disk is full');
    return { answered: true };
  }

  @Get('download')
  download(@Res() reply: EdgeReply): void {
    void reply.send(download);
  }
}

let database: DataSource;
let ledger: IdentityLedger;
let cookie: string;

beforeAll(async () => {
  database = await identityDatabase();
  ledger = await startIdentityLedger({ database, controllers: [QuestionsController] });
  await withDemoUsers(ledger);
  cookie = await ledger.login('inspector', DEMO_PASSWORD);
});
afterAll(async () => {
  await ledger.close();
  await database.destroy();
});

const ask = (by = cookie) => ledger.ask('/questions/long', { cookie: by });

/** Resolves when the question is under way. */
async function begun(by = cookie): Promise<ReturnType<typeof ask>[]> {
  const reached = new Promise<void>((resolve) => (onBegin = resolve));
  const answer = ask(by);
  await reached;
  return [answer];
}

const endAll = (how: 'done' | 'broken' = 'done'): void =>
  began.splice(0).forEach((end) => end(how));

/** The slot is free as soon as the server has seen the connection end, which nobody tells the client. */
async function untilFree(): Promise<void> {
  for (let time = 0; time < 500; time += 1) {
    const reached = new Promise<'begun'>((resolve) => (onBegin = () => resolve('begun')));
    const answer = ask();
    const first = await Promise.race([reached, answer]);
    endAll();
    const { status } = await answer;
    if (first === 'begun') return expect(status).toBe(200);
    expect(status).toBe(429);
  }
  throw new Error('a question that ended still counts');
}

describe('costly questions of one person', () => {
  it('are as many at once as are allowed; the next is refused and says when to try again', async () => {
    const answers = [...(await begun()), ...(await begun())];
    const refused = await ask();
    expect(refused).toMatchObject({ status: 429, code: 'too-many-questions' });
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(began).toHaveLength(AT_ONCE);
    endAll();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    await untilFree();
  });

  it('do not hold up another person', async () => {
    const answers = [...(await begun()), ...(await begun())];
    const other = await begun(await ledger.login('maker', DEMO_PASSWORD));
    endAll();
    for (const answer of [...answers, ...other]) expect((await answer).status).toBe(200);
  });

  it('that fail are over too', async () => {
    for (let round = 0; round < 3; round += 1) {
      const answers = [...(await begun()), ...(await begun())];
      endAll('broken');
      for (const answer of answers) expect((await answer).status).toBe(500);
      await untilFree();
    }
  });

  it('that were hung up on count while the work goes on', async () => {
    const { hostname, port } = new URL(await ledger.app.getUrl());
    const reached = new Promise<void>((resolve) => (onBegin = resolve));
    const left = httpRequest({
      hostname,
      port,
      path: '/questions/long',
      headers: { cookie },
    }).end();
    left.on('error', () => undefined);
    await reached;
    left.destroy();
    const answers = await begun();
    expect((await ask()).status).toBe(429);
    endAll();
    for (const answer of answers) expect((await answer).status).toBe(200);
    await untilFree();
  });

  it('count while what they answer is still being read', async () => {
    const { hostname, port } = new URL(await ledger.app.getUrl());
    download = new PassThrough();
    download.write('the beginning');
    const reading = httpRequest({
      hostname,
      port,
      path: '/questions/download',
      headers: { cookie },
    });
    const [answer] = await once(reading.end(), 'response');
    const answers = await begun();
    expect((await ask()).status).toBe(429);
    endAll();
    for (const one of answers) expect((await one).status).toBe(200);
    download.end();
    answer.resume();
    await once(answer, 'end');
    await untilFree();
  });
});
