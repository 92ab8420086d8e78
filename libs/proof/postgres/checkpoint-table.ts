import type { Pool } from 'pg';

/** A checkpoint as it is served. */
export interface PublishedCheckpoint {
  readonly size: number;
  /** The signed note with every cosignature that came in. */
  readonly note: string;
  readonly signedAt: Date;
  /** Whether its cosignatures met the quorum of the policy. */
  readonly witnessed: boolean;
}

export interface Cosignature {
  /** Name and key id of the witness; a later cosignature of the same witness takes the place of the earlier. */
  readonly witness: string;
  /** The signature line with its newline. */
  readonly line: string;
}

const SHOWN = `
  SELECT c.size::text, c.signed_at, c.witnessed, c.note || coalesce((
    SELECT string_agg(s.line, '' ORDER BY s.witness) FROM tlog.cosignatures s
    WHERE s.log = c.log AND s.size = c.size), '') AS note
  FROM tlog.checkpoints c`;
const NEWEST = `${SHOWN}
  WHERE c.log = $1 AND (c.witnessed OR NOT $2::boolean) ORDER BY c.size DESC LIMIT 1`;
const FIND = `${SHOWN} WHERE c.log = $1 AND c.size = $2`;
// Of one day the last checkpoint of each kind is enough to say later what the log was on that day.
const PUBLISH = `
  WITH published AS (
    INSERT INTO tlog.checkpoints (log, size, note, signed_at, witnessed) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (log, size) DO UPDATE SET witnessed = checkpoints.witnessed OR EXCLUDED.witnessed
  ), cosigned AS (
    INSERT INTO tlog.cosignatures (log, size, witness, line)
    SELECT $1, $2, q.witness, q.line FROM unnest($6::text[], $7::text[]) q(witness, line)
    ON CONFLICT (log, size, witness) DO UPDATE SET line = EXCLUDED.line
  )
  DELETE FROM tlog.checkpoints c WHERE c.log = $1 AND c.size < $2 AND c.witnessed = $5
  AND date_trunc('day', c.signed_at, 'UTC') = date_trunc('day', $4::timestamptz, 'UTC')`;

/** The checkpoints of one log in PostgreSQL: the newest, and the last of every day. */
export class CheckpointTable {
  constructor(
    private readonly pool: Pool,
    readonly log: string,
  ) {}

  /** The largest one that is signed, or the largest one that is witnessed. */
  newest(which: 'signed' | 'witnessed'): Promise<PublishedCheckpoint | null> {
    return this.#one(NEWEST, which === 'witnessed');
  }

  /** The one of this size. */
  find(size: number): Promise<PublishedCheckpoint | null> {
    return this.#one(FIND, size);
  }

  async #one(text: string, value: boolean | number): Promise<PublishedCheckpoint | null> {
    const { rows } = await this.pool.query<{
      size: string;
      note: string;
      signed_at: Date;
      witnessed: boolean;
    }>(text, [this.log, value]);
    const [row] = rows;
    if (row === undefined) return null;
    const { size, note, signed_at: signedAt, witnessed } = row;
    return { size: Number(size), note, signedAt, witnessed };
  }

  /**
   * Publishes a checkpoint with the cosignatures it has by now; doing it again adds to it.
   *
   * @param checkpoint.note the note as the log signed it, without cosignatures
   */
  async publish(
    checkpoint: PublishedCheckpoint,
    cosignatures: readonly Cosignature[] = [],
  ): Promise<void> {
    const { size, note, signedAt, witnessed } = checkpoint;
    const witnesses = cosignatures.map(({ witness }) => witness);
    const lines = cosignatures.map(({ line }) => line);
    const values = [this.log, size, note, signedAt, witnessed, witnesses, lines];
    await this.pool.query({ name: 'tlog_publish', text: PUBLISH, values });
  }
}
