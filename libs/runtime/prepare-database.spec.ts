import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { APPLICATION, ensureApplicationLogin } from '@fundflow/embedded-postgres/application-login';
import { startTestDatabase } from '@fundflow/embedded-postgres/test-database';
import { actingAs, READER_ROLE, WORK_ROLE } from '@fundflow/row-security/roles';
import { type DatabaseAddresses, prepareDatabase } from './prepare-database.js';
import { assertSameRelease, DatabaseNotPrepared, ReleaseMismatch } from './release.js';

const PASSWORD = 'of-the-application';

async function within<T>(
  connection: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const rowsOf = <Row extends object>(connection: pg.ClientConfig, sql: string): Promise<Row[]> =>
  within(connection, async (client) => (await client.query<Row>(sql)).rows);

const as = (url: string, user: string): string => {
  const changed = new URL(url);
  changed.username = user;
  changed.password = PASSWORD;
  return changed.href;
};

/** An empty database as the embedded server has it: a superuser who owns it, and the application's login. */
async function emptyDatabase(): Promise<DatabaseAddresses & { readonly owner: string }> {
  const owner = await (await startTestDatabase({ durable: false })).createDatabase();
  await within({ connectionString: owner }, (client) => ensureApplicationLogin(client, PASSWORD));
  return { owner, application: as(owner, APPLICATION) };
}

const refusal = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  );

describe('a database prepared by its owner', () => {
  let addresses: DatabaseAddresses & { readonly owner: string };
  beforeAll(async () => {
    addresses = await emptyDatabase();
    expect(await prepareDatabase(addresses, 'spec')).toEqual({ protected: true, faults: [] });
  });

  it('has an application that owns nothing, bypasses nothing and inherits nothing', async () => {
    const owned = await rowsOf(
      { connectionString: addresses.owner },
      `SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
       WHERE r.rolname IN ('${APPLICATION}', '${WORK_ROLE}', '${READER_ROLE}')`,
    );
    expect(owned).toEqual([]);
    const roles = await rowsOf(
      { connectionString: addresses.owner },
      `SELECT rolname FROM pg_roles
       WHERE rolname IN ('${APPLICATION}', '${WORK_ROLE}', '${READER_ROLE}')
         AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)`,
    );
    expect(roles).toEqual([]);
    const tables = rowsOf({ connectionString: addresses.application }, 'TABLE public.submissions');
    expect(await refusal(tables)).toContain('permission denied');
  });

  it.each([WORK_ROLE, READER_ROLE] as const)(
    'keeps the log from %s, who may read it at most',
    async (role) => {
      const connection = actingAs(role, addresses.application);
      for (const statement of [
        'UPDATE event_store.es_events SET version = 1',
        'DELETE FROM event_store.es_events',
        'TRUNCATE event_store.es_events',
        'INSERT INTO event_store.es_head (position) VALUES (1)',
        'UPDATE event_store.es_head SET position = 9',
        'ALTER TABLE event_store.es_events DISABLE TRIGGER ALL',
        'CREATE TABLE public.mine (id int)',
        'CREATE SCHEMA mine',
        'DROP TABLE public.submissions',
        'UPDATE public.fundflow_migrations SET name = name',
      ]) {
        expect([statement, await refusal(rowsOf(connection, statement))]).toEqual([
          statement,
          expect.stringMatching(/permission denied|must be owner/),
        ]);
      }
    },
  );

  it('refuses to change the log to its owner too', async () => {
    const connection = { connectionString: addresses.owner };
    for (const statement of ['UPDATE', 'DELETE', 'TRUNCATE']) {
      const sql = {
        UPDATE: 'UPDATE event_store.es_events SET version = 1',
        DELETE: 'DELETE FROM event_store.es_events',
        TRUNCATE: 'TRUNCATE event_store.es_events',
      }[statement] as string;
      expect(await refusal(rowsOf(connection, sql))).toContain('append-only');
    }
  });

  it('is found prepared by a process that knows the application alone', async () => {
    const { application } = addresses;
    expect(await prepareDatabase({ application, owner: null }, 'spec')).toEqual({
      protected: true,
      faults: [],
    });
  });

  it('is prepared again without touching a table that somebody reads', async () => {
    await within(actingAs(WORK_ROLE, addresses.application), async (reader) => {
      await reader.query('BEGIN; SELECT FROM public.submissions');
      expect((await prepareDatabase(addresses, 'spec')).protected).toBe(true);
      await reader.query('ROLLBACK');
    });
  });
});

describe('the catalogue of a prepared database', () => {
  let owner: string;
  beforeAll(async () => {
    const addresses = await emptyDatabase();
    ({ owner } = addresses);
    await prepareDatabase(addresses, 'spec');
  });

  it('has policies, forced, on every table with a place in it', async () => {
    const tables = await rowsOf<{ name: string; forced: boolean; policies: number }>(
      { connectionString: owner },
      `SELECT n.nspname || '.' || c.relname AS name,
         c.relrowsecurity AND c.relforcerowsecurity AS forced,
         (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'
         AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
           AND a.attname ~ '(^|_)(region|county|county_key)$')
       ORDER BY 1`,
    );
    expect(tables.length).toBeGreaterThan(8);
    const open = tables.filter(({ forced, policies }) => !forced || policies === 0);
    expect(open.map(({ name }) => name)).toEqual([]);
  });

  it('lets answers read nothing that has no policy of theirs, and write nothing at all', async () => {
    const readable = await rowsOf<{ name: string; guarded: boolean; writable: boolean }>(
      { connectionString: owner },
      `SELECT c.oid::regclass::text AS name, c.relrowsecurity AND EXISTS (
           SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = 'r'
             AND '${READER_ROLE}'::regrole = ANY (p.polroles)) AS guarded,
         has_table_privilege('${READER_ROLE}', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
           AS writable
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'v') AND n.nspname !~ '^(pg_|information_schema)'
         AND has_table_privilege('${READER_ROLE}', c.oid, 'SELECT')
       ORDER BY 1`,
    );
    expect(readable.length).toBeGreaterThan(10);
    expect(readable.filter(({ writable }) => writable)).toEqual([]);
    const open = readable.filter(({ guarded }) => !guarded).map(({ name }) => name);
    // How long the log is; and views that say where money went and no more: libs/projections/lineage.ts.
    expect(open.filter((name) => !name.startsWith('read_side.lineage_'))).toEqual([
      'event_store.es_head',
    ]);
  });
});

