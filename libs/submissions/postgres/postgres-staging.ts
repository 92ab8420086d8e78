import type pg from 'pg';
import type { RowKind } from '@fundflow/domain/rows';
import { coalesce } from '@fundflow/command-handling/coalesce';
import type {
  CertifiedMark,
  ReportEntry,
  StagedRow,
  SubmissionRecord,
  SubmissionRefusal,
} from '../staged.js';
import type { KnownBlock, StagedPart } from '../staging/staged-parts.js';
import {
  blocksOf,
  readBlock,
  readPart,
  readRows,
  writeBlock,
  type WrittenBlock,
} from './staged-blocks.js';
import {
  insertLarge,
  insertWhole,
  isLarge,
  wholeAsDecided,
  type WholeSubmission,
} from './insert-whole.js';
import { finishWhole, rejectSubmission } from './finish-submissions.js';
import { SubmissionFinder } from './find-submissions.js';

/** Statements of one round trip when many small submissions come at once. */
const TOGETHER_MAX = 256;

export interface PostedPart {
  readonly id: string;
  readonly part: number;
  readonly rows: number;
  readonly firstPosition: bigint | null;
  readonly lastPosition: bigint | null;
  readonly last: boolean;
}

/** Submissions, their staged rows and reports in PostgreSQL. Every method is one durable statement. */
export class PostgresStaging {
  /** `validated` → `posting`; false when it was no longer `validated` (somebody else certified it). */
  readonly markPosting: (mark: CertifiedMark) => Promise<boolean>;
  /** Counts a part; the last one makes the submission `posted`. */
  readonly markPosted: (part: PostedPart) => Promise<void>;
  /** A submission of one part, posted: all that is known of it, and the staged rows gone. False when it was `posted`. */
  readonly finishWhole: (posted: SubmissionRecord) => Promise<boolean>;
  readonly find: (id: string) => Promise<SubmissionRecord | null>;
  readonly #insertSmall: (whole: WholeSubmission) => Promise<void>;

