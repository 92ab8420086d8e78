import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { Random } from '@fundflow/generator/random';
import { LogCheck } from '@fundflow/proof/log-check';
import { openTiles } from '@fundflow/proof/tile-reader';
import type { StoredEvent } from '@fundflow/event-store/event-store';
import { type LogSize, ledgerLog } from '../bench/ledger-log.js';
import { loadLog } from '../bench/load-log.js';
import { type AdoptionChange, adoptionChanges, seenAtAdoption } from './tamper-adoption.js';
import { type LeafChange, leafChanges, LedgerDatabase } from './tamper-database.js';
import { type Seen, type StreamKind, streamKinds, type TamperKind } from './tamper-kinds.js';
import { type HonestLog, honestLog, makeKeys, tree } from './tamper-log.js';
import { tamperVault } from './tamper-vault.js';

/** What the places of one kind came to. */
export interface TamperTally {
  places: number;
  found: number;
  /** Of those that have a first bad index: how many, and of how many it was named rightly. */
  indexed: number;
  named: number;
  /** Who found it, and how often. */
  readonly by: Map<string, number>;
}

export interface CampaignSize {
  readonly records: number;
  /** Places of each kind. */
  readonly places: number;
  /** Of each kind so many again on a copy of the whole database, through `fundflow verify`. */
  readonly samples: number;
  readonly cleanRuns: number;
  readonly seed: number;
}

type SampleKind = StreamKind | `leaves-${LeafChange}` | `adopt-${AdoptionChange}`;

export interface CampaignResult {
  readonly places: ReadonlyMap<TamperKind, TamperTally>;
  readonly samples: ReadonlyMap<SampleKind, TamperTally>;
  readonly falseAlarms: number;
  readonly cleanRuns: number;
}

/** Tampers with a real log in every way of the list, and counts who notices. */
export async function tamperCampaign(
  size: CampaignSize,
  say: (line: string) => void = () => undefined,
): Promise<CampaignResult> {
  const random = new Random(size.seed, 0x9e3779b9, 0x243f6a88);
  const database = await startTestDatabase({ durable: false });
  const events = logOf(size.records);
  const log = honestLog(
    events.map(({ record }) => record),
    makeKeys(),
  );
  const url = await database.createDatabase();
  await loadLog(url, events);
  const places = new Map<TamperKind, TamperTally>();
  for (const kind of Object.keys(streamKinds) as StreamKind[]) {
    const tally = emptyTally();
    for (let n = 0; n < size.places; n += 1) {
      add(tally, await streamKinds[kind](log, random.below(log.size), random));
    }
    places.set(kind, tally);
    say(`${kind}: ${tally.found} of ${tally.places} found`);
  }
  const vault = await tamperVault(await database.createDatabase(), size.places, random);
  const ofVault = emptyTally();
  for (const seen of vault.seen) add(ofVault, seen);
  places.set('vault-row', ofVault);
  let falseAlarms = vault.falseAlarms;
  for (let run = 0; run < size.cleanRuns; run += 1) {
    if (await isAlarmed(log, 1 + random.below(log.size))) falseAlarms += 1;
  }
  say(`clean runs: ${falseAlarms} false alarms`);
  const ledger = await LedgerDatabase.prepare(url, log);
  const samples = new Map<SampleKind, TamperTally>();
  try {
    for (const kind of Object.keys(streamKinds) as StreamKind[]) {
      const tally = emptyTally();
      for (let n = 0; n < size.samples; n += 1) {
        add(tally, await ledger.seen(kind, random.below(log.size), random));
      }
      samples.set(kind, tally);
      say(`${kind} in PostgreSQL: ${tally.found} of ${tally.places} found`);
    }
    for (const how of leafChanges) {
      const tally = emptyTally();
      for (let n = 0; n < size.samples; n += 1) {
        add(tally, await ledger.seenWithLeaves(how, random.below(log.size), random));
      }
      samples.set(`leaves-${how}`, tally);
      say(`replace-table with leaves ${how}: ${tally.found} of ${tally.places} found`);
    }
    for (const how of adoptionChanges) {
      const tally = emptyTally();
      for (let n = 0; n < size.samples; n += 1) {
        add(tally, await seenAtAdoption(ledger, log, how, random.below(log.size), random));
      }
      samples.set(`adopt-${how}`, tally);
      say(`adopted, ${how}: ${tally.found} of ${tally.places} found`);
    }
    for (let n = 0; n < size.samples; n += 1) falseAlarms += await ledger.clean();
  } finally {
    await ledger.close();
  }
  return { places, samples, falseAlarms, cleanRuns: size.cleanRuns + size.samples };
}

/** The first so many events of a plan that has at least as many. */
function logOf(records: number): StoredEvent[] {
  const plan: LogSize = {
    ...{ payments: records, counties: 20, shareOfFirst: 0.1, paymentsPerDisbursement: 50 },
    ...{ paymentsOfLargest: 2_000, rowsPerSubmission: 1_000 },
  };
  const events: StoredEvent[] = [];
  for (const event of ledgerLog(plan)) {
    events.push(event);
    if (events.length === records) return events;
  }
  throw new RangeError(`the plan has only ${events.length} events`);
}

/** An honest log as it was at some size, read whole, with the tiles it had then. */
async function isAlarmed({ records, tiles }: HonestLog, size: number): Promise<boolean> {
  const head = { size, root: await tiles.root(size) };
  try {
    const check = new LogCheck(tree, [head], await openTiles(tree, head, tiles.fetch));
    while (!check.isCovered) await check.add(records[check.index]!);
    check.end();
    return false;
  } catch {
    return true;
  }
}

function emptyTally(): TamperTally {
  return { places: 0, found: 0, indexed: 0, named: 0, by: new Map() };
}

function add(tally: TamperTally, { found, named, by }: Seen): void {
  tally.places += 1;
  if (found) tally.found += 1;
  if (named !== null) tally.indexed += 1;
  if (named === true) tally.named += 1;
  for (const who of by) tally.by.set(who, (tally.by.get(who) ?? 0) + 1);
}
