import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BLOCK_ARRAYS } from './block-columns.js';
import { SecondChecks1750000000410 } from './second-checks.js';

/**
 * Submissions before (and while) they are posted. Rows lie in blocks that are neither compressed nor taken apart: they are
 * written once, read once in order, and never searched. Maker ≠ checker also stands here as a constraint.
 */
class CreateSubmissions1750000000400 implements MigrationInterface {
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
class FindValidatedSubmissions1750000000401 implements MigrationInterface {
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
class DescribeBlocks1750000000420 implements MigrationInterface {
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
class CountPeopleOfBlocks1750000000440 implements MigrationInterface {
  readonly name = 'CountPeopleOfBlocks1750000000440';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submission_blocks ADD COLUMN people integer');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE submission_blocks DROP COLUMN people');
  }
}

/**
 * Rows as columns (see `StagedColumns`): what is posted where it lies is not taken apart, and of people only what the vault
 * takes is read. `staged` stays for small requests and for what an older program staged. Nothing is compressed, as in lines.
 */
class StageColumns1750000000450 implements MigrationInterface {
  readonly name = 'StageColumns1750000000450';

  async up(runner: QueryRunner): Promise<void> {
    const arrays = BLOCK_ARRAYS.map(
      ([name, type]) => `ADD COLUMN ${name} ${type} STORAGE EXTERNAL`,
    );
    await runner.query(
      `ALTER TABLE submission_blocks ALTER COLUMN staged DROP NOT NULL,
        ADD COLUMN decided_by text, ${arrays.join(', ')},
        ADD CONSTRAINT lines_or_columns CHECK ((staged IS NULL) = (records IS NOT NULL))`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const columns = ['decided_by', ...BLOCK_ARRAYS.map(([name]) => name)];
    await runner.query('DELETE FROM submission_blocks WHERE staged IS NULL');
    await runner.query(
      `ALTER TABLE submission_blocks ${columns.map((name) => `DROP COLUMN ${name}`).join(', ')},
        ALTER COLUMN staged SET NOT NULL`,
    );
  }
}

export const submissionMigrations = [
  CreateSubmissions1750000000400,
  FindValidatedSubmissions1750000000401,
  SecondChecks1750000000410,
  DescribeBlocks1750000000420,
  CountPeopleOfBlocks1750000000440,
  StageColumns1750000000450,
];
