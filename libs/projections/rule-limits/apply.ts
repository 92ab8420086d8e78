import { NewRows, type RowShape } from '../new-rows.js';
import type { PageFold, Projection, Recorded } from '../projection.js';
import { ruleLimitTables } from './table.js';

const RULE_LIMITS: RowShape = {
  table: 'rule_limits',
  columns: {
    ...{ position: 'bigint', rule: 'text', region: 'text', fund_types: 'text[]' },
    ...{ valid_from: 'date', limit_days: 'integer', basis: 'text', recorded_at: 'moment' },
  },
};

/** Fund types are a closed list of plain words, so the array needs no quoting. */
const arrayText = (values: readonly string[] | null): string | null =>
  values === null ? null : `{${values.join(',')}}`;

/** Adds a row for a limit that was set. */
function foldRuleLimit(rows: NewRows, { event, envelope, position }: Recorded): void {
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
    const rows = new NewRows(RULE_LIMITS);
    return {
      add: (recorded) => foldRuleLimit(rows, recorded),
      addPayment: () => undefined,
      write: (_, client) => rows.insert(client),
    };
  },
};
