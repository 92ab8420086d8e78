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

const sessionEntity = new EntitySchema<SessionRow>({
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

const bearerTokenEntity = new EntitySchema<BearerTokenRow>({
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

const accessRecordEntity = new EntitySchema<AccessRecordRow>({
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

class IdentityTables1750000000300 implements MigrationInterface {
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

/** Second factors, external identities, grants by two persons; access records on their way into the log. */
class IdentityDuty1750000000310 implements MigrationInterface {
  readonly name = 'IdentityDuty1750000000310';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of DUTY) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of DUTY_TABLES) await runner.query(`DROP TABLE identity_${table}`);
    await runner.query('ALTER TABLE identity_sessions DROP COLUMN second_factor');
    await runner.query(
      'ALTER TABLE identity_access_records DROP COLUMN record_id, DROP COLUMN logged',
    );
  }
}

const DUTY_TABLES = [
  ...['oidc_sign_ins', 'external_identities', 'recovery_codes', 'totp'],
  ...['factor_demands', 'grants'],
];

const DUTY = [
  `ALTER TABLE identity_access_records
     ADD COLUMN record_id uuid NOT NULL DEFAULT gen_random_uuid(),
     ADD COLUMN logged boolean NOT NULL DEFAULT false`,
  `CREATE INDEX identity_access_unlogged ON identity_access_records (position) WHERE NOT logged`,
  'ALTER TABLE identity_sessions ADD COLUMN second_factor boolean NOT NULL DEFAULT false',
  `CREATE TABLE identity_factor_demands (
     region text COLLATE "C" NOT NULL,
     role text NOT NULL,
     PRIMARY KEY (region, role)
   )`,
  `CREATE TABLE identity_totp (
     user_id uuid PRIMARY KEY REFERENCES identity_users,
     sealed_secret bytea NOT NULL,
     created_at timestamptz NOT NULL,
     confirmed_at timestamptz,
     last_step bigint NOT NULL DEFAULT -1
   )`,
  `CREATE TABLE identity_recovery_codes (
     user_id uuid NOT NULL REFERENCES identity_users,
     code_hash bytea NOT NULL,
     used_at timestamptz,
     PRIMARY KEY (user_id, code_hash)
   )`,
  `CREATE TABLE identity_external_identities (
     issuer text NOT NULL,
     subject text NOT NULL,
     user_id uuid NOT NULL REFERENCES identity_users,
     linked_at timestamptz NOT NULL,
     PRIMARY KEY (issuer, subject),
     UNIQUE (issuer, user_id)
   )`,
  `CREATE TABLE identity_oidc_sign_ins (
     state_hash bytea PRIMARY KEY,
     browser_hash bytea NOT NULL,
     nonce text NOT NULL,
     verifier text NOT NULL,
     link_user_id uuid REFERENCES identity_users,
     expires_at timestamptz NOT NULL
   )`,
  `CREATE TABLE identity_grants (
     id uuid PRIMARY KEY,
     kind text NOT NULL
       CHECK (kind IN ('create-account', 'change-account', 'set-password', 'case')),
     state text NOT NULL CHECK (state IN ('proposed', 'in-force', 'done', 'revoked')),
     account_id uuid REFERENCES identity_users,
     region text COLLATE "C" NOT NULL,
     terms json NOT NULL,
     case_id text,
     until timestamptz,
     proposed_by uuid NOT NULL REFERENCES identity_users,
     proposed_at timestamptz NOT NULL,
     decided_by uuid REFERENCES identity_users,
     decided_at timestamptz,
     alone boolean NOT NULL DEFAULT false,
     CONSTRAINT another_person CHECK (decided_by <> proposed_by OR alone OR state = 'revoked'),
     CHECK (kind <> 'case' OR (account_id IS NOT NULL AND case_id IS NOT NULL AND until IS NOT NULL))
   )`,
  `CREATE INDEX identity_grants_account ON identity_grants (account_id) WHERE kind = 'case'`,
];

/** Anybody may begin a sign-in at a provider: those that are over are found without reading the others. */
class IdentitySignInsOver1750000000320 implements MigrationInterface {
  readonly name = 'IdentitySignInsOver1750000000320';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE INDEX identity_oidc_sign_ins_over ON identity_oidc_sign_ins (expires_at)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX identity_oidc_sign_ins_over');
  }
}

/** A token of a system is a grant of two, too. */
class IdentityTokenGrants1750000000330 implements MigrationInterface {
  readonly name = 'IdentityTokenGrants1750000000330';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE identity_grants DROP CONSTRAINT identity_grants_kind_check,
        ADD CONSTRAINT identity_grants_kind_check CHECK (kind IN
          ('create-account', 'change-account', 'set-password', 'issue-token', 'case'))`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE identity_grants DROP CONSTRAINT identity_grants_kind_check,
        ADD CONSTRAINT identity_grants_kind_check CHECK (kind IN
          ('create-account', 'change-account', 'set-password', 'case'))`);
  }
}

export const identityEntities = [userEntity, sessionEntity, bearerTokenEntity, accessRecordEntity];
export const identityMigrations = [
  ...[IdentityTables1750000000300, IdentityDuty1750000000310],
  ...[IdentitySignInsOver1750000000320, IdentityTokenGrants1750000000330],
];
