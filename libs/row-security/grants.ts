import { READER_ROLE, WORK_ROLE } from './roles.js';

/** Tables that belong to the owner alone: which migrations ran, what is protected how. */
const OWNERS_OWN = ['fundflow_migrations', 'fundflow_protection'];

/**
 * What each role may do, whatever it could do before. The log is read by the application, and appended to through its
 * function alone, which runs as the owner; a trigger refuses everything else to anybody.
 */
export const GRANTS: readonly string[] = [
  'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
  ...['public', 'tlog', 'read_side', 'alert_side'].flatMap((schema) => [
    `GRANT USAGE ON SCHEMA ${schema} TO ${WORK_ROLE}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${WORK_ROLE}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${WORK_ROLE}`,
    `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${WORK_ROLE}`,
  ]),
  ...OWNERS_OWN.map(
    (table) => `REVOKE INSERT, UPDATE, DELETE ON public.${table} FROM ${WORK_ROLE}`,
  ),
  `GRANT USAGE ON SCHEMA event_store TO ${WORK_ROLE}`,
  `REVOKE ALL ON ALL TABLES IN SCHEMA event_store FROM ${WORK_ROLE}, ${READER_ROLE}, PUBLIC`,
  `GRANT SELECT ON ALL TABLES IN SCHEMA event_store TO ${WORK_ROLE}`,
  `GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA event_store TO ${WORK_ROLE}`,
  `GRANT USAGE ON SCHEMA read_side, alert_side TO ${READER_ROLE}`,
];
