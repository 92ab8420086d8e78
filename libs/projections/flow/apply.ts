import type { ClientBase } from 'pg';
import { copyLine, copyRows } from '../copy-rows.js';
import { movementsOf } from '../movements/apply.js';
import { KIND_FACTS, type Measure, MEASURES } from '../movements/effect.js';
import type { Page, Projection } from '../projection.js';
import { flowTables } from './table.js';

const COLUMNS = [
  ...['giver_region', 'holding_region', 'occurred_on', 'recorded_at', 'issued_fen'],
  ...['received_fen', 'paid_fen', 'recalled_fen', 'recall_received_fen'],
];

/** What moves between regions, by day: the sums of every summary. */
export const flowProjection: Projection = {
  name: 'flow',
  tables: flowTables,
  async write(page: Page, client: ClientBase): Promise<void> {
    await copyRows(client, 'flow_days', COLUMNS, foldFlow(page));
  },
};

interface FlowDay {
  readonly key: readonly (string | null)[];
  readonly sums: Record<Measure, bigint>;
}

/** COPY lines, one for every giver region, holding region, date and moment of the page. */
export function foldFlow(page: Pick<Page, 'events'>): string[] {
  const days = new Map<string, FlowDay>();
  movementsOf(page).forEach((movement, index) => {
    if (!movement || movement.amountFen === null) return;
    const measures = Object.entries(KIND_FACTS[movement.kind].measures);
    if (measures.length === 0) return;
    const { event, envelope } = page.events[index] as Page['events'][number];
    const { giverRegion, holdingRegion, amountFen } = movement;
    const id = `${giverRegion}|${holdingRegion}|${event.occurredOn}|${envelope.recordedAt}`;
    let day = days.get(id);
    if (!day) {
      const key = [giverRegion, holdingRegion, event.occurredOn, envelope.recordedAt];
      const sums = { issued: 0n, received: 0n, paid: 0n, recalled: 0n, recallReceived: 0n };
      days.set(id, (day = { key, sums }));
    }
    for (const [measure, sign] of measures) {
      day.sums[measure as Measure] += sign === 1 ? amountFen : -amountFen;
    }
  });
  return Array.from(days.values(), ({ key, sums }) =>
    copyLine([...key, ...MEASURES.map((measure) => sums[measure])]),
  );
}
