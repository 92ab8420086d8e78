import type { ClientBase } from 'pg';
import { copyLine, copyRows } from '../copy-rows.js';
import type { Page, Projection } from '../projection.js';
import { ruleLimitTables } from './table.js';

const COLUMNS = [
  ...['position', 'rule', 'region', 'fund_types', 'valid_from', 'limit_days', 'basis'],
  'recorded_at',
];

/** Fund types are a closed list of plain words, so the array needs no quoting. */
const arrayText = (values: readonly string[] | null): string | null =>
  values === null ? null : `{${values.join(',')}}`;

/** COPY lines, one for every limit set. */
export function foldRuleLimits({ events }: Pick<Page, 'events'>): string[] {
  const lines: string[] = [];
  for (const { event, envelope, position } of events) {
    if (event.type !== 'RuleLimitSet') continue;
    const { rule, fundTypes, validFrom, limitDays, basis } = event.data;
    lines.push(
      copyLine([
        ...[position, rule, event.region, arrayText(fundTypes), validFrom, limitDays, basis],
        envelope.recordedAt,
      ]),
    );
  }
  return lines;
}

export const ruleLimitsProjection: Projection = {
  name: 'rule-limits',
  tables: ruleLimitTables,
  async write(page: Page, client: ClientBase): Promise<void> {
    await copyRows(client, 'rule_limits', COLUMNS, foldRuleLimits(page));
  },
};
