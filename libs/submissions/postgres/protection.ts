import { isOwn, isWithin, type ProtectedTable } from '@fundflow/row-security/policy-terms';

const OF_VISIBLE = 'EXISTS (SELECT FROM public.submissions s WHERE s.id = submission_id)';

/** What is handed in belongs to the unit that did, and to whoever handed it in, wherever he works now. */
export const SUBMISSION_TABLES: readonly ProtectedTable[] = [
  {
    table: 'public.submissions',
    visible: `${isWithin('maker_region COLLATE "C"')}
      OR ${isOwn('maker_id')}`,
  },
  { table: 'public.submission_findings', visible: OF_VISIBLE },
  // Rows as handed in, with what seals persons: nobody is answered from them.
  { table: 'public.submission_blocks', visible: null },
  { table: 'public.submission_first_checks', visible: null },
  { table: 'public.submission_thresholds', visible: null },
];
