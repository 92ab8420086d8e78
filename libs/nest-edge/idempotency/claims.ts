import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { Problem } from '../problem.js';

/** The right of one attempt to work on a key and to answer for it. */
export interface Claim {
  readonly scope: string;
  readonly key: string;
  readonly holder: string;
}

/** What a finished request answered. A null body was not kept. */
export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string | null;
}

export interface ClaimRequest {
  readonly scope: string;
  readonly key: string;
  /** SHA-256 over method, address and body, hex. */
  readonly digest: string;
  /** How long a silent process keeps its claim. */
  readonly leaseMs: number;
  /** How long the answer is kept. */
  readonly keepMs: number;
}

export type ClaimOutcome =
  | { readonly outcome: 'claimed'; readonly claim: Claim }
  | { readonly outcome: 'answered'; readonly answer: Answer };

// One statement decides between racing processes: the row is taken when it is new, outlived its keeping, or its holder
// fell silent over this very request. All times are the database's, so clocks of processes do not matter.
const CLAIM = `
  INSERT INTO edge_idempotency AS held (scope, key, digest, holder, leased_until, expires_at)
  VALUES ($1, $2, $3, $4, now() + $5 * interval '1 ms', now() + $6 * interval '1 ms')
  ON CONFLICT (scope, key) DO UPDATE SET
    digest = excluded.digest, holder = excluded.holder, leased_until = excluded.leased_until,
    expires_at = excluded.expires_at, status = NULL, content_type = NULL, body = NULL
  WHERE (held.expires_at < now() AND (held.status IS NOT NULL OR held.leased_until < now()))
     OR (held.status IS NULL AND held.leased_until < now() AND held.digest = excluded.digest)
  RETURNING held.holder`;

const LOOK = `
  SELECT digest, status, content_type AS "contentType", body,
         ceil(extract(epoch FROM leased_until - now()))::integer AS "leaseSeconds"
  FROM edge_idempotency WHERE scope = $1 AND key = $2`;

interface HeldRow {
  readonly digest: string;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly body: string | null;
  readonly leaseSeconds: number;
}

/** The row may vanish between claiming and looking, when its holder gives up; then the key is free again. */
const ATTEMPTS_MAX = 3;

const reused = () =>
  new Problem({
    status: 422,
    code: 'idempotency-key-reused',
    title: '幂等键已用于另一请求',
    titleEn: 'Idempotency key reused',
    detail: '同一个 Idempotency-Key 不得用于内容不同的请求，请换用新的键。',
  });

const inProgress = (leaseSeconds: number) =>
  new Problem({
    status: 409,
    code: 'idempotency-in-progress',
    title: '相同请求正在处理',
    titleEn: 'Same request in progress',
    detail: '相同请求正在处理，请稍后以同一个 Idempotency-Key 重试。',
    // The answer is usually there at once; a dead holder is waited for by repeated tries.
    headers: { 'retry-after': String(Math.min(Math.max(leaseSeconds, 1), 2)) },
  });

/**
 * Claims the key for one attempt, or finds what the first attempt answered.
 *
 * @throws Problem, first match wins: 422 `idempotency-key-reused` (another request had this key), 409
 * `idempotency-in-progress` (the same request is being worked on)
 */
export async function claimKey(database: DataSource, request: ClaimRequest): Promise<ClaimOutcome> {
  const { scope, key, digest, leaseMs, keepMs } = request;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const holder = randomUUID();
    const values = [scope, key, digest, holder, leaseMs, keepMs];
    const taken = await database.query<{ holder: string }[]>(CLAIM, values);
    if (taken.length > 0) return { outcome: 'claimed', claim: { scope, key, holder } };
    const [held] = await database.query<HeldRow[]>(LOOK, [scope, key]);
    if (held === undefined) continue;
    if (held.digest !== digest) throw reused();
    if (held.status === null) throw inProgress(held.leaseSeconds);
    return { outcome: 'answered', answer: { ...held, status: held.status } };
  }
  throw inProgress(1);
}

/** Keeps the answer for repetitions. A claim that was lost meanwhile changes nothing. */
export async function keepAnswer(
  database: DataSource,
  claim: Claim,
  answer: Answer,
): Promise<void> {
  await database.query(
    `UPDATE edge_idempotency SET status = $4, content_type = $5, body = $6
     WHERE scope = $1 AND key = $2 AND holder = $3 AND status IS NULL`,
    [claim.scope, claim.key, claim.holder, answer.status, answer.contentType, answer.body],
  );
}

/** Frees the key: the attempt failed in a way that a repetition may mend. */
export async function releaseClaim(database: DataSource, claim: Claim): Promise<void> {
  await database.query(
    `DELETE FROM edge_idempotency
     WHERE scope = $1 AND key = $2 AND holder = $3 AND status IS NULL`,
    [claim.scope, claim.key, claim.holder],
  );
}

/**
 * Frees every key without an answer, so that a client need not wait for the leases of a killed process. Only for whoever
 * knows that no other process serves this database.
 */
export async function releaseEveryClaim(database: DataSource): Promise<void> {
  await database.query('DELETE FROM edge_idempotency WHERE status IS NULL');
}

/** Says that these attempts are still being worked on. */
export async function renewClaims(
  database: DataSource,
  holders: readonly string[],
  leaseMs: number,
): Promise<void> {
  await database.query(
    `UPDATE edge_idempotency SET leased_until = now() + $2 * interval '1 ms'
     WHERE holder = ANY($1) AND status IS NULL`,
    [holders, leaseMs],
  );
}

const PURGE_ROWS_MAX = 10_000;

/** Forgets answers that outlived their keeping, at most `PURGE_ROWS_MAX` a call. */
export async function purgeAnswers(database: DataSource): Promise<void> {
  await database.query(
    `DELETE FROM edge_idempotency WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM edge_idempotency
       WHERE expires_at < now() AND (status IS NOT NULL OR leased_until < now()) LIMIT $1))`,
    [PURGE_ROWS_MAX],
  );
}
