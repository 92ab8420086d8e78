import { KEY_ID_BYTES } from '../vault-key.js';
import { BODY_AT, firstByte, HELD_VERSION, TOKENS_AT } from '../sealed-row.js';
import { HELD_KEY_BYTES, SUBJECT_BYTES } from '../subject-key.js';
import { TOKEN_BYTES, TOKEN_NAMES, type TokenName } from '../search-tokens.js';

const NO_TOKEN = `'\\x${'00'.repeat(TOKEN_BYTES)}'::bytea`;

/** The token of a sealed row, null where it has none. */
const tokenOf = (name: TokenName): string => {
  const at = TOKENS_AT + TOKEN_BYTES * TOKEN_NAMES.indexOf(name);
  return `nullif(substr(whole, ${at + 1}, ${TOKEN_BYTES}), ${NO_TOKEN})`;
};

/** Its person and tokens named by the current key of the blind indexes, and under a key of its own. */
const IS_NOW = 'get_byte(whole, 0) = now_byte';
/** The same, or under the key that its person had. */
const MAY_BE_HELD = 'get_byte(whole, 0) IN (now_byte, held_byte)';
const HELD_KEY = `substr(whole, 2, ${HELD_KEY_BYTES})`;

/** What it was when it answered no whole rows; what a function answers cannot be replaced. */
export const DROP_EARLIER_PUT_FUNCTION = `
DO $drop$ BEGIN
  IF (SELECT 'left_whole' <> ALL (proargnames) FROM pg_proc
      WHERE oid = to_regprocedure('vault_put(bigint,uuid[],text[],bytea[],bytea[],text[])'))
  THEN DROP FUNCTION vault_put(bigint, uuid[], text[], bytea[], bytea[], text[]);
  END IF;
END $drop$`;

const ENTRY_NO = `nextval('vault_entries_entry_no_seq')`;

/** Taken apart in a list of columns, arrays come row by row; in FROM all of it is laid down first. */
const GIVEN = `(SELECT unnest(event_ids) AS event_id, unnest(record_keys) AS record_key,
          unnest(subjects) AS subject, unnest(wholes) AS whole, unnest(regions) AS region,
          unnest(held_keys) AS held_key) AS entry`;

/** Stores what may be stored, each entry with its search tokens; the tokens are filed later (`token-filing.ts`). */
const STORING = `
    WITH given AS MATERIALIZED (
      SELECT ${ENTRY_NO} AS entry_no, entry.*
        FROM ${GIVEN}
       WHERE (is_fresh OR (${MAY_BE_HELD} AND held_key = ${HELD_KEY}))
         AND (erased_ids IS NULL OR event_id <> ALL (erased_ids))
    ), stored AS (
      INSERT INTO vault_entries (entry_no, event_id, record_key, subject, region, sealed)
        OVERRIDING SYSTEM VALUE
        SELECT entry_no, event_id, record_key, subject, region,
               entry_start || substr(whole, ${BODY_AT + 1})
          FROM given
         -- Random ids: neighbours in the index one after the other.
         ORDER BY event_id`;
const TOKENS = `
      INSERT INTO vault_recent_tokens (entry_no, event_id, region, folded, account, id_tail, id_shown)
        SELECT entry_no, event_id, region, ${TOKEN_NAMES.map(tokenOf).join(', ')} FROM given`;

/** Fewer rows are not worth two statements. */
const PROBED_FROM = 200;
/** Of so many rows one is looked up, if it came with a key of its own: people of a file who have one came under it. */
const PROBED_EACH = 50;
const KEYS = `INSERT INTO vault_subjects (subject, held_key)`;
const OWN_KEYS = `
        FROM (SELECT unnest(subjects) AS subject, unnest(wholes) AS whole) AS given
       WHERE ${IS_NOW} AND substr(whole, 2, ${KEY_ID_BYTES}) = current_id
       -- In one order everywhere, so that two that make keys for the same people wait and do not lock each other out.
       ORDER BY given.subject`;

/**
 * Puts sealed rows in one round trip: keys of people who have none yet, entries, search tokens. A function, because each
 * of its statements sees what was committed before it began: so of two that put a person at once the later one finds the
 * key of the first. No event twice in one call. Answers what is left, as it was given: events that are known or erased, and
 * rows under another key than their person has; with that key, null where there is none because the row's own is not
 * wrapped by the current key, or was its person's once; and rows named by another key of the blind indexes than the
 * current one, always.
 *
 * New events of new people are what it is made for: where every row made its person's key no key is looked up; keys and
 * entries are first put as if none were known, which spares looking for each before it is written: keys when there are many
 * of which a fiftieth has none, since what was put in vain stays as dead rows.
 *
 * Takes the content lock shared: nobody destroys a key while an entry goes under it.
 */
