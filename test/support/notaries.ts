import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { parseCheckpoint } from '@fundflow/proof/checkpoint';
import { CompactRange } from '@fundflow/proof/compact-range';
import { sha256Tree as tree } from '@fundflow/proof/node-hash';
import { parseNote } from '@fundflow/proof/note';
import { CheckpointTable } from '@fundflow/proof/postgres/checkpoint-table';
import { createTlogSchema } from '@fundflow/proof/postgres/schema';
import { LOG_NAME, POLICY_OF_NOBODY } from '@fundflow/runtime/public-log';
import pg from 'pg';
import { type LogState, openNotary } from '../../apps/notary/log/open-notaries.js';
import type { NotarySettings } from '../../apps/notary/settings.js';
import type { ALog } from './a-log.js';
import { eventually } from './eventually.js';

export interface Started {
  state(): LogState | null;
  stop(): Promise<void>;
}

export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

const ORIGIN = 'fund.example.org/tlog/fund-plan';

/** Notaries of one log on a database and in a folder of their own, both fresh for each test of the file. */
export class Notaries {
  pool!: pg.Pool;
  /** Of key and memory. */
  directory = '';
  readonly #running = new Set<() => Promise<void>>();

  constructor() {
    beforeAll(async () => {
      const connectionString = await (await startTestDatabase()).createDatabase();
      this.pool = new pg.Pool({ connectionString, max: 8 });
      await createTlogSchema(this.pool);
    });
    beforeEach(async () => {
      await this.pool.query('TRUNCATE tlog.trees, tlog.tiles, tlog.checkpoints CASCADE');
      this.directory = join(await mkdtemp(join(tmpdir(), 'fundflow-notary-')), 'notary');
    });
    afterEach(async () => {
      await Promise.all([...this.#running].map((stop) => stop()));
      await rm(join(this.directory, '..'), { recursive: true, force: true });
    });
    afterAll(() => this.pool.end());
  }

  readonly start = async (log: ALog, changed: Partial<NotarySettings> = {}): Promise<Started> => {
    let state: LogState | null = null;
    const settings: NotarySettings = {
      ...{ directory: this.directory, origin: ORIGIN, originIsGiven: false, key: null },
      ...{ policy: POLICY_OF_NOBODY, sm3: false, ...changed },
    };
    const { notary } = await openNotary({
      ...{ log: LOG_NAME, tree, settings, pool: this.pool, source: log },
      onState: (said) => {
        state = said;
      },
    });
    const ending = new AbortController();
    const done = notary.run(ending.signal);
    const stop = async (): Promise<void> => {
      ending.abort();
      await done;
      this.#running.delete(stop);
    };
    this.#running.add(stop);
    return { state: () => state, stop };
  };

  readonly signed = async (): Promise<Head | null> => {
    const newest = await new CheckpointTable(this.pool, LOG_NAME).newest('signed');
    return newest && { ...parseCheckpoint(parseNote(newest.note).text), note: newest.note };
  };

  readonly signedUpTo = (size: number): Promise<Head> =>
    eventually(async () => {
      const checkpoint = await this.signed();
      return checkpoint?.size === size ? checkpoint : null;
    });
}

export const inState = ({ state }: Started, wanted: LogState['state']): Promise<LogState> =>
  eventually(async () => {
    const now = state();
    return now?.state === wanted ? now : null;
  });

export const rootOf = (records: readonly string[]): Uint8Array => {
  const range = CompactRange.empty(tree);
  for (const record of records) range.append(tree.leaf(record));
  return range.root();
};
