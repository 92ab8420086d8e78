import pg from 'pg';
import { startTestDatabase } from './test-database.js';

async function ask(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.map((row) => row[0]);
  } finally {
    await client.end();
  }
}

describe('the database of the tests', () => {
  it('gives every spec an empty database of its own on one durable server', async () => {
    const server = await startTestDatabase();
    const [one, other] = await Promise.all([server.createDatabase(), server.createDatabase()]);
    await ask(one, 'CREATE TABLE only_here (x int)');
    expect(await ask(one, `SELECT to_regclass('only_here') IS NOT NULL`)).toEqual([true]);
    expect(await ask(other, `SELECT to_regclass('only_here') IS NOT NULL`)).toEqual([false]);
    expect(await ask(one, 'SHOW fsync')).toEqual(['on']);
  });

  it('is the same server for everybody in this process', async () => {
    const [a, b] = [await startTestDatabase(), await startTestDatabase()];
    expect(a.connectionString).toBe(b.connectionString);
  });

  it('keeps text as Unicode, sorts by bytes and lives in UTC', async () => {
    const { connectionString } = await startTestDatabase();
    expect(await ask(connectionString, 'SHOW server_encoding')).toEqual(['UTF8']);
    expect(await ask(connectionString, 'SHOW timezone')).toEqual(['UTC']);
    expect(await ask(connectionString, `SELECT 'B' < 'a'`)).toEqual([true]);
  });
});