export const PUT_FUNCTION = `
CREATE OR REPLACE FUNCTION vault_put(
  content_lock bigint, event_ids uuid[], record_keys text[], subjects bytea[], wholes bytea[],
  regions text[]
) RETURNS TABLE (
  left_id uuid, held bytea, left_key text, left_subject bytea, left_whole bytea, left_region text
) LANGUAGE plpgsql
-- What comes out of arrays is taken for a handful of rows: joined in loops, ten thousand entries would be compared each
-- with each. What is looked up in a table below is therefore no join, and goes by its key.
SET enable_nestloop = off SET enable_seqscan = off AS $put$
DECLARE
  current_id bytea;
  now_byte int;
  held_byte int;
  -- What an entry begins with.
  entry_start bytea;
  keys_made bigint;
  -- Each row brought the key its person has now.
  is_fresh boolean;
  held_keys bytea[];
  erased_ids uuid[];
BEGIN
  PERFORM pg_advisory_xact_lock_shared(content_lock);
  SELECT decode(key_id, 'hex'), ${firstByte(0)} + index_no * ${firstByte(1) - firstByte(0)}
    INTO current_id, now_byte FROM vault_keys WHERE state = 'current';
  held_byte := now_byte + ${firstByte(0, HELD_VERSION) - firstByte(0)};
  entry_start := set_byte('\\x00', 0, now_byte);
  IF cardinality(subjects) >= ${PROBED_FROM} AND NOT EXISTS (
    SELECT FROM (
      SELECT unnest(subjects) AS subject, unnest(wholes) AS whole,
             generate_series(1, cardinality(subjects)) AS place OFFSET 0
    ) AS given
     WHERE place % ${PROBED_EACH} = 1 AND ${IS_NOW}
       AND EXISTS (SELECT FROM vault_subjects person WHERE person.subject = given.subject OFFSET 0)
  ) THEN
    BEGIN
      ${KEYS} SELECT DISTINCT ON (subject) subject, ${HELD_KEY} ${OWN_KEYS};
      GET DIAGNOSTICS keys_made = ROW_COUNT;
    EXCEPTION WHEN unique_violation THEN
      -- One of them has a key after all: no key was made.
    END;
  END IF;
  IF keys_made IS NULL THEN
    ${KEYS} SELECT subject, ${HELD_KEY} ${OWN_KEYS} ON CONFLICT (subject) DO NOTHING;
    GET DIAGNOSTICS keys_made = ROW_COUNT;
  END IF;
  is_fresh := keys_made = cardinality(subjects);
  IF NOT is_fresh THEN
    SELECT array_agg((SELECT person.held_key FROM vault_subjects person
                       WHERE person.subject = given.subject) ORDER BY place) INTO held_keys
      FROM unnest(subjects) WITH ORDINALITY AS given (subject, place);
  END IF;
  SELECT array_agg(event_id) INTO erased_ids FROM vault_erased WHERE event_id = ANY (event_ids);
  BEGIN
    ${STORING}
    )
    ${TOKENS};
    IF is_fresh AND erased_ids IS NULL THEN RETURN; END IF;
    RETURN QUERY
      SELECT event_id, held_key, record_key, subject, whole, region
        FROM ${GIVEN}
       WHERE NOT coalesce(is_fresh OR (${MAY_BE_HELD} AND held_key = ${HELD_KEY}), false)
          OR event_id = ANY (erased_ids);
    RETURN;
  EXCEPTION WHEN unique_violation THEN
    -- Some of them are known: nothing was put.
  END;
  RETURN QUERY
    ${STORING}
      ON CONFLICT DO NOTHING RETURNING vault_entries.entry_no
    ), tokens AS (${TOKENS} WHERE entry_no IN (SELECT stored.entry_no FROM stored)
      RETURNING event_id
    )
    SELECT entry.event_id, CASE WHEN is_fresh THEN ${HELD_KEY} ELSE held_key END,
           record_key, subject, whole, region
      FROM ${GIVEN}
      LEFT JOIN tokens USING (event_id) WHERE tokens.event_id IS NULL;
END
$put$`;

/**
 * The keys that people have, in their order, one behind the other: zeros for whoever has none. A function, because no plan
 * that was made while there were few people may look through all of them for each.
 */
export const HELD_KEYS_FUNCTION = `
CREATE OR REPLACE FUNCTION vault_held_keys(subjects bytea) RETURNS bytea LANGUAGE plpgsql STABLE
SET enable_seqscan = off AS $held$
BEGIN
  RETURN (
    SELECT string_agg(coalesce((
             SELECT held_key FROM vault_subjects person
              WHERE person.subject = substr(subjects, 1 + ${SUBJECT_BYTES} * place, ${SUBJECT_BYTES})
           ), '\\x${'00'.repeat(HELD_KEY_BYTES)}'), '' ORDER BY place)
      FROM generate_series(0, length(subjects) / ${SUBJECT_BYTES} - 1) AS place
  );
END
$held$`;

export const CALL_PUT = 'SELECT left_id, held FROM vault_put($1, $2, $3, $4, $5, $6)';
