import { type CopyRows, copyRows, rowsOf } from '../copy-rows.js';
import { DaySums } from '../day-sums.js';
import { KIND_FACTS, type Measure, MEASURES, type MovementKind } from '../movements/effect.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { flowTables } from './table.js';

const COLUMNS = [
  ...['giver_region', 'holding_region', 'occurred_on', 'recorded_at', 'issued_fen'],
  ...['received_fen', 'paid_fen', 'recalled_fen', 'recall_received_fen'],
];

/** What moves between regions, by day: the sums of every summary. */
export const flowProjection: Projection = {
  name: 'flow',
  tables: flowTables,
  beginPage(): PageFold {
    const fold = new FlowFold();
    return {
      add: (recorded) => fold.add(recorded),
      write: (_, client) => copyRows(client, 'flow_days', COLUMNS, fold.rows()),
    };
  },
};

interface FlowDay {
  readonly key: readonly (string | null)[];
  readonly sums: Record<Measure, bigint>;
}

const SIGNED = new Map(
  Object.entries(KIND_FACTS).map(([kind, { measures }]) => [
    kind as MovementKind,
    Object.entries(measures) as [Measure, 1 | -1][],
  ]),
);

/** Sums a page by giver region, holding region, date and moment. */
export class FlowFold {
  readonly #days = new DaySums<FlowDay>();

  add({ movement, event, envelope }: Recorded): void {
    if (!movement || movement.amountFen === null) return;
    const measures = SIGNED.get(movement.kind) as [Measure, 1 | -1][];
    if (measures.length === 0) return;
    const { giverRegion, holdingRegion, amountFen } = movement;
    const [on, at] = [event.occurredOn as string, envelope.recordedAt];
    const between = giverRegion === null ? `${holdingRegion}` : `${giverRegion}|${holdingRegion}`;
    const day = this.#days.day(at, on, between, () => ({
      key: [giverRegion, holdingRegion, on, at],
      sums: { issued: 0n, received: 0n, paid: 0n, recalled: 0n, recallReceived: 0n },
    }));
    for (const [measure, sign] of measures) {
      day.sums[measure] += sign === 1 ? amountFen : -amountFen;
    }
  }

  /** One a key. */
  rows(): CopyRows {
    return rowsOf(this.#days.values(), ({ key, sums }) => [
      ...key,
      ...MEASURES.map((measure) => sums[measure]),
    ]);
  }
}
