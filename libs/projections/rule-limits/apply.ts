import { CopyRows, copyRows } from '../copy-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { ruleLimitTables } from './table.js';

const COLUMNS = [
  ...['position', 'rule', 'region', 'fund_types', 'valid_from', 'limit_days', 'basis'],
  'recorded_at',
];

/** Fund types are a closed list of plain words, so the array needs no quoting. */
const arrayText = (values: readonly string[] | null): string | null =>
  values === null ? null : `{${values.join(',')}}`;

/** Adds a row for a limit that was set. */
function foldRuleLimit(rows: CopyRows, { event, envelope, position }: Recorded): void {
  if (event.type !== 'RuleLimitSet') return;
  const { rule, fundTypes, validFrom, limitDays, basis } = event.data;
  rows.add([
    ...[position, rule, event.region, arrayText(fundTypes), validFrom, limitDays, basis],
    envelope.recordedAt,
  ]);
}

export const ruleLimitsProjection: Projection = {
  name: 'rule-limits',
  tables: ruleLimitTables,
  beginPage(): PageFold {
    const rows = new CopyRows();
    return {
      add: (recorded) => foldRuleLimit(rows, recorded),
      write: (_, client) => copyRows(client, 'rule_limits', COLUMNS, rows),
    };
  },
};
