import { isWithin, type ProtectedTable } from '@fundflow/row-security/policy-terms';

/**
 * Searches find entries of the places they may look in. What is sealed, and every key, is read by the program's own work,
 * for entries that were found so.
 */
export const VAULT_TABLES: readonly ProtectedTable[] = [
  {
    table: 'public.vault_entries',
    visible: isWithin('region'),
    columns: ['event_id', 'region', 'subject', 'entry_no'],
  },
  { table: 'public.vault_name_index', visible: isWithin('region') },
  { table: 'public.vault_number_index', visible: isWithin('region') },
  { table: 'public.vault_recent_tokens', visible: isWithin('region') },
  {
    table: 'public.vault_erasures',
    visible: isWithin('region'),
  },
  { table: 'public.vault_holds', visible: isWithin('region'), columns: ['hold_id', 'region'] },
  ...['keys', 'subjects', 'erased', 'restrictions', 'unmaskings', 'renamed'].map((name) => ({
    table: `public.vault_${name}`,
    visible: null,
  })),
];
