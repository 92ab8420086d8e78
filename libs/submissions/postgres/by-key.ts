/**
 * How sessions run the statements of `PostgresStaging`: every row is found by its key. A plan is made once, and one made
 * while the tables were small would go through them whole for ever after (as a scan, or as a join that walks an index from
 * end to end): a posting would cost more with every one before it until somebody gathers statistics.
 *
 * For `options` of a connection.
 */
export const BY_KEY = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  'jit=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');
