import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { PostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { generateSigningKey, parseSigningKey } from '@fundflow/proof/ed25519';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { ED25519_COSIGNATURE, formatVerifierKey } from '@fundflow/proof/note-key';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import type pg from 'pg';
import { WitnessDesk } from '../../apps/notary/witness/witness-desk.js';
import { serveWitness } from '../../apps/notary/witness/witness-server.js';
import { someRequest } from './event-store.js';

/** Events a second, for so long. */
export const LAG_RATE = 1_000;
const LAG_SECONDS = 10;
const LAG_TICK_MS = 20;
/** From the last append on; what is promised is 15 seconds. */
const WAIT_MS_MAX = 60_000;

/** Milliseconds from the acknowledgement of an append to the published checkpoint that has it. */
export interface Lag {
  readonly msP50: number;
  readonly msP99: number;
}

export interface Lags {
  readonly signed: Lag;
  /** To the checkpoint that met the quorum of the policy. */
  readonly witnessed: Lag;
}

/** Three witnesses as the program runs them, two of which are enough. */
export interface Witnesses {
  readonly policy: string;
  stop(): Promise<void>;
}

/**
 * @param options.logKey the private key of the log they look after
 * @param options.directory for their memories
 * @param options.isOneSilent whether the third takes requests and answers none
 */
export async function openWitnesses(options: {
  readonly logKey: string;
  readonly directory: string;
  readonly isOneSilent: boolean;
}): Promise<Witnesses> {
  const { logKey, directory, isOneSilent } = options;
  const logs = [{ key: parseSigningKey(logKey).key, tree }];
  const [lines, ends]: [string[], (() => Promise<void>)[]] = [[], []];
  for (const name of ['one', 'two', 'three']) {
    const key = parseSigningKey(generateSigningKey(`${name}.example.org`, ED25519_COSIGNATURE));
    const served =
      isOneSilent && name === 'three'
        ? await serveNobody()
        : await serveWitness(
            new WitnessDesk({ key, logs, directory: join(directory, name), now: () => new Date() }),
            { host: '127.0.0.1', port: 0 },
            (error) => console.error(error),
          );
    ends.push(() => served.stop());
    lines.push(`witness ${name} ${formatVerifierKey(key.key)} ${served.url}\n`);
  }
  const policy = `${lines.join('')}group most 2 one two three\nquorum most\n`;
  return { policy, stop: () => Promise.all(ends.map((end) => end())).then(() => undefined) };
}

/** Takes every request and answers none. */
async function serveNobody(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/**
 * Appends at a steady rate and notes when each position was acknowledged; looks at the published heads beside it.
 * The notary must have caught up.
 */
export async function measureLags(pool: pg.Pool, store: PostgresEventStore): Promise<Lags> {
  const first = Number(await store.head());
  const total = LAG_RATE * LAG_SECONDS;
  const appendedAt: number[] = [];
  const checkpoints = new CheckpointTable(pool, LOG_NAME);
  const watched = (which: 'signed' | 'witnessed'): Promise<number[]> =>
    lagsOf(appendedAt, total, async () => {
      const newest = await checkpoints.newest(which);
      return newest ? parseCheckpoint(parseNote(newest.note).text).size - first : 0;
    });
  const watching = Promise.all([watched('signed'), watched('witnessed')]);
  await appendSteadily(store, total, appendedAt);
  const [signed, witnessed] = await watching;
  return { signed: lagOf(signed), witnessed: lagOf(witnessed) };
}

async function lagsOf(
  appendedAt: readonly number[],
  total: number,
  sizeNow: () => Promise<number>,
): Promise<number[]> {
  const lags: number[] = [];
  const endMs = performance.now() + LAG_SECONDS * 1_000 + WAIT_MS_MAX;
  while (lags.length < total) {
    const size = Math.min(total, await sizeNow());
    const now = performance.now();
    // A checkpoint may be seen before the append it has is answered.
    while (lags.length < size) lags.push(now - (appendedAt[lags.length] ?? now));
    if (now > endMs) throw new Error(`no checkpoint has more than ${lags.length} of ${total}`);
    await pause(LAG_TICK_MS / 2);
  }
  return lags;
}

async function appendSteadily(
  store: PostgresEventStore,
  total: number,
  appendedAt: number[],
): Promise<void> {
  const startedMs = performance.now();
  while (appendedAt.length < total) {
    const due = Math.floor(((performance.now() - startedMs) * LAG_RATE) / 1_000);
    const count = Math.min(total, due) - appendedAt.length;
    if (count > 0) {
      await store.append(Array.from({ length: count }, () => someRequest(1)));
      const now = performance.now();
      for (let i = 0; i < count; i += 1) appendedAt.push(now);
    }
    await pause(LAG_TICK_MS);
  }
}

function lagOf(lags: readonly number[]): Lag {
  const sorted = [...lags].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { msP50: at(0.5), msP99: at(0.99) };
}
