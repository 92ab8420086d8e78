import { EntitySchema } from 'typeorm';
import { momentColumn, type ReadTable } from '../read-table.js';

/** One limit as it was set; a later setting for the same rule, region and fund types is another row. */
export interface RuleLimitRow {
  position: string;
  rule: string;
  /** Applies to subjects lying in it. */
  region: string;
  /** Null = all. */
  fundTypes: string[] | null;
  validFrom: string;
  limitDays: number;
  basis: string;
  recordedAt: Date;
}

const ruleLimits: ReadTable = {
  name: 'rule_limits',
  create: `
    CREATE TABLE rule_limits (
      position bigint PRIMARY KEY,
      rule text NOT NULL,
      region text COLLATE "C" NOT NULL,
      fund_types text[],
      valid_from date NOT NULL,
      limit_days integer NOT NULL,
      basis text NOT NULL,
      recorded_at timestamptz(3) NOT NULL
    )`,
  indexes: [],
  content: 'SELECT * FROM rule_limits',
  entity: new EntitySchema<RuleLimitRow>({
    name: 'ReadRuleLimit',
    tableName: 'rule_limits',
    schema: 'read_side',
    columns: {
      position: { type: 'bigint', primary: true },
      rule: { type: 'text' },
      region: { type: 'text' },
      fundTypes: { name: 'fund_types', type: 'text', array: true, nullable: true },
      validFrom: { name: 'valid_from', type: 'date' },
      limitDays: { name: 'limit_days', type: 'integer' },
      basis: { type: 'text' },
      recordedAt: { name: 'recorded_at', ...momentColumn },
    },
  }),
};

export const ruleLimitTables: readonly ReadTable[] = [ruleLimits];
