import type { VaultEntry } from '@fundflow/vault/vault';

/** These entries as a statement selects them, for `putSelected` of a vault. */
export const selectionOf = (given: readonly VaultEntry[]) => ({
  name: 'given',
  text: `SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $5::text[])
    AS given (event_id, record_key, subject, whole, region)`,
  values: [
    ...[given.map(({ eventId }) => eventId), given.map(({ recordKey }) => recordKey)],
    ...[given.map(({ subject }) => subject), given.map(({ sealed }) => sealed)],
    given.map(({ region }) => region),
  ],
});
