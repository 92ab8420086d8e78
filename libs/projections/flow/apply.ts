import { DaySums } from '../day-sums.js';
import { KIND_FACTS, type MovementKind } from '../movements/effect.js';
import { type NewRows, type RowShape, rowsOf } from '../new-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { FLOW_MEASURES, type FlowMeasure, flowTables } from './table.js';

const FLOW_DAYS: RowShape = {
  table: 'flow_days',
  columns: {
    ...{ giver_region: 'text', holding_region: 'text', occurred_on: 'date', recorded_at: 'moment' },
    ...{ issued_fen: 'bigint', received_fen: 'bigint' },
    ...{ recalled_fen: 'bigint', recall_received_fen: 'bigint' },
  },
};

/** What moves between regions, by day: the sums of every summary. */
export const flowProjection: Projection = {
  name: 'flow',
  tables: flowTables,
  beginPage(): PageFold {
    const fold = new FlowFold();
    return {
      add: (recorded) => fold.add(recorded),
      // No second holding: what a region paid is the sum over its holdings.
      addPayment: () => undefined,
      write: (_, client) => fold.rows().insert(client),
    };
  },
};

interface FlowDay {
  readonly key: readonly (string | null)[];
  readonly sums: Record<FlowMeasure, bigint>;
}

const SIGNED = new Map(
  Object.entries(KIND_FACTS).map(([kind, { measures }]) => [
    kind as MovementKind,
    FLOW_MEASURES.flatMap((measure): [FlowMeasure, 1 | -1][] => {
      const sign = measures[measure];
      return sign === undefined ? [] : [[measure, sign]];
    }),
  ]),
);

/** Sums a page by giver region, holding region, date and moment. */
class FlowFold {
  readonly #days = new DaySums<FlowDay>();

  add({ movement, event, envelope }: Recorded): void {
    if (!movement || movement.amountFen === null) return;
    const measures = SIGNED.get(movement.kind) as [FlowMeasure, 1 | -1][];
    if (measures.length === 0) return;
    const { giverRegion, holdingRegion, amountFen } = movement;
    const [on, at] = [event.occurredOn as string, envelope.recordedAt];
    const between = giverRegion === null ? `${holdingRegion}` : `${giverRegion}|${holdingRegion}`;
    const day = this.#days.day(at, on, between, () => ({
      key: [giverRegion, holdingRegion, on, at],
      sums: { issued: 0n, received: 0n, recalled: 0n, recallReceived: 0n },
    }));
    for (const [measure, sign] of measures) {
      day.sums[measure] += sign === 1 ? amountFen : -amountFen;
    }
  }

  /** One a key. */
  rows(): NewRows {
    return rowsOf(FLOW_DAYS, this.#days.all, ({ key, sums }) => [
      ...key,
      ...FLOW_MEASURES.map((measure) => sums[measure]),
    ]);
  }
}
