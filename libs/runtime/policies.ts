import { READ_POLICIES } from '@fundflow/projections/protection';
import { protecting } from '@fundflow/row-security/policy-terms';
import { READER_ROLE } from '@fundflow/row-security/roles';
import { SUBMISSION_TABLES } from '@fundflow/submissions/postgres/protection';
import { VAULT_TABLES } from '@fundflow/vault/postgres/protection';

/** What protects the rows, in the order it is done. */
export const POLICIES: readonly string[] = [
  ...READ_POLICIES,
  ...SUBMISSION_TABLES.flatMap(protecting),
  ...VAULT_TABLES.flatMap(protecting),
  // Reasons in free words are for nobody who asks over the network.
  ...protecting({ table: 'public.oversight_reasons', visible: null }),
  `GRANT USAGE ON SCHEMA public TO ${READER_ROLE}`,
];
