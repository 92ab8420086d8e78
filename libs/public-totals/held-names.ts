import type { PoolClient } from 'pg';

const LOCK = 'SELECT FROM public_totals_position FOR UPDATE';

/**
 * Of whom something is held is named by blind index. These call them otherwise, when the key of those is changed: in the
 * transaction that renames them everywhere else, and while nobody adds to the totals.
 */
export const heldNames = {
  async rename(
    client: PoolClient,
    people: readonly { readonly former: Buffer; readonly present: Buffer }[],
  ): Promise<void> {
    await client.query(LOCK);
    await client.query(
      `UPDATE public_totals SET held_for = ARRAY (
         SELECT coalesce(given.present, name)
           FROM unnest(held_for) WITH ORDINALITY AS held (name, place)
           LEFT JOIN unnest($1::text[], $2::text[]) AS given (former, present) ON former = name
          ORDER BY place)
        WHERE held_for && $1::text[]`,
      [
        people.map(({ former }) => former.toString('hex')),
        people.map(({ present }) => present.toString('hex')),
      ],
    );
  },

  /** Of whom nothing is kept any more counts no longer among the five, who are then others. */
  async forgetOthers(client: PoolClient): Promise<void> {
    await client.query(LOCK);
    await client.query(
      `UPDATE public_totals SET held_for = ARRAY (
         SELECT name FROM unnest(held_for) WITH ORDINALITY AS held (name, place)
          WHERE EXISTS (SELECT FROM vault_renamed WHERE present = decode(name, 'hex'))
          ORDER BY place)
        WHERE held_for <> '{}'`,
    );
  },
};
