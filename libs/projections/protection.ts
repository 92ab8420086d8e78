import {
  IS_EVERYTHING,
  isWithin,
  isWithinAsked,
  isWithinPerRow,
  namesWithin,
  type ProtectedTable,
  protecting,
} from '@fundflow/row-security/policy-terms';
import { READER_ROLE } from '@fundflow/row-security/roles';
import type { ClientBase } from 'pg';
import { ALERT_SCHEMA } from './alerts/table.js';
import { LINEAGE_NAMES } from './lineage.js';
import { READ_SCHEMA } from './read-table.js';

/** Of each read table, the rows an answer may be made from. */
const READ: Readonly<Record<string, string | null>> = {
  // How far the tables are, and the limits of rules, say nothing about anybody's money.
  checkpoint: 'true',
  rule_limits: 'true',
  holdings: isWithinAsked('region'),
  lines: isWithinAsked('holding_region'),
  // Have no place of their own: read through the lineage, for holdings that are in sight.
  returns: null,
  holding_days: null,
  holding_months: null,
  movements: [
    ...['county_key', 'giver_region', 'holding_region'].map(isWithinPerRow),
    namesWithin('places'),
  ].join(' OR '),
  flow_days: `${isWithinAsked('holding_region')} OR ${isWithinAsked('giver_region')}`,
  // Accounts of the whole ledger: no region divides them.
  journal_entries: IS_EVERYTHING,
  projects: isWithinAsked('county'),
  notices: isWithinAsked('region'),
};

const ALERTS: Readonly<Record<string, string | null>> = {
  alert_checkpoint: 'true',
  alerts: isWithin('region'),
};

const tablesOf = (
  schema: string,
  visible: Readonly<Record<string, string | null>>,
): ProtectedTable[] =>
  Object.entries(visible).map(([name, condition]) => ({
    table: `${schema}.${name}`,
    visible: condition,
  }));

/** Row-level security of the read side. */
export const READ_POLICIES: readonly string[] = [
  ...tablesOf(READ_SCHEMA, READ).flatMap(protecting),
  ...tablesOf(ALERT_SCHEMA, ALERTS).flatMap(protecting),
  ...LINEAGE_NAMES.map((name) => `GRANT SELECT ON ${READ_SCHEMA}.${name} TO ${READER_ROLE}`),
];

/** Whoever may see rows of the tables in service may see the same of a copy in another schema. */
export async function copyPolicies(client: ClientBase, schema: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
       $2::text, c.relname) AS statement
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relrowsecurity
     UNION ALL
     SELECT format('CREATE POLICY %I ON %I.%I FOR %s TO %s USING (%s)', policyname, $2::text,
       tablename, cmd, (SELECT string_agg(quote_ident(one), ', ') FROM unnest(roles) AS one), qual)
     FROM pg_policies WHERE schemaname = $1`,
    [READ_SCHEMA, schema],
  );
  for (const { statement } of rows) await client.query(statement);
}
