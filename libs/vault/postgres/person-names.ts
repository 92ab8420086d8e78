/**
 * While the key of the blind indexes is changed a person may have two: entries that were not looked at yet have the former
 * one, everything else has the present one. These say in statements who is who.
 */

/** The present name of a person. @param subject a term of SQL */
export const presentName = (subject: string): string =>
  `coalesce((SELECT present FROM vault_renamed WHERE former = ${subject}), ${subject})`;

/** The present name of a person whom an event named: of what is gone, the name it had. @param given terms of SQL */
export const nameNow = (given: string, eventId: string): string =>
  `coalesce((SELECT ${presentName('entry.subject')} FROM vault_entries entry
    WHERE entry.event_id = ${eventId}::uuid), ${presentName(given)})`;

/** Every name under which something of the person may be kept. @param subject a term of SQL */
export const namesOf = (subject: string): string => `vault_names_of(${subject})`;

/** A function: then the names are an array, by which an index is asked. */
export const NAMES_OF_FUNCTION = `
CREATE OR REPLACE FUNCTION vault_names_of(asked bytea) RETURNS bytea[]
LANGUAGE sql STABLE PARALLEL SAFE AS $names$
  SELECT array_agg(name) FROM (
    SELECT ${presentName('asked')} AS name
    UNION
    SELECT former FROM vault_renamed WHERE present = ${presentName('asked')}
  ) names
$names$`;
