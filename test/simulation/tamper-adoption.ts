import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresEventStore } from '@fundflow/event-store/postgres/postgres-event-store';
import type { Random } from '@fundflow/generator/random';
import { LeafFile } from '@fundflow/proof/files/leaf-file';
import { MemoryFile } from '@fundflow/proof/files/memory-file';
import { formatVerifierKey } from '@fundflow/proof/note-key';
import { LOG_NAME } from '@fundflow/runtime/public-log';
import type pg from 'pg';
import { adoptLog } from '../../apps/notary/log/adopt.js';
import { type ProofProblem, verifyProof } from '../../apps/notary/verify/verify-proof.js';
import { type LedgerDatabase, tamper } from './tamper-database.js';
import type { Seen } from './tamper-kinds.js';
import { type HonestLog, ORIGIN, signed, tree } from './tamper-log.js';

/**
 * What somebody changes before the signer's memory is made anew (`fundflow checkpoint adopt`): a record that the kept
 * checkpoint covers, the tail of it, or a record behind it.
 */
export const adoptionChanges = ['edited', 'cut', 'later'] as const;
export type AdoptionChange = (typeof adoptionChanges)[number];

/** Behind the checkpoint tiles tell as well, so there they are made anew. */
const KINDS = { edited: 'edit', cut: 'cut', later: 'replace-table' } as const;

/**
 * Tampers with a copy of the database, then adopts it by a checkpoint a witness kept, as the command does: verification
 * first, then the memory. Neither may take the log, and nothing may be remembered. What lies behind the checkpoint and has
 * no leaves any more is taken: it was forgotten with the memory, and a later checkpoint from elsewhere finds it.
 */
export function seenAtAdoption(
  ledger: LedgerDatabase,
  log: HonestLog,
  how: AdoptionChange,
  place: number,
  random: Random,
): Promise<Seen> {
  return ledger.onCopy(async (url, pool) => {
    await tamper({ url, pool, log, place, random }, KINDS[how]);
    const size = how === 'later' ? place : log.size;
    if (size === 0) return { found: true, named: null, by: ['nothing was kept'] };
    const head = { size, root: await log.tiles.root(size) };
    const folder = await mkdtemp(join(tmpdir(), 'fundflow-tamper-adopt-'));
    try {
      const adopted = await adoption(url, pool, { log, head, folder });
      const [first] = adopted.problems;
      if (how !== 'later') {
        const index = first && 'index' in first ? first.index : null;
        const isRefused = adopted.outcome === 'log-differs' && !adopted.isRemembered;
        const by = [`verify: ${first?.kind}`, `adopt: ${adopted.outcome}`];
        return { found: first !== undefined && isRefused, named: index === place, by };
      }
      const [later] = await problemsOf(url, pool, log, log);
      const isTaken = first === undefined && adopted.outcome === 'adopted' && adopted.isRemembered;
      const by = [`adopt: ${adopted.outcome}`, `a later checkpoint: ${later?.kind}`];
      return { found: isTaken && later?.kind === 'log-differs', named: null, by };
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

async function adoption(
  connectionString: string,
  pool: pg.Pool,
  kept: {
    readonly log: HonestLog;
    readonly head: { readonly size: number; readonly root: Uint8Array };
    readonly folder: string;
  },
) {
  const { log, head, folder } = kept;
  const problems = await problemsOf(connectionString, pool, log, head);
  const memory = new MemoryFile(folder, LOG_NAME);
  const leaves = new LeafFile(folder, LOG_NAME);
  const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  try {
    const refusal = await adoptLog({ origin: ORIGIN, tree, head, log: store, memory, leaves });
    const isRemembered = (await memory.read()) !== null;
    return { problems, outcome: refusal ?? 'adopted', isRemembered };
  } finally {
    await store.close();
  }
}

/** What `verify` finds by one checkpoint from elsewhere, without the database's own and without a memory. */
async function problemsOf(
  connectionString: string,
  pool: pg.Pool,
  { keys }: HonestLog,
  head: { readonly size: number; readonly root: Uint8Array },
): Promise<readonly ProofProblem[]> {
  await pool.query('TRUNCATE tlog.checkpoints CASCADE');
  const store = await openPostgresEventStore({ connectionString, acceptVolatile: true });
  try {
    const pinned = [{ source: 'witness', note: signed(head, keys.log, keys.witnesses) }];
    const vkeys = [formatVerifierKey(keys.log.key)];
    return (await verifyProof({ store, pool, pinned, vkeys, formerVkeys: [], remembered: null }))
      .problems;
  } finally {
    await store.close();
  }
}
