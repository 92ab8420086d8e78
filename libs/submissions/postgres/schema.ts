import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SecondChecks1750000000410 } from './second-checks.js';

/**
 * Submissions before (and while) they are posted. Rows lie in blocks, as text that is neither compressed nor taken apart:
 * they are written once, read once in order, and never searched. Maker ≠ checker also stands here as a constraint.
 */
export class CreateSubmissions1750000000400 implements MigrationInterface {
  readonly name = 'CreateSubmissions1750000000400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE submissions (
        id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL,
        status text NOT NULL
          CHECK (status IN ('validating', 'validated', 'rejected', 'posting', 'posted')),
        kind text,
        file_name text,
        maker_id text NOT NULL,
        maker_unit text NOT NULL,
        maker_region text NOT NULL,
        handed_in_sha256 text,
        bytes_total bigint NOT NULL,
        bytes_read bigint NOT NULL DEFAULT 0,
        row_count integer NOT NULL DEFAULT 0,
        accepted_rows integer NOT NULL DEFAULT 0,
        already_posted_rows integer NOT NULL DEFAULT 0,
        errors integer NOT NULL DEFAULT 0,
        warnings integer NOT NULL DEFAULT 0,
        refusal json,
        checker_id text CONSTRAINT another_person CHECK (checker_id <> maker_id),
        checker_unit text,
        checker_region text,
        certified_at timestamptz,
        rows_choice text,
        posted_parts integer NOT NULL DEFAULT 0,
        posted_rows integer NOT NULL DEFAULT 0,
        first_position bigint,
        last_position bigint
      )`);
    await runner.query(
      `CREATE INDEX submissions_unfinished ON submissions (status)
        WHERE status IN ('validating', 'posting')`,
    );
    await runner.query('CREATE INDEX submissions_newest ON submissions (created_at DESC, id)');
    await runner.query(`
      CREATE TABLE submission_blocks (
        submission_id uuid NOT NULL REFERENCES submissions ON DELETE CASCADE,
        block integer NOT NULL,
        staged text STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (submission_id, block)
      )`);
    await runner.query(`
      CREATE TABLE submission_findings (
        submission_id uuid NOT NULL REFERENCES submissions ON DELETE CASCADE,
        seq integer NOT NULL,
        entry json NOT NULL,
        PRIMARY KEY (submission_id, seq)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE submission_findings, submission_blocks, submissions');
  }
}

/** Small submissions are posted without a mark: a start looks through what waits for certification as well. */
export class FindValidatedSubmissions1750000000401 implements MigrationInterface {
  readonly name = 'FindValidatedSubmissions1750000000401';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX submissions_unfinished');
    await runner.query(
      `CREATE INDEX submissions_unfinished ON submissions (status, id)
        WHERE status IN ('validating', 'validated', 'posting')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX submissions_unfinished');
    await runner.query(
      `CREATE INDEX submissions_unfinished ON submissions (status)
        WHERE status IN ('validating', 'posting')`,
    );
  }
}

/** What posting a block needs to know without reading it; null in blocks that an older program wrote. */
export class DescribeBlocks1750000000420 implements MigrationInterface {
  readonly name = 'DescribeBlocks1750000000420';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE submission_blocks ADD COLUMN row_count integer, ADD COLUMN open_projects text[]',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE submission_blocks DROP COLUMN row_count, DROP COLUMN open_projects',
    );
  }
}

/** Whether a block pays people, so that nobody looks for them in vain; null: it may. */
export class CountPeopleOfBlocks1750000000440 implements MigrationInterface {
  readonly name = 'CountPeopleOfBlocks1750000000440';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submission_blocks ADD COLUMN people integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submission_blocks DROP COLUMN people');
  }
}

export const submissionMigrations = [
  CreateSubmissions1750000000400,
  FindValidatedSubmissions1750000000401,
  SecondChecks1750000000410,
  DescribeBlocks1750000000420,
  CountPeopleOfBlocks1750000000440,
];
