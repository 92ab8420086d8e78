import { OVERSIGHT_TYPES } from '@fundflow/domain/oversight/events';
import { ACCOUNT_POLICIES } from '@fundflow/identity/account-protection';
import { READ_POLICIES } from '@fundflow/projections/protection';
import { IS_EVERYTHING, isAbout, isWithin, protecting } from '@fundflow/row-security/policy-terms';
import { READER_ROLE } from '@fundflow/row-security/roles';
import { SUBMISSION_TABLES } from '@fundflow/submissions/postgres/protection';
import { VAULT_TABLES } from '@fundflow/vault/postgres/protection';

const OVERSIGHT = `type IN (${OVERSIGHT_TYPES.map((type) => `'${type}'`).join(', ')})`;
const REGION = "(record ->> 'region')";

/** A record is shown where it belongs; what those did who look, to those who watch them. */
const LOG = {
  table: 'event_store.es_events',
  visible: `CASE WHEN ${OVERSIGHT} THEN ${isAbout('oversight')} ELSE ${isAbout('money')} END
    AND (${IS_EVERYTHING} OR ${isWithin(`${REGION} COLLATE "C"`)})`,
};

/** What protects the rows, in the order it is done. */
export const POLICIES: readonly string[] = [
  ...READ_POLICIES,
  ...SUBMISSION_TABLES.flatMap(protecting),
  ...VAULT_TABLES.flatMap(protecting),
  ...ACCOUNT_POLICIES,
  // Reasons in free words are for nobody who asks over the network.
  ...protecting({ table: 'public.oversight_reasons', visible: null }),
  ...protecting({ table: 'public.oversight_settings', visible: null }),
  ...protecting(LOG),
  `GRANT SELECT ON event_store.es_head TO ${READER_ROLE}`,
  `GRANT USAGE ON SCHEMA public, event_store TO ${READER_ROLE}`,
];
