import type { RegionCode } from '@fundflow/domain/region';
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import type { Role } from './policy.js';

/** Where an account comes from: `demo` accounts are known to whoever reads the manual. */
export type UserOrigin = 'demo' | 'setup' | 'admin' | 'built-in';

export interface UserRow {
  /** The pseudonymous id, UUID. */
  id: string;
  login: string;
  roles: Role[];
  region: RegionCode;
  unit: string;
  /** PHC string; null for systems, which have tokens. */
  passwordHash: string | null;
  mustChangePassword: boolean;
  disabled: boolean;
  origin: UserOrigin;
  createdAt: Date;
}

export const userEntity = new EntitySchema<UserRow>({
  name: 'IdentityUser',
  tableName: 'identity_users',
  columns: {
    id: { type: 'uuid', primary: true },
    login: { type: 'text', unique: true },
    roles: { type: 'text', array: true },
    region: { type: 'text' },
    unit: { type: 'text' },
    passwordHash: { name: 'password_hash', type: 'text', nullable: true },
    mustChangePassword: { name: 'must_change_password', type: 'boolean' },
    disabled: { type: 'boolean' },
    origin: { type: 'text' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
  },
});

export interface SessionRow {
  /** SHA-256 of the token; the token itself is nowhere. */
  tokenHash: Buffer;
  userId: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
}

export const sessionEntity = new EntitySchema<SessionRow>({
  name: 'IdentitySession',
  tableName: 'identity_sessions',
  columns: {
    tokenHash: { name: 'token_hash', type: 'bytea', primary: true },
    userId: { name: 'user_id', type: 'uuid' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    lastSeenAt: { name: 'last_seen_at', type: 'timestamptz' },
    expiresAt: { name: 'expires_at', type: 'timestamptz' },
  },
});

export interface BearerTokenRow {
  id: string;
  tokenHash: Buffer;
  userId: string;
  /** What it is for, so that the right one is revoked. */
  name: string;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export const bearerTokenEntity = new EntitySchema<BearerTokenRow>({
  name: 'IdentityBearerToken',
  tableName: 'identity_bearer_tokens',
  columns: {
    id: { type: 'uuid', primary: true },
    tokenHash: { name: 'token_hash', type: 'bytea' },
    userId: { name: 'user_id', type: 'uuid' },
    name: { type: 'text' },
    createdAt: { name: 'created_at', type: 'timestamptz' },
    expiresAt: { name: 'expires_at', type: 'timestamptz' },
    lastUsedAt: { name: 'last_used_at', type: 'timestamptz', nullable: true },
    revokedAt: { name: 'revoked_at', type: 'timestamptz', nullable: true },
  },
});

export interface AccessRecordRow {
  position: string;
  at: Date;
  action: string;
  actorId: string | null;
  subjectId: string | null;
  address: string | null;
  detail: string | null;
}

export const accessRecordEntity = new EntitySchema<AccessRecordRow>({
  name: 'IdentityAccessRecord',
  tableName: 'identity_access_records',
  columns: {
    position: { type: 'bigint', primary: true, generated: 'increment' },
    at: { type: 'timestamptz' },
    action: { type: 'text' },
    actorId: { name: 'actor_id', type: 'uuid', nullable: true },
    subjectId: { name: 'subject_id', type: 'uuid', nullable: true },
    address: { type: 'text', nullable: true },
    detail: { type: 'text', nullable: true },
  },
});

export class IdentityTables1750000000300 implements MigrationInterface {
  readonly name = 'IdentityTables1750000000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity_users (
        id uuid PRIMARY KEY,
        login text COLLATE "C" NOT NULL UNIQUE,
        roles text[] NOT NULL CHECK (cardinality(roles) > 0),
        region text COLLATE "C" NOT NULL,
        unit text NOT NULL,
        password_hash text,
        must_change_password boolean NOT NULL,
        disabled boolean NOT NULL,
        origin text NOT NULL CHECK (origin IN ('demo', 'setup', 'admin', 'built-in')),
        created_at timestamptz NOT NULL,
        CHECK (password_hash IS NULL OR NOT 'system' = ANY(roles))
      )`);
    await runner.query(`
      CREATE TABLE identity_sessions (
        token_hash bytea PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES identity_users,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX identity_sessions_user ON identity_sessions (user_id)');
    await runner.query(`
      CREATE TABLE identity_bearer_tokens (
        id uuid PRIMARY KEY,
        token_hash bytea NOT NULL UNIQUE,
        user_id uuid NOT NULL REFERENCES identity_users,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX identity_tokens_user ON identity_bearer_tokens (user_id)');
    await runner.query(`
      CREATE TABLE identity_access_records (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL,
        action text NOT NULL,
        actor_id uuid,
        subject_id uuid,
        address text,
        detail text
      )`);
    await runner.query(
      'CREATE INDEX identity_access_subject ON identity_access_records (subject_id, position)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['access_records', 'bearer_tokens', 'sessions', 'users']) {
      await runner.query(`DROP TABLE identity_${table}`);
    }
  }
}

export const identityEntities = [userEntity, sessionEntity, bearerTokenEntity, accessRecordEntity];
export const identityMigrations = [IdentityTables1750000000300];
