import type { Pool, PoolClient, QueryResult } from 'pg';
import { settingsOf } from './acting-scope.js';
import type { ReadScope } from './read-scope.js';

/** Runs a statement in the transaction and answers its rows. */
export type Run = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/**
 * The tables as somebody may see them. Every answer is made in a transaction of its own, read only, from one state of all
 * tables, whose scope is set as it begins: in the same message to the server, so that it costs no round trip.
 */
export class ScopedReads {
  readonly #begin: string;

  /** @param pool whose connections act in the role of answers */
  constructor(
    private readonly pool: Pick<Pool, 'connect'>,
    scope: ReadScope,
  ) {
    this.#begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settingsOf(scope)}`;
  }

  /** The rows of one statement, in a transaction of its own. */
  async ask<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.read('SELECT', (_, run) => run<Row>(sql, values));
  }

  /**
   * @param first statements without values, sent with the beginning; the rows of the last are handed on
   * @throws whatever the database says, and `work`; the transaction has ended then
   */
  async read<First, T>(
    first: string,
    work: (rows: readonly First[], run: Run) => Promise<T>,
  ): Promise<T> {
    const client = await this.pool.connect();
    try {
      const begun = (await client.query(`${this.#begin}; ${first}`)) as unknown;
      const { rows } = (begun as QueryResult[]).at(-1) as QueryResult;
      const result = await work(rows as First[], runOn(client));
      // Nothing was written, so the answer does not wait for its end.
      client.query('COMMIT').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      );
      return result;
    } catch (error) {
      // One whose transaction cannot be ended is of no use to the next question.
      await client.query('ROLLBACK').then(
        () => client.release(),
        (broken: Error) => client.release(broken),
      );
      throw error;
    }
  }
}

const runOn =
  (client: PoolClient): Run =>
  async <Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query({ name: nameOf(sql), text: sql, values: [...values] })).rows as Row[];

const NAMED_MAX = 500;
const names = new Map<string, string>();

/**
 * Statements are parsed once a connection, with the views and policies they read through, and planned once where
 * PostgreSQL finds that no value changes the plan; so a condition that some questions lack has two statements, not one
 * that says `OR`. There are as many as questions have forms; one beyond the limit is sent whole.
 */
function nameOf(sql: string): string | undefined {
  const known = names.get(sql);
  if (known !== undefined || names.size >= NAMED_MAX) return known;
  const name = `answers-${names.size}`;
  names.set(sql, name);
  return name;
}
