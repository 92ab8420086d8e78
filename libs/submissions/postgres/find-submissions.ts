import type pg from 'pg';
import type { SubmissionRecord } from '../staged.js';
import { recordOf, type SubmissionTuple } from './submission-tuple.js';

/** Records held; less than a kilobyte each. */
const STORED_HERE_MAX = 1_000;

/**
 * Submissions by id. Of what this process stored as `validated` a moment ago only that is asked, whether it is so still: as
 * long as it is, nothing of it changes.
 */
export class SubmissionFinder {
  readonly #storedHere = new Map<string, SubmissionRecord>();

  constructor(private readonly pool: pg.Pool) {}

  /** It was stored whole, here and now. */
  stored(record: SubmissionRecord): void {
    this.#storedHere.set(record.id, { ...record, bytesRead: record.bytesTotal });
    if (this.#storedHere.size <= STORED_HERE_MAX) return;
    const oldest = this.#storedHere.keys().next().value;
    if (oldest !== undefined) this.#storedHere.delete(oldest);
  }

  /** Null for what is not there. */
  async find(ids: readonly string[]): Promise<readonly (SubmissionRecord | null)[]> {
    const here = ids.filter((id) => this.#storedHere.has(id));
    const waiting = here.length > 0 ? await this.#stillValidated(here) : here;
    const found = new Map<string, SubmissionRecord>();
    for (const id of waiting) {
      const record = this.#storedHere.get(id);
      if (record) found.set(id, record);
    }
    const others = ids.filter((id) => !found.has(id));
    if (others.length > 0) {
      for (const id of others) this.#storedHere.delete(id);
      for (const record of await this.#read(others)) found.set(record.id, record);
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  async #stillValidated(ids: readonly string[]): Promise<readonly string[]> {
    const { rows } = await this.pool.query<[string]>({
      name: 'submissions_still_validated',
      text: `SELECT id::text FROM submissions WHERE id = ANY ($1::uuid[]) AND status = 'validated'`,
      values: [ids],
      rowMode: 'array',
    });
    return rows.map(([id]) => id);
  }

  async #read(ids: readonly string[]): Promise<SubmissionRecord[]> {
    const { rows } = await this.pool.query<SubmissionTuple>({
      name: 'submissions_find',
      text: 'SELECT * FROM submissions WHERE id = ANY ($1::uuid[])',
      values: [ids],
    });
    return rows.map(recordOf);
  }
}
