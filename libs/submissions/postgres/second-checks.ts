import type pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { RegionCode } from '@fundflow/domain/region';
import type { RowsChoice } from '@fundflow/domain/submission/submission';
import type { StagedRow, SubmissionRecord } from '../staged.js';
import type { PostgresStaging } from './postgres-staging.js';

/** From which amount on a second checker is needed, by region and day; and who has checked first. */
export class SecondChecks1750000000410 implements MigrationInterface {
  readonly name = 'SecondChecks1750000000410';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE submission_thresholds (
        position bigint PRIMARY KEY,
        region text COLLATE "C" NOT NULL,
        valid_from date NOT NULL,
        threshold_fen bigint CHECK (threshold_fen > 0)
      )`);
    await runner.query(`
      CREATE TABLE submission_first_checks (
        submission_id uuid PRIMARY KEY REFERENCES submissions ON DELETE CASCADE,
        maker_id text NOT NULL,
        first_checker_id text NOT NULL,
        second_checker_id text,
        rows_choice text NOT NULL,
        CONSTRAINT first_is_another_person CHECK (first_checker_id <> maker_id),
        CONSTRAINT second_is_a_third_person
          CHECK (second_checker_id NOT IN (maker_id, first_checker_id))
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submission_first_checks, submission_thresholds');
  }
}

export interface FirstCheck {
  readonly checkerId: string;
  readonly rows: RowsChoice;
}

interface Threshold {
  readonly region: RegionCode;
  readonly validFrom: string;
  /** Null: none from that day on. */
  readonly thresholdFen: string | null;
}

/** How long another process's setting may take to arrive here. */
const BELIEVED_MS = 2_000;
const BLOCKS_MAX = 100_000;

/**
 * Second checkers above an amount. Where nobody set one, certification asks nothing here beyond a list that is read every
 * few seconds; the amount of a submission is added up only where it matters.
 */
export class SecondChecks {
  #thresholds: Promise<readonly Threshold[]> | null = null;
  #readAtMs = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly staging: Pick<PostgresStaging, 'readBlock'>,
    private readonly now: () => number,
  ) {}

  /** The setting of the longest region that contains this one, the latest of those valid on the day; null when none. */
  async thresholdFen(region: RegionCode, day: string): Promise<bigint | null> {
    const found = (await this.#known()).find(
      (each) =>
        each.validFrom <= day && (each.region === '000000' || region.startsWith(each.region)),
    );
    return found?.thresholdFen ? BigInt(found.thresholdFen) : null;
  }

  /**
   * The same one again changes nothing.
   *
   * @param position of the event that records it: what was set later wins
   */
  async setThreshold(
    position: bigint,
    { region, validFrom, thresholdFen }: Threshold,
  ): Promise<void> {
    await this.pool.query(
      'INSERT INTO submission_thresholds VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [position.toString(), region, validFrom, thresholdFen],
    );
    this.#thresholds = null;
  }

  /** What the accepted rows move, each movement counted once. */
  async amountFen({ id, acceptedRows }: SubmissionRecord): Promise<bigint> {
    let sum = 0n;
    let seen = 0;
    for (let block = 0; block < BLOCKS_MAX && seen < acceptedRows; block += 1) {
      const rows = await this.staging.readBlock(id, block);
      if (rows === null) break;
      for (const row of rows) sum += amountOf(row);
      seen += rows.length;
    }
    return sum;
  }

  async firstOf(submissionId: string): Promise<FirstCheck | null> {
    const { rows } = await this.pool.query<FirstCheck>(
      `SELECT first_checker_id AS "checkerId", rows_choice AS rows FROM submission_first_checks
       WHERE submission_id = $1`,
      [submissionId],
    );
    return rows[0] ?? null;
  }

  /** False when somebody else was first at the same moment. */
  async checkFirst(record: SubmissionRecord, { checkerId, rows }: FirstCheck): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `INSERT INTO submission_first_checks (submission_id, maker_id, first_checker_id, rows_choice)
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [record.id, record.maker.id, checkerId, rows],
    );
    return rowCount === 1;
  }

  /** The database refuses the maker and the first checker. */
  async checkSecond(submissionId: string, checkerId: string): Promise<void> {
    await this.pool.query(
      'UPDATE submission_first_checks SET second_checker_id = $2 WHERE submission_id = $1',
      [submissionId, checkerId],
    );
  }

  #known(): Promise<readonly Threshold[]> {
    if (this.#thresholds === null || this.now() - this.#readAtMs > BELIEVED_MS) {
      this.#readAtMs = this.now();
      this.#thresholds = this.#read();
      this.#thresholds.catch(() => (this.#thresholds = null));
    }
    return this.#thresholds;
  }

  async #read(): Promise<readonly Threshold[]> {
    const { rows } = await this.pool.query<Threshold>(
      `SELECT region, valid_from::text AS "validFrom", threshold_fen::text AS "thresholdFen"
       FROM submission_thresholds
       ORDER BY CASE region WHEN '000000' THEN 0 ELSE length(region) END DESC,
         submission_thresholds.valid_from DESC, position DESC`,
    );
    return rows;
  }
}

/** Projects and notices move nothing; a plan is no movement. */
function amountOf({ wire }: StagedRow): bigint {
  const { amountFen } = wire as { readonly amountFen?: unknown };
  return typeof amountFen === 'string' ? BigInt(amountFen) : 0n;
}
