import { KEY_ID_BYTES } from '../vault-key.js';
import { BODY_AT, ROW_VERSION, TOKENS_AT } from '../seal.js';
import { HELD_KEY_BYTES } from '../subject-key.js';
import { TOKEN_BYTES, TOKEN_NAMES, type TokenName } from '../search-tokens.js';

const NO_TOKEN = `'\\x${'00'.repeat(TOKEN_BYTES)}'::bytea`;

/** The token of a sealed row, null where it has none. */
const tokenOf = (name: TokenName): string => {
  const at = TOKENS_AT + TOKEN_BYTES * TOKEN_NAMES.indexOf(name);
  return `nullif(substr(whole, ${at + 1}, ${TOKEN_BYTES}), ${NO_TOKEN})`;
};

const IS_NOW = `get_byte(whole, 0) = ${ROW_VERSION}`;
const HELD_KEY = `substr(whole, 2, ${HELD_KEY_BYTES})`;

/** What it was when it answered the events that are new; what a function answers cannot be replaced. */
export const DROP_FIRST_PUT_FUNCTION = `
DO $drop$ BEGIN
  IF (SELECT proretset AND prorettype = 'uuid'::regtype FROM pg_proc
      WHERE oid = to_regprocedure('vault_put(bigint,uuid[],text[],bytea[],bytea[],text[])'))
  THEN DROP FUNCTION vault_put(bigint, uuid[], text[], bytea[], bytea[], text[]);
  END IF;
END $drop$`;

/**
 * Puts sealed rows in one round trip: keys of people who have none yet, entries, search tokens. A function, because each
 * of its statements sees what was committed before it began: so of two that put a person at once the later one finds the
 * key of the first. No event twice in one call. Answers what is left: events that are known or erased, and rows under
 * another key than their person has; with that key, null where there is none because the row's own is not wrapped by the
 * current key.
 *
 * Takes the content lock shared: nobody destroys a key while an entry goes under it.
 */
export const PUT_FUNCTION = `
CREATE OR REPLACE FUNCTION vault_put(
  content_lock bigint, event_ids uuid[], record_keys text[], subjects bytea[], wholes bytea[],
  regions text[]
) RETURNS TABLE (left_id uuid, held bytea) LANGUAGE plpgsql
-- What comes out of arrays is taken for a handful of rows: joined in loops, ten thousand entries would be compared each
-- with each. What is looked up in a table below is therefore no join, and goes by its key.
SET enable_nestloop = off SET enable_seqscan = off AS $put$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(content_lock);
  INSERT INTO vault_subjects (subject, held_key)
    SELECT given.subject, ${HELD_KEY}
      FROM unnest(subjects, wholes) AS given (subject, whole)
     WHERE ${IS_NOW} AND substr(whole, 2, ${KEY_ID_BYTES})
         = (SELECT decode(key_id, 'hex') FROM vault_keys WHERE state = 'current')
     -- In one order everywhere, so that two that make keys for the same people wait and do not lock each other out.
     ORDER BY given.subject
    ON CONFLICT (subject) DO NOTHING;
  RETURN QUERY
    WITH given AS MATERIALIZED (
      SELECT entry.*, (SELECT person.held_key FROM vault_subjects person
                        WHERE person.subject = entry.subject) AS held_key
        FROM unnest(event_ids, record_keys, subjects, wholes, regions)
          AS entry (event_id, record_key, subject, whole, region)
    ), stored AS (
      INSERT INTO vault_entries AS kept (event_id, record_key, subject, region, sealed)
        SELECT given.event_id, record_key, subject, region,
               substr(whole, 1, 1) || substr(whole, ${BODY_AT + 1})
          FROM given
         WHERE ${IS_NOW} AND held_key = ${HELD_KEY}
           AND (SELECT true FROM vault_erased gone WHERE gone.event_id = given.event_id) IS NULL
        ON CONFLICT DO NOTHING
        RETURNING kept.event_id, kept.entry_no
    ), found AS MATERIALIZED (
      SELECT stored.entry_no, given.*
        FROM given LEFT JOIN stored ON stored.event_id = given.event_id
    ), names AS (
      INSERT INTO vault_name_index (entry_no, event_id, region, folded)
        SELECT entry_no, event_id, region, ${tokenOf('folded')} FROM found
         WHERE entry_no IS NOT NULL AND ${tokenOf('folded')} IS NOT NULL
    ), numbers AS (
      INSERT INTO vault_number_index (entry_no, event_id, region, account, id_tail, id_shown)
        SELECT entry_no, event_id, region, ${tokenOf('account')}, ${tokenOf('idTail')},
               ${tokenOf('idShown')}
          FROM found
         WHERE entry_no IS NOT NULL
           AND num_nonnulls(${tokenOf('account')}, ${tokenOf('idTail')}, ${tokenOf('idShown')}) > 0
    )
    SELECT found.event_id, found.held_key FROM found WHERE entry_no IS NULL;
END
$put$`;

export const CALL_PUT = 'SELECT left_id, held FROM vault_put($1, $2, $3, $4, $5, $6)';
