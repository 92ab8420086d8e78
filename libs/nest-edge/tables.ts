import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';

/** The first answer to a request with an Idempotency-Key, or the claim of the process that works on it. */
export interface IdempotencyRow {
  /** Pseudonymous id of the asker: two askers never share a key. */
  scope: string;
  key: string;
  /** SHA-256 of method, address and body, hex. */
  digest: string;
  /** The claim of the one attempt that may answer, UUID. */
  holder: string;
  leasedUntil: Date;
  /** Null while the answer is being worked out. */
  status: number | null;
  contentType: string | null;
  /** Null where the answer must not be kept (`doNotKeepAnswer`) or is too long. */
  body: string | null;
  expiresAt: Date;
}

const idempotencyEntity = new EntitySchema<IdempotencyRow>({
  name: 'EdgeIdempotency',
  tableName: 'edge_idempotency',
  columns: {
    scope: { type: 'text', primary: true },
    key: { type: 'text', primary: true },
    digest: { type: 'text' },
    holder: { type: 'uuid' },
    leasedUntil: { name: 'leased_until', type: 'timestamptz' },
    status: { type: 'integer', nullable: true },
    contentType: { name: 'content_type', type: 'text', nullable: true },
    body: { type: 'text', nullable: true },
    expiresAt: { name: 'expires_at', type: 'timestamptz' },
  },
});

/** Random keys that every process of one ledger shares, made by whoever asks first. */
export interface SharedSecretRow {
  name: string;
  secret: Buffer;
}

const sharedSecretEntity = new EntitySchema<SharedSecretRow>({
  name: 'EdgeSharedSecret',
  tableName: 'edge_shared_secret',
  columns: { name: { type: 'text', primary: true }, secret: { type: 'bytea' } },
});

class EdgeTables1750000000100 implements MigrationInterface {
  readonly name = 'EdgeTables1750000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE edge_idempotency (
        scope text NOT NULL,
        key text NOT NULL,
        digest text NOT NULL,
        holder uuid NOT NULL,
        leased_until timestamptz NOT NULL,
        status integer,
        content_type text,
        body text,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (scope, key)
      )`);
    await runner.query('CREATE INDEX edge_idempotency_expiry ON edge_idempotency (expires_at)');
    await runner.query(`
      CREATE TABLE edge_shared_secret (name text PRIMARY KEY, secret bytea NOT NULL)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE edge_shared_secret');
    await runner.query('DROP TABLE edge_idempotency');
  }
}

export const edgeEntities = [idempotencyEntity, sharedSecretEntity];
export const edgeMigrations = [EdgeTables1750000000100];
