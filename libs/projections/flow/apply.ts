import { copyLine, copyRows } from '../copy-rows.js';
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
      write: (_, client) => copyRows(client, 'flow_days', COLUMNS, fold.lines()),
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
  readonly #days = new Map<string, FlowDay>();

  add({ movement, event, envelope }: Recorded): void {
    if (!movement || movement.amountFen === null) return;
    const measures = SIGNED.get(movement.kind) as [Measure, 1 | -1][];
    if (measures.length === 0) return;
    const { giverRegion, holdingRegion, amountFen } = movement;
    const id = `${giverRegion}|${holdingRegion}|${event.occurredOn}|${envelope.recordedAt}`;
    let day = this.#days.get(id);
    if (!day) {
      const key = [giverRegion, holdingRegion, event.occurredOn, envelope.recordedAt];
      const sums = { issued: 0n, received: 0n, paid: 0n, recalled: 0n, recallReceived: 0n };
      this.#days.set(id, (day = { key, sums }));
    }
    for (const [measure, sign] of measures) {
      day.sums[measure] += sign === 1 ? amountFen : -amountFen;
    }
  }

  /** COPY lines, one a key. */
  lines(): string[] {
    return Array.from(this.#days.values(), ({ key, sums }) =>
      copyLine([...key, ...MEASURES.map((measure) => sums[measure])]),
    );
  }
}
