import type { LedgerEvent } from '@fundflow/domain/events';
import type { HoldingEvent } from '@fundflow/domain/holding/events';
import { copyHolding, evolveHolding, type Holding } from '@fundflow/domain/holding/holding';
import type { AppendRequest } from '@fundflow/event-store/event-store';

/** A holding folded up to a version of its stream. */
export interface KeptHolding {
  holding: Holding;
  version: number;
  /** Somebody else has it as it stands: copied before it changes. */
  lent: boolean;
}

/** Folded holdings by stream; the one that was kept first is dropped first. */
export class KeptHoldings {
  readonly #kept = new Map<string, KeptHolding>();

  constructor(private readonly holdingsMax: number) {}

  get(streamId: string): KeptHolding | undefined {
    return this.#kept.get(streamId);
  }

  keep(streamId: string, holding: KeptHolding): void {
    const other = this.#kept.get(streamId);
    this.#kept.delete(streamId);
    // Whoever read it first may not be the one who has most of it.
    this.#kept.set(streamId, other && other.version > holding.version ? other : holding);
    if (this.#kept.size > this.holdingsMax) dropOldest(this.#kept);
  }

  /**
   * Moves holdings on by what was appended a moment ago, so that nobody reads it back. Harmless where they have it already,
   * or lack what stands before it.
   *
   * @param requests that were appended
   * @param events theirs, in the order in which they stand in each stream
   */
  learn(requests: readonly AppendRequest[], events: readonly LedgerEvent[]): void {
    for (const { streamId, expectedVersion } of requests) {
      const kept = this.#kept.get(streamId);
      if (!kept) continue;
      let version = expectedVersion;
      for (const event of events) {
        if (event.streamId !== streamId) continue;
        version += 1;
        moveOn(kept, version, event);
      }
    }
  }
}

/** Folds the event of this version, unless it is not the next one. */
export function moveOn(kept: KeptHolding, version: number, event: LedgerEvent): void {
  if (version !== kept.version + 1) return;
  if (kept.lent) {
    kept.holding = copyHolding(kept.holding);
    kept.lent = false;
  }
  evolveHolding(kept.holding, event as HoldingEvent);
  kept.version = version;
}

export function dropOldest(map: Map<string, unknown>): void {
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