  /** @param pool of sessions `BY_KEY` where postings depend on their pace */
  constructor(private readonly pool: pg.Pool) {
    const finder = new SubmissionFinder(pool);
    this.#insertSmall = coalesce(async (items: readonly WholeSubmission[]) => {
      await insertWhole(pool, items);
      for (const { record } of items) finder.stored(record);
      return items.map(() => undefined);
    }, TOGETHER_MAX);
    this.markPosting = coalesce((items) => this.#markPosting(items), TOGETHER_MAX);
    this.markPosted = coalesce((items) => this.#markPosted(items), TOGETHER_MAX);
    this.finishWhole = coalesce((items) => finishWhole(pool, items), TOGETHER_MAX);
    this.find = coalesce((ids) => finder.find(ids), TOGETHER_MAX);
  }

  /** A submission of one part, validated before it is stored: whole, small ones in one statement with their neighbours. */
  insertWhole(whole: WholeSubmission): Promise<void> {
    return isLarge(whole) ? insertLarge(this.pool, whole) : this.#insertSmall(whole);
  }

  /** A file that is about to be read. */
  async insertValidating(record: SubmissionRecord): Promise<void> {
    await this.pool.query(
      `INSERT INTO submissions (id, created_at, status, kind, file_name, maker_id, maker_unit,
        maker_region, handed_in_sha256, bytes_total)
       VALUES ($1, $2, 'validating', $3, $4, $5, $6, $7, $8, $9)`,
      [
        record.id,
        record.createdAt,
        record.kind,
        record.fileName,
        record.maker.id,
        record.maker.unit,
        record.maker.region,
        record.handedInSha256,
        record.bytesTotal,
      ],
    );
  }

  /** One block of a large file with its findings, and the counts so far. */
  writeBlock(...written: WrittenBlock): Promise<void> {
    return writeBlock(this.pool, ...written);
  }

  readBlock(id: string, block: number): Promise<StagedRow[] | null> {
    return readBlock(this.pool, id, block);
  }

  /** The blocks of a submission, in order. */
  blocks(id: string): Promise<KnownBlock[]> {
    return blocksOf(this.pool, id);
  }

  /** See `wholeAsDecided`. */
  wholeAsDecided(id: string): Promise<StagedPart | null> {
    return wholeAsDecided(this.pool, id);
  }

  readPart(id: string, part: StagedPart): Promise<StagedRow[]> {
    return readPart(this.pool, id, part);
  }

  /** @param kinds of its rows: where it is one, it is that of the submission */
  async finishValidation(
    id: string,
    handedInSha256: string,
    kinds: ReadonlySet<RowKind>,
  ): Promise<void> {
    const [only = null] = kinds.size === 1 ? kinds : [];
    await this.pool.query(
      `UPDATE submissions SET status = 'validated', bytes_read = bytes_total, handed_in_sha256 = $2,
         kind = coalesce(kind, $3)
       WHERE id = $1 AND status = 'validating'`,
      [id, handedInSha256, only],
    );
  }

  /**
   * The file cannot be read, or a part no longer fits. Its report says more.
   *
   * @param mark who certified what no longer fits, where it had not been marked
   */
  reject(
    id: string,
    refusal: SubmissionRefusal,
    entries: readonly ReportEntry[] = [],
    mark: CertifiedMark | null = null,
  ): Promise<void> {
    return rejectSubmission(this.pool, id, { refusal, entries, mark });
  }

  /** Before a file is read again after a crash. */
  async clearValidation(id: string): Promise<void> {
    await this.pool.query(
      `WITH blocks AS (DELETE FROM submission_blocks WHERE submission_id = $1)
       DELETE FROM submission_findings WHERE submission_id = $1`,
      [id],
    );
  }

  async #markPosting(items: readonly CertifiedMark[]): Promise<readonly boolean[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `UPDATE submissions s SET status = 'posting', checker_id = g.checker_id,
         checker_unit = g.checker_unit, checker_region = g.checker_region,
         certified_at = g.certified_at, rows_choice = g.rows_choice
       FROM json_to_recordset($1::json) AS g(id uuid, checker_id text, checker_unit text,
         checker_region text, certified_at timestamptz, rows_choice text)
       WHERE s.id = g.id AND s.status = 'validated' RETURNING s.id`,
      [
        JSON.stringify(
          // Two marks for one submission in one batch: the first wins, as it would in two.
          firstOfEach(items).map(({ id, checker, certifiedAt, rowsChoice }) => ({
            id,
            checker_id: checker.id,
            checker_unit: checker.unit,
            checker_region: checker.region,
            certified_at: certifiedAt,
            rows_choice: rowsChoice,
          })),
        ),
      ],
    );
    const marked = new Set(rows.map(({ id }) => id));
    return items.map((item) => marked.delete(item.id));
  }

  async #markPosted(items: readonly PostedPart[]): Promise<readonly undefined[]> {
    await this.pool.query(
      `WITH given AS MATERIALIZED (
         SELECT * FROM json_to_recordset($1::json) AS g(id uuid, part integer, rows integer,
           first_position bigint, last_position bigint, last boolean)
       ), done AS (
         -- What was sealed for the vault lies there now and nowhere else.
         DELETE FROM submission_blocks b USING given g WHERE b.submission_id = g.id AND g.last
       )
       UPDATE submissions s SET posted_parts = g.part, posted_rows = s.posted_rows + g.rows,
         first_position = coalesce(s.first_position, g.first_position),
         last_position = coalesce(g.last_position, s.last_position),
         status = CASE WHEN g.last THEN 'posted' ELSE s.status END
       FROM given g WHERE s.id = g.id AND s.posted_parts = g.part - 1`,
      [
        JSON.stringify(
          items.map(({ id, part, rows, firstPosition, lastPosition, last }) => ({
            ...{ id, part, rows, last },
            first_position: firstPosition?.toString() ?? null,
            last_position: lastPosition?.toString() ?? null,
          })),
        ),
      ],
    );
    return items.map(() => undefined);
  }

  /** Every row that was accepted, of a submission small enough to be held at once. */
  readRows(id: string): Promise<StagedRow[]> {
    return readRows(this.pool, id);
  }

  /** Ids of what waits for certification, in their order, after `after`. */
  async validated(after: string | null, limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `SELECT id FROM submissions WHERE status = 'validated' AND ($1::uuid IS NULL OR id > $1)
       ORDER BY id LIMIT $2`,
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }

  /** Ids of what a crash left unfinished, oldest first. */
  async unfinished(): Promise<{ id: string; status: 'validating' | 'posting' }[]> {
    const { rows } = await this.pool.query<{ id: string; status: 'validating' | 'posting' }>(
      `SELECT id, status FROM submissions WHERE status IN ('validating', 'posting')
       ORDER BY created_at, id`,
    );
    return rows;
  }

  /** Report entries with `seq` > `after`, in order. */
  async readReport(
    id: string,
    after: number,
    limit: number,
  ): Promise<{ seq: number; entry: ReportEntry }[]> {
    const { rows } = await this.pool.query<{ seq: number; entry: ReportEntry }>(
      `SELECT seq, entry FROM submission_findings WHERE submission_id = $1 AND seq > $2
       ORDER BY seq LIMIT $3`,
      [id, after, limit],
    );
    return rows;
  }

  async readFlexColumns(id: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ name: string }>(
      `SELECT DISTINCT flex.name FROM submission_findings,
         json_object_keys(entry -> 'flex') AS flex(name) WHERE submission_id = $1 ORDER BY 1`,
      [id],
    );
    return rows.map(({ name }) => name);
  }

  /** Runs `work` while this process alone holds the submission; null when another process has it. */
  async alone<T>(id: string, work: () => Promise<T>): Promise<T | null> {
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>(
        "SELECT pg_try_advisory_lock(hashtextextended('submission ' || $1, 12317)) AS locked",
        [id],
      );
      if (!rows[0]?.locked) return null;
      try {
        return await work();
      } finally {
        await client.query(
          "SELECT pg_advisory_unlock(hashtextextended('submission ' || $1, 12317))",
          [id],
        );
      }
    } finally {
      client.release();
    }
  }
}

function firstOfEach<T extends { readonly id: string }>(items: readonly T[]): T[] {
  const seen = new Set<string>();
  return items.filter(({ id }) => (seen.has(id) ? false : seen.add(id)));
}
