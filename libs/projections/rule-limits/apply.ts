import { copyLine, copyRows } from '../copy-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { ruleLimitTables } from './table.js';

const COLUMNS = [
  ...['position', 'rule', 'region', 'fund_types', 'valid_from', 'limit_days', 'basis'],
  'recorded_at',
];

/** Fund types are a closed list of plain words, so the array needs no quoting. */
const arrayText = (values: readonly string[] | null): string | null =>
  values === null ? null : `{${values.join(',')}}`;

/** Adds a COPY line for a limit that was set. */
export function foldRuleLimit(lines: string[], { event, envelope, position }: Recorded): void {
  if (event.type !== 'RuleLimitSet') return;
  const { rule, fundTypes, validFrom, limitDays, basis } = event.data;
  lines.push(
    copyLine([
      ...[position, rule, event.region, arrayText(fundTypes), validFrom, limitDays, basis],
      envelope.recordedAt,
    ]),
  );
}

export const ruleLimitsProjection: Projection = {
  name: 'rule-limits',
  tables: ruleLimitTables,
  beginPage(): PageFold {
    const lines: string[] = [];
    return {
      add: (recorded) => foldRuleLimit(lines, recorded),
      write: (_, client) => copyRows(client, 'rule_limits', COLUMNS, lines),
    };
  },
};