describe('the owner who works on tables without lifting them', () => {
  it.each([
    ['has them as this program made them', 'SELECT', null],
    [
      'is told to start this program where an earlier one made them',
      `DELETE FROM fundflow_migrations WHERE name = 'SettingProposals1750000000720'`,
      /表尚未升级（缺 SettingProposals1750000000720）。请以本程序重新启动账本/,
    ],
    [
      'is told to take the later program that lifted them',
      `INSERT INTO fundflow_migrations (timestamp, name) VALUES (9, 'Later9')`,
      /已由更新的程序升级（多 Later9）。请改用那一版本的程序/,
    ],
  ])('%s', async (_, earlier, said) => {
    const addresses = await emptyDatabase();
    await prepareDatabase(addresses, 'spec');
    await within({ connectionString: addresses.owner }, async (client) => {
      await client.query(earlier);
      const asked = assertSameRelease(client);
      if (said === null) return expect(asked).resolves.toBeUndefined();
      await expect(asked).rejects.toThrow(ReleaseMismatch);
      await expect(asked).rejects.toThrow(said);
    });
  });

  it('is not made ready again by a program that is put back', async () => {
    const addresses = await emptyDatabase();
    await prepareDatabase(addresses, 'spec');
    await within({ connectionString: addresses.owner }, (client) =>
      client.query(`INSERT INTO fundflow_migrations (timestamp, name) VALUES (9, 'Later9')`),
    );
    await expect(prepareDatabase(addresses, 'spec')).rejects.toThrow(ReleaseMismatch);
  });

  it('is told to start the ledger once where nobody has', async () => {
    const { owner } = await emptyDatabase();
    const asked = within({ connectionString: owner }, assertSameRelease);
    await expect(asked).rejects.toThrow(DatabaseNotPrepared);
  });
});

describe('other databases', () => {
  it('an empty one is not prepared by a role that may not make tables', async () => {
    const { application } = await emptyDatabase();
    await expect(prepareDatabase({ application, owner: null }, 'spec')).rejects.toThrow(
      DatabaseNotPrepared,
    );
  });

  it('one role for everything is used, and what it can do too much is said', async () => {
    const { owner } = await emptyDatabase();
    const prepared = await prepareDatabase({ application: owner, owner: null }, 'spec');
    expect(prepared).toEqual({ protected: true, faults: ['是超级用户'] });
  });

  it('are prepared by an owner who is no superuser, with the roles of infra/database-roles.sql', async () => {
    const superuser = await (await startTestDatabase({ durable: false })).createDatabase();
    const ledger = `own_${Date.now().toString(36)}`;
    const [owner, application] = [`${ledger}_owner`, `${ledger}_app`];
    const script = await readFile(
      new URL('../../infra/database-roles.sql', import.meta.url),
      'utf8',
    );
    await within({ connectionString: superuser }, async (client) => {
      const statements = script
        .replaceAll(/^--.*$/gm, '')
        .replaceAll(/:"(\w+)"/g, (_, name: 'ledger') => ({ ledger, owner, application })[name])
        .split(';')
        // Roles belong to the whole server, which other tests of this worker have used.
        .filter((one) => one.trim() !== '' && !/CREATE ROLE fundflow_/.test(one));
      for (const statement of statements) await client.query(statement);
      for (const role of [owner, application]) {
        await client.query(`ALTER ROLE ${role} PASSWORD '${PASSWORD}'`);
      }
    });
    const url = new URL(superuser);
    url.pathname = `/${ledger}`;
    const addresses = { owner: as(url.href, owner), application: as(url.href, application) };
    expect(await prepareDatabase(addresses, 'spec')).toEqual({ protected: true, faults: [] });
    const connection = { connectionString: addresses.owner };
    // Forced: the owner is held to policies too, and has one of its own.
    const seen = await rowsOf(connection, 'TABLE read_side.checkpoint');
    expect(seen).toHaveLength(1);
    expect(
      await rowsOf(actingAs(READER_ROLE, addresses.application), 'TABLE read_side.holdings'),
    ).toEqual([]);
  });

  it('tables an earlier program made in the role of the application are given to the owner', async () => {
    const { owner, application } = await emptyDatabase();
    await within({ connectionString: owner }, async (client) => {
      await client.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
      const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
      await client.query(`GRANT CREATE ON DATABASE ${rows[0]?.name} TO ${APPLICATION}`);
    });
    const alone = await prepareDatabase({ application, owner: null }, 'spec');
    expect(alone.faults.join()).toContain('拥有');
    const name = new URL(owner).pathname.slice(1);
    await rowsOf(
      { connectionString: owner },
      `REVOKE CREATE ON DATABASE ${name} FROM ${APPLICATION}`,
    );
    expect(await prepareDatabase({ application, owner }, 'spec')).toEqual({
      protected: true,
      faults: [],
    });
    const left = await rowsOf(
      { connectionString: owner },
      `SELECT c.oid::regclass FROM pg_class c WHERE relowner = '${APPLICATION}'::regrole`,
    );
    expect(left).toEqual([]);
  });
});
